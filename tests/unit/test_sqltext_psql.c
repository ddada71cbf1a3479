/*
 * The splitter against psql itself: psql runs a file against a server that records what it is sent,
 * and the splitter's statements have to be those, byte for byte. Allowed differences, and no other:
 * the ';' that ended a statement, and messages without any token in them.
 *
 * SQLTEXT_RANDOM=N compares N random files instead of 150, SQLTEXT_SEED=N begins with other ones; a
 * failure names the seed of its file.
 */
#include "core/sqltext.h"
#include "fake_backend.h"
#include "sqltext_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CORPUS "tests/unit/sqltext"

#define VARIABLES (sizeof variables / sizeof *variables)

static const char *lookup(void *ud, const char *name, size_t len)
{
    (void)ud;
    for (size_t i = 0; i < VARIABLES; i++) {
        if (strlen(variables[i][0]) == len && memcmp(variables[i][0], name, len) == 0)
            return variables[i][1];
    }
    return NULL;
}

static pid_t start_psql(const char *dir, const char *file)
{
    static char settings[VARIABLES][128];
    const char *argv[16 + 2 * VARIABLES] = {"psql", "-X", "-q", "-w", "-h", dir,  "-p",
                                            "5432", "-U", "u",  "-d", "d",  "-f", file};
    static char home[] = "HOME=/nonexistent", locale[] = "LC_ALL=C";
    char *envp[] = {home, locale, NULL};
    size_t argc = 14;
    pid_t pid;

    for (size_t i = 0; i < VARIABLES; i++) {
        snprintf(settings[i], sizeof settings[i], "%s=%s", variables[i][0], variables[i][1]);
        argv[argc++] = "-v";
        argv[argc++] = settings[i];
    }
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execvpe("psql", (char *const *)argv, envp);
        _exit(127);
    }
    return pid;
}

/* Leaves in the backend what psql sends for the file. */
static void run_psql(fake_backend *backend, const char *file)
{
    int status = -1;
    pid_t pid = start_psql(backend->dir, file);

    assert_true(pid > 0);
    if (!fake_backend_serve(backend, 60)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        fail_msg("%s: psql was not heard to the end (status %d)", file, status);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("%s: psql failed with status %d", file, status);
}

/* White space, comments and semicolons only. This is the test's own reading of the text. */
static bool is_empty(const char *p)
{
    size_t depth;

    for (;;) {
        p += strspn(p, " \t\r\n\f;");
        if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\r\n");
        } else if (p[0] == '/' && p[1] == '*') {
            for (p += 2, depth = 1; *p && depth > 0; p++) {
                if (p[0] == '*' && p[1] == '/')
                    depth--, p++;
                else if (p[0] == '/' && p[1] == '*')
                    depth++, p++;
            }
        } else {
            return *p == '\0';
        }
    }
}

static bool same(const fake_backend *backend, size_t i, const pd_sqlstmt *stmt, bool last)
{
    const char *query = backend->queries[i];
    size_t len = backend->lengths[i];

    if (len == stmt->len + 1 && query[len - 1] == ';')
        len--;
    else if (!last) /* only at the end of the file may the semicolon be missing */
        return false;
    return len == stmt->len && strlen(stmt->text) == len && memcmp(query, stmt->text, len) == 0;
}

static void compare(const fake_backend *backend, const char *file, const pd_sqltext *text)
{
    size_t next = 0, count = pd_sqltext_count(text);

    for (size_t i = 0; i < backend->count; i++) {
        if (is_empty(backend->queries[i]))
            continue;
        if (next == count)
            fail_msg("%s: psql sends more: [%s]", file, backend->queries[i]);
        pd_sqlstmt stmt = pd_sqltext_get(text, next++);
        if (!same(backend, i, &stmt, i + 1 == backend->count))
            fail_msg("%s: statement %zu, line %d\n psql [%s]\n ours [%s]", file, next, stmt.line,
                     backend->queries[i], stmt.text);
    }
    if (next < count)
        fail_msg("%s: psql does not send [%s]", file, pd_sqltext_get(text, next).text);
}

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *data = NULL;

    *len = 0;
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    data = malloc((size_t)ftell(f) + 1);
    assert_non_null(data);
    rewind(f);
    while (!feof(f) && !ferror(f))
        *len += fread(data + *len, 1, 65536, f);
    assert_false(ferror(f));
    fclose(f);
    return data;
}

static void compare_file(fake_backend *backend, const char *file)
{
    pd_sqltext_vars vars = {.lookup = lookup};
    pd_sqltext *text;
    pd_err err;
    size_t len;
    char *src = read_file(file, &len);

    if (!pd_sqltext_split(src, len, &vars, &text, &err))
        fail_msg("%s:%d: %s", file, err.line, err.message);
    run_psql(backend, file);
    compare(backend, file, text);
    pd_sqltext_free(text);
    free(src);
}

static void test_corpus(void **state)
{
    glob_t found;

    assert_int_equal(glob(CORPUS "/*.sql", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 60);
    for (size_t i = 0; i < found.gl_pathc; i++)
        compare_file(*state, found.gl_pathv[i]);
    globfree(&found);
}

static fake_backend *visitor; /* nftw hands nothing through */

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    size_t len = strlen(path);

    (void)st;
    (void)ftw;
    if (strstr(path, "/14_cleanup_repartition.sql")) /* for psql alone: it chooses among files */
        return 0;
    if (type == FTW_F && len > 4 && strcmp(path + len - 4, ".sql") == 0)
        compare_file(visitor, path);
    return 0;
}

/* Every SQL file of the project, which must have none that the splitter refuses. */
static void test_project(void **state)
{
    static const char *const dirs[] = {"sql", "src/sql", "scenarios"};

    visitor = *state;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        nftw(dirs[i], visit, 16, FTW_PHYS);
}

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Random sequences of what the lexers distinguish. What the splitter refuses is closed by a few
 * endings if that is possible, else left alone. */
static pd_sqltext *random_text(uint64_t *seed, char *src, size_t size)
{
    static const char *const endings[] = {"", "'", "\"", "*/", "*/*/", "$$", "$a$", "$ab$", "$t$"};
    pd_sqltext_vars vars = {.lookup = lookup};
    pd_sqltext *text = NULL;
    size_t len = 0, n = 20 + draw(seed) % 150;

    for (size_t i = 0; i < n; i++) {
        const char *piece = pieces[draw(seed) % (sizeof pieces / sizeof *pieces)];
        if (strcmp(piece, "\\") == 0 && draw(seed) % 4 > 0)
            piece = " ";
        if (len + strlen(piece) + 16 < size) {
            strcpy(src + len, piece);
            len += strlen(piece);
        }
    }
    src[len] = '\0';
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !text; i++) {
        strcpy(src + len, endings[i]);
        pd_sqltext_split(src, strlen(src), &vars, &text, NULL);
    }
    return text;
}

static void random_path(const fake_backend *backend, char *path, size_t size)
{
    snprintf(path, size, "%s/random.sql", backend->dir);
}

static void test_random(void **state)
{
    fake_backend *backend = *state;
    const char *wish = getenv("SQLTEXT_RANDOM"), *start = getenv("SQLTEXT_SEED");
    uint64_t seed = start ? strtoull(start, NULL, 10) : 88172645463325252ULL;
    int want = wish ? atoi(wish) : 150, tried = 0;
    char src[8192], path[128];

    random_path(backend, path, sizeof path);
    for (int done = 0; done < want; tried++) {
        uint64_t before = seed;
        pd_sqltext *text = random_text(&seed, src, sizeof src);
        if (!text)
            continue;
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(src, 1, strlen(src), f), strlen(src));
        fclose(f);
        char label[64];
        snprintf(label, sizeof label, "seed %llu", (unsigned long long)before);
        run_psql(backend, path);
        compare(backend, label, text);
        pd_sqltext_free(text);
        done++;
    }
    assert_true(tried < want * 20);
}

static int set_up(void **state)
{
    static fake_backend backend;

    *state = &backend;
    return fake_backend_open(&backend) ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[128];

    random_path(*state, path, sizeof path);
    unlink(path);
    fake_backend_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_project),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

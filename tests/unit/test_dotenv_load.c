/* Reading the file: what counts as one, and who else may read it. */
#include "core/dotenv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "s3cr3tTOP"

static char dir[] = "/tmp/pd-dotenv-XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[100];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void check_mode(const char *text, mode_t mode, size_t warnings)
{
    pd_dotenv env = {0};
    pd_err err;

    write_file(in_dir("mode"), text, mode);
    assert_true(pd_dotenv_load(&env, in_dir("mode"), &err));
    assert_int_equal(env.count, 1);
    assert_int_equal(env.warnings.count, warnings);
    if (warnings > 0) {
        assert_string_equal(env.warnings.items[0].text,
                            "the file holds a password and other users may read it");
        assert_int_equal(env.warnings.items[0].line, 0);
    }
    for (size_t i = 0; i < env.warnings.count; i++)
        assert_null(strstr(env.warnings.items[i].text, SECRET));
    pd_dotenv_free(&env);
}

static void test_file_mode(void **state)
{
    (void)state;
    check_mode("POSTGRES_PASSWORD=" SECRET, 0600, 0);
    check_mode("POSTGRES_PASSWORD=" SECRET, 0640, 1);
    check_mode("POSTGRES_PASSWORD=" SECRET, 0604, 1);
    check_mode("PGPASSWORD=" SECRET, 0666, 1);
    check_mode("PGPASSWORD=", 0666, 0);
    check_mode("POSTGRES_USER=bob", 0644, 0);
}

static void check_load_error(const char *name, const char *want)
{
    pd_dotenv env = {0};
    pd_err err;

    assert_false(pd_dotenv_load(&env, in_dir(name), &err));
    assert_int_equal(err.kind, PD_ERR_CONFIG);
    if (!strstr(err.message, want))
        fail_msg("%s lacks %s", err.message, want);
    assert_int_equal(env.errors.count, 0);
    pd_dotenv_free(&env);
}

static void test_load(void **state)
{
    pd_dotenv env = {0};
    pd_err err;

    (void)state;
    assert_true(pd_dotenv_load(&env, in_dir("missing"), &err));
    assert_int_equal(env.count, 0);
    pd_dotenv_free(&env);
    assert_true(pd_dotenv_load(&env, "/dev/null", &err));
    assert_int_equal(env.count, 0);
    pd_dotenv_free(&env);
    assert_int_equal(symlink("loop", in_dir("loop")), 0);
    check_load_error("loop", "Too many levels of symbolic links");
    assert_int_equal(mkdir(in_dir("folder"), 0700), 0);
    check_load_error("folder", "it is a directory");
    assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
    check_load_error("pipe", "it is not a regular file");
    write_file(in_dir("wrong"), "A=1\nB='" SECRET, 0600);
    assert_false(pd_dotenv_load(&env, in_dir("wrong"), &err));
    assert_string_equal(err.message, "line 2: the quote is not closed");
    pd_dotenv_free(&env);
}

/* root reads everything, so this runs as somebody else when it can. */
static void test_unreadable(void **state)
{
    uid_t me = geteuid();

    (void)state;
    write_file(in_dir("closed"), "A=1", 0000);
    assert_int_equal(chmod(dir, 0755), 0);
    if (me == 0)
        assert_int_equal(seteuid(65534), 0);
    check_load_error("closed", "Permission denied");
    if (me == 0)
        assert_int_equal(seteuid(0), 0);
}

static void test_example(void **state)
{
    static const struct {
        const char *name, *value;
    } want[] = {
        {"POSTGRES_HOST", "localhost"},    {"POSTGRES_PORT", "5438"},
        {"POSTGRES_DB", "partitiondb"},    {"POSTGRES_USER", "postgres"},
        {"POSTGRES_PASSWORD", "postgres"}, {"SIMULATOR_INTERVAL_MS", "2000"},
    };
    pd_dotenv env = {0};
    pd_err err;

    (void)state;
    assert_true(pd_dotenv_load(&env, ".env.example", &err));
    assert_int_equal(env.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < env.count; i++) {
        assert_string_equal(env.entries[i].name, want[i].name);
        assert_string_equal(env.entries[i].value, want[i].value);
    }
    pd_dotenv_free(&env);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const files[] = {"mode", "loop", "pipe", "wrong", "closed"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(in_dir(files[i]));
    rmdir(in_dir("folder"));
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_mode),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_example),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

#include "core/dotenv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ERRORS 20

typedef struct line {
    pd_dotenv *env;
    char *p, *end; /* what is left of the line; *end may be overwritten */
    int number;
} line;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_name(char c, bool first)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static void skip_blanks(line *in)
{
    while (in->p < in->end && is_blank(*in->p))
        in->p++;
}

static bool wrong(line *in, const char *hint, const char *what)
{
    pd_notes_add(&in->env->errors, in->number, hint, "%s", what);
    return false;
}

/* Steps over "export " unless "export" is itself the name. */
static void skip_export(line *in)
{
    char *start = in->p;

    if (in->end - in->p < 7 || memcmp(in->p, "export", 6) != 0 || !is_blank(in->p[6]))
        return;
    in->p += 6;
    skip_blanks(in);
    if (in->p < in->end && *in->p == '=')
        in->p = start;
}

/* Leaves p behind the '='. The name is terminated only by the caller: its end may be that '='. */
static bool take_name(line *in, char **name, char **name_end)
{
    *name = in->p;
    while (in->p < in->end && is_name(*in->p, in->p == *name))
        in->p++;
    *name_end = in->p;
    skip_blanks(in);
    if (in->p < in->end && *in->p == '=' && *name_end > *name) {
        in->p++;
        return true;
    }
    if (in->p < in->end && *in->p == '=')
        return wrong(in, NULL, "no name before the '='");
    if (in->p > *name_end || !memchr(in->p, '=', (size_t)(in->end - in->p)))
        return wrong(in, NULL, "no '=' after the name");
    return wrong(in, NULL, "the name may hold only letters, digits and '_', and no digit first");
}

static char escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '"':
    case '\\':
    case '$':
        return c;
    default:
        return '\0';
    }
}

/* Unquotes in place. */
static bool take_quoted(line *in, char **value)
{
    char quote = *in->p++;
    char *to = in->p;

    *value = to;
    for (; in->p < in->end && *in->p != quote; in->p++) {
        char c = *in->p;
        if (quote == '"' && c == '\\') {
            if (++in->p == in->end)
                break;
            c = escaped(*in->p);
            if (c == '\0')
                return wrong(in,
                             "double quotes know \\n \\t \\r \\\" \\\\ \\$; "
                             "single quotes keep every character",
                             "an unknown escape in double quotes");
        }
        *to++ = c;
    }
    if (in->p >= in->end)
        return wrong(in, "a value ends on its line; write \\n in double quotes for a line break",
                     "the quote is not closed");
    char *close = in->p++;
    skip_blanks(in);
    if (in->p < in->end && (*in->p != '#' || in->p == close + 1))
        return wrong(in, NULL, "more text after the closing quote");
    *to = '\0';
    return true;
}

static void take_plain(line *in, char **value)
{
    char *end = in->p;

    *value = in->p;
    for (; end < in->end; end++)
        if (*end == '#' && is_blank(end[-1]))
            break;
    while (end > in->p && is_blank(end[-1]))
        end--;
    *end = '\0';
}

static void add_entry(line *in, const char *name, const char *value)
{
    pd_dotenv *env = in->env;
    const pd_dotenv_entry *old = pd_dotenv_find(env, name);

    if (old)
        pd_notes_add(&env->warnings, in->number, NULL,
                     "the name is set on line %d too; the last one counts", old->line);
    env->entries[env->count++] =
        (pd_dotenv_entry){.name = name, .value = value, .line = in->number};
}

static bool take_line(line *in)
{
    char *name, *name_end, *value;

    if ((size_t)(in->end - in->p) > PD_DOTENV_MAX_LINE)
        return wrong(in, NULL, "the line is longer than 64 KiB");
    if (memchr(in->p, '\0', (size_t)(in->end - in->p)))
        return wrong(in, "the file has to be UTF-8 text", "a NUL byte");
    skip_blanks(in);
    if (in->p == in->end || *in->p == '#')
        return true;
    skip_export(in);
    if (!take_name(in, &name, &name_end))
        return false;
    skip_blanks(in);
    if (in->env->count == PD_DOTENV_MAX_ENTRIES)
        return wrong(in, NULL, "more than 1000 settings");
    if (in->p < in->end && (*in->p == '"' || *in->p == '\'')) {
        if (!take_quoted(in, &value))
            return false;
    } else {
        take_plain(in, &value);
    }
    *name_end = '\0';
    add_entry(in, name, value);
    return true;
}

static void take_lines(pd_dotenv *env, char *p, char *end)
{
    for (int number = 1; p < end && env->errors.count < MAX_ERRORS; number++) {
        char *eol = memchr(p, '\n', (size_t)(end - p));
        line in = {.env = env, .p = p, .end = eol ? eol : end, .number = number};
        take_line(&in);
        p = eol ? eol + 1 : end;
    }
}

static bool out_of_memory(pd_err *err)
{
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

bool pd_dotenv_parse(pd_dotenv *env, const char *data, size_t len, pd_err *err)
{
    size_t lines = 1;

    if (len > PD_DOTENV_MAX_SIZE)
        return pd_err_set(err, PD_ERR_CONFIG, "the file is larger than 2 MiB");
    for (size_t i = 0; i < len; i++)
        lines += data[i] == '\n';
    if (lines > PD_DOTENV_MAX_ENTRIES)
        lines = PD_DOTENV_MAX_ENTRIES;
    env->text = malloc(len + 1); /* a value on the last line is terminated behind it */
    env->entries = malloc(lines * sizeof *env->entries);
    if (!env->text || !env->entries)
        return out_of_memory(err);
    env->text_size = len + 1;
    if (len > 0)
        memcpy(env->text, data, len);
    size_t start = len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    take_lines(env, env->text + start, env->text + len);

    if (env->errors.out_of_memory || env->warnings.out_of_memory)
        return out_of_memory(err);
    if (env->errors.count == 0)
        return true;
    const pd_note *first = &env->errors.items[0];
    pd_err_set(err, PD_ERR_CONFIG, "line %d: %s", first->line, first->text);
    if (err)
        err->line = first->line;
    return pd_err_hint(err, "%s", first->hint);
}

const pd_dotenv_entry *pd_dotenv_find(const pd_dotenv *env, const char *name)
{
    for (size_t i = env->count; i-- > 0;)
        if (strcmp(env->entries[i].name, name) == 0)
            return &env->entries[i];
    return NULL;
}

static bool holds_password(const pd_dotenv *env)
{
    for (size_t i = 0; i < env->count; i++)
        if (strstr(env->entries[i].name, "PASSWORD") && env->entries[i].value[0] != '\0')
            return true;
    return false;
}

/* Reads to the end of file, whatever size fstat told. */
static bool read_all(int fd, const char *path, char *buf, size_t size, size_t *len, pd_err *err)
{
    *len = 0;
    while (*len < size) {
        ssize_t n = read(fd, buf + *len, size - *len);
        if (n == 0)
            return true;
        if (n > 0)
            *len += (size_t)n;
        else if (errno != EINTR)
            return pd_err_set(err, PD_ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    }
    return true;
}

bool pd_dotenv_load(pd_dotenv *env, const char *path, pd_err *err)
{
    const size_t size = PD_DOTENV_MAX_SIZE + 1; /* one more, so that "too large" is seen */
    struct stat st;
    char *buf = NULL;
    size_t len = 0;
    bool ok = false;
    /* Without O_NONBLOCK a pipe of that name would hang the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    /* In a directory that may not be searched nobody can tell. */
    if (fd < 0 && (errno == ENOENT || (errno == EACCES && access(path, F_OK) != 0)))
        return true;
    if (fd < 0 || fstat(fd, &st) != 0) {
        pd_err_set(err, PD_ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
        goto done;
    }
    if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
        pd_err_set(err, PD_ERR_CONFIG, "cannot read %s: %s", path,
                   S_ISDIR(st.st_mode) ? "it is a directory" : "it is not a regular file");
        goto done;
    }
    buf = malloc(size);
    if (!buf) {
        out_of_memory(err);
        goto done;
    }
    if (!read_all(fd, path, buf, size, &len, err) || !pd_dotenv_parse(env, buf, len, err))
        goto done;
    if (S_ISREG(st.st_mode) && (st.st_mode & 044) != 0 && holds_password(env))
        pd_notes_add(&env->warnings, 0, "chmod 600 .env",
                     "the file holds a password and other users may read it");
    ok = !env->warnings.out_of_memory || out_of_memory(err);
done:
    if (buf) {
        explicit_bzero(buf, len);
        free(buf);
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

void pd_dotenv_free(pd_dotenv *env)
{
    if (env->text)
        explicit_bzero(env->text, env->text_size);
    free(env->text);
    free(env->entries);
    pd_notes_free(&env->errors);
    pd_notes_free(&env->warnings);
    memset(env, 0, sizeof *env);
}

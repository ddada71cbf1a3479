#include "core/sqlsplit.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server takes messages of less than 1 GiB, with what is around the text in them. */
#define STATEMENT_MAX (((size_t)1 << 30) - 64)

void pd_sqlbuild_fail(pd_sqlbuild *build, int line, const char *fmt, ...)
{
    char message[512];
    va_list ap;

    if (build->failed)
        return;
    build->failed = true;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    pd_err_set(build->err, PD_ERR_INPUT, "%s", message);
    if (build->err)
        build->err->line = line;
}

/* Room for `need` elements; array as it was, and failed set, without memory. */
void *pd_sqlbuild_grow(pd_sqlbuild *build, void *array, size_t *cap, size_t need, size_t size)
{
    size_t want = *cap + *cap / 2 + 64;
    void *grown = NULL;

    if (need <= *cap || build->failed)
        return array;
    if (want < need)
        want = need;
    if (want <= SIZE_MAX / 2 / size)
        grown = realloc(array, want * size);
    if (!grown) {
        build->failed = true;
        pd_err_set(build->err, PD_ERR_SYSTEM, "out of memory");
        return array;
    }
    *cap = want;
    return grown;
}

void pd_sqlbuild_line(pd_sqlbuild *build, const char *start)
{
    build->line++;
    build->at = start;
    build->column = 1;
}

bool pd_sqlbuild_started(const pd_sqlbuild *build)
{
    return build->texts_len > build->begin;
}

void pd_sqlbuild_append(pd_sqlbuild *build, const char *text, size_t len)
{
    pd_sqltext *out = build->out;

    if (build->texts_len - build->begin + len > STATEMENT_MAX) {
        pd_sqlbuild_fail(build, build->line, "a statement is longer than 1 GiB");
        return;
    }
    out->texts = pd_sqlbuild_grow(build, out->texts, &build->texts_cap, build->texts_len + len, 1);
    if (build->failed || len == 0)
        return;
    memcpy(out->texts + build->texts_len, text, len);
    build->texts_len += len;
}

/* Each place of a line is asked for in order, so that a line is counted through once. */
static unsigned column_of(pd_sqlbuild *build, const char *at)
{
    for (; build->at < at; build->at++)
        build->column += pd_sql_starts_character(*build->at);
    return build->column;
}

static void map(pd_sqlbuild *build, const char *at, bool fixed)
{
    pd_sqltext *out = build->out;

    if (out->map_count > build->map_begin && build->follow == at &&
        out->map[out->map_count - 1].fixed == fixed)
        return;
    out->map =
        pd_sqlbuild_grow(build, out->map, &build->map_cap, out->map_count + 1, sizeof *out->map);
    if (build->failed)
        return;
    out->map[out->map_count++] = (pd_sqlmap){.at = build->texts_len,
                                             .line = build->line,
                                             .column = column_of(build, at),
                                             .fixed = fixed};
}

/* Adds text that stands in the file. */
void pd_sqlbuild_copy(pd_sqlbuild *build, const char *text, size_t len)
{
    if (len == 0)
        return;
    map(build, text, false);
    build->follow = text + len;
    pd_sqlbuild_append(build, text, len);
}

/* Adds text that stands for what is at `at` in the file. */
void pd_sqlbuild_substitute(pd_sqlbuild *build, const char *text, size_t len, const char *at)
{
    if (len == 0)
        return;
    map(build, at, true);
    build->follow = at;
    pd_sqlbuild_append(build, text, len);
}

static void add_statement(pd_sqlbuild *build)
{
    pd_sqltext *out = build->out;
    pd_sqlentry *stmt = &build->stmt;

    stmt->text = build->begin;
    stmt->len = build->texts_len - build->begin;
    stmt->map = build->map_begin;
    build->begin = build->texts_len; /* the length limit is the statement's, not the comment's */
    pd_sqlbuild_append(build, "", 1);
    stmt->comment = pd_sqlnote_write(build);
    out->stmts =
        pd_sqlbuild_grow(build, out->stmts, &build->stmts_cap, out->count + 1, sizeof *out->stmts);
    if (!build->failed)
        out->stmts[out->count++] = *stmt;
}

/* Ends the statement at its terminator or at the end of the file. */
void pd_sqlbuild_end(pd_sqlbuild *build)
{
    if (build->has_token) {
        add_statement(build);
    } else {
        build->texts_len = build->begin;
        build->out->map_count = build->map_begin;
    }
    build->begin = build->texts_len;
    build->map_begin = build->out->map_count;
    build->has_token = false;
    build->stmt = (pd_sqlentry){0};
    build->note = (pd_sqlnote){0};
    build->end_line = build->line;
}

static void *fit(void *array, size_t size)
{
    void *smaller = size > 0 ? realloc(array, size) : NULL;

    return smaller ? smaller : array;
}

/* Gives back what growing reserved in advance. */
void pd_sqlbuild_finish(pd_sqlbuild *build)
{
    pd_sqltext *out = build->out;

    out->texts = fit(out->texts, build->texts_len);
    out->stmts = fit(out->stmts, out->count * sizeof *out->stmts);
    out->map = fit(out->map, out->map_count * sizeof *out->map);
}

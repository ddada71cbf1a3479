#include "core/sqltext.h"

#include "core/sqlsplit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Values may expand to this many bytes in one file. */
#define EXPANSION_MAX ((size_t)1 << 30)

static int count_lines(const char *p, const char *end)
{
    int lines = 1;

    for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        lines++;
    return lines;
}

/* What psql would not take as a script either, or would take in part. */
static bool acceptable(pd_sqlbuild *build, const char *src, size_t len)
{
    const char *nul;

    if (len >= INT_MAX) {
        pd_sqlbuild_fail(build, 0, "the file is larger than 2 GiB");
    } else if (len >= 5 && memcmp(src, "PGDMP", 5) == 0) {
        pd_sqlbuild_fail(build, 1, "the file is a custom-format dump, not SQL text");
        pd_err_hint(build->err, "Restore it with pg_restore.");
    } else if (len > 0 && (nul = memchr(src, '\0', len)) != NULL) {
        pd_sqlbuild_fail(build, count_lines(src, nul), "the file holds a NUL byte: not SQL text");
        pd_err_hint(build->err, "A file in UTF-16 has to be converted to UTF-8.");
    }
    return !build->failed;
}

/* psql reads line by line: no token but a quote or a comment reaches over a '\n', and an empty
 * line outside of those is as if it were not there. */
static void scan_lines(pd_sqlscan *scan, const char *p, const char *end)
{
    pd_sqlbuild *build = scan->build;

    while (p < end && !build->failed) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop)
            stop = end;
        bool skip = p == stop && !pd_sqlscan_in_quote(scan);
        if (!skip && pd_sqlbuild_started(build))
            pd_sqlbuild_copy(build, p - 1, 1);
        pd_sqlbuild_line(build, p);
        if (!skip) {
            pd_sqlsource line = {.p = p, .end = stop};
            pd_sqlscan_push(scan, &line);
            pd_sqlscan_run(scan);
        }
        p = stop + 1;
    }
}

static void check_closed(pd_sqlscan *scan)
{
    static const char *const what[] = {
        [PD_SQL_QUOTE] = "quoted string",     [PD_SQL_EQUOTE] = "quoted string",
        [PD_SQL_IDENT] = "quoted identifier", [PD_SQL_DOLLAR] = "dollar-quoted string",
        [PD_SQL_COMMENT] = "block comment",
    };

    if (!pd_sqlscan_in_quote(scan))
        return;
    pd_sqlbuild_fail(scan->build, scan->open_line, "unterminated %s", what[scan->state]);
    pd_err_hint(scan->build->err, "It begins on line %d and is still open at the end of the file.",
                scan->open_line);
}

static void scan_file(pd_sqlscan *scan, const char *src, size_t len)
{
    if (!acceptable(scan->build, src, len))
        return;
    size_t bom = len >= 3 && memcmp(src, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    scan_lines(scan, src + bom, src + len);
    if (!scan->build->failed)
        check_closed(scan);
    if (!scan->build->failed)
        pd_sqlbuild_end(scan->build);
    if (!scan->build->failed)
        pd_sqlvars_finish(scan->build);
}

bool pd_sqltext_split(const char *src, size_t len, const pd_sqltext_vars *vars, pd_sqltext **out,
                      pd_err *err)
{
    pd_sqlbuild build = {.err = err, .out = calloc(1, sizeof *build.out)};
    pd_sqlscan scan = {.build = &build, .vars = vars, .budget = EXPANSION_MAX};

    *out = NULL;
    if (!build.out)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    /* Without variables the statements, a NUL for each ';', are no longer than the file. */
    build.out->texts = pd_sqlbuild_grow(&build, build.out->texts, &build.texts_cap, len + 1, 1);
    scan_file(&scan, src, len);
    free(scan.stack);
    free(build.names);
    free(build.table);
    if (build.failed) {
        pd_sqltext_free(build.out);
        return false;
    }
    pd_sqlbuild_finish(&build);
    *out = build.out;
    return true;
}

void pd_sqltext_free(pd_sqltext *text)
{
    if (!text)
        return;
    free(text->texts);
    free(text->stmts);
    free(text->map);
    free(text->names);
    free(text->vars);
    free(text);
}

size_t pd_sqltext_count(const pd_sqltext *text)
{
    return text->count;
}

pd_sqlstmt pd_sqltext_get(const pd_sqltext *text, size_t i)
{
    const pd_sqlentry *entry = &text->stmts[i];
    pd_sqlstmt stmt = {
        .text = text->texts + entry->text,
        .len = entry->len,
        .comment = entry->comment == PD_SQL_NONE ? NULL : text->texts + entry->comment,
        .line = entry->line,
    };

    memcpy(stmt.verb, entry->verb, sizeof stmt.verb);
    return stmt;
}

const pd_sqlvar *pd_sqltext_vars_used(const pd_sqltext *text, size_t *count)
{
    *count = text->var_count;
    return text->vars;
}

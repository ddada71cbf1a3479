/* The comment that belongs to a statement: found while the file is lexed, rendered at its end. */
#include "core/sqlsplit.h"

#include <string.h>

void pd_sqlnote_open(pd_sqlbuild *build, const char *begin)
{
    pd_sqlnote *note = &build->note;
    bool adjacent = note->begin && build->line - note->last_line <= 1;

    if (adjacent && note->trailing && build->line != note->first_line)
        adjacent = false;
    if (adjacent)
        return;
    *note = (pd_sqlnote){.begin = begin,
                         .end = begin,
                         .first_line = build->line,
                         .trailing = build->line == build->end_line};
}

void pd_sqlnote_close(pd_sqlbuild *build, const char *end)
{
    build->note.end = end;
    build->note.last_line = build->line;
}

/* A comment after the previous statement on its line speaks of that one, and one with a blank line
 * below it speaks of the file. */
void pd_sqlnote_settle(pd_sqlbuild *build)
{
    pd_sqlnote *note = &build->note;

    if (build->line - note->last_line > 1 || (note->trailing && build->line != note->first_line))
        note->begin = NULL;
}

/* Yields the lines of a range of comments without the markers. */
typedef struct reader {
    const char *p, *end;
    const char *block_end; /* within a block comment: where its text ends, else NULL */
    const char *line, *line_end;
    bool flush; /* the line began behind a block's opening marker: its indent says nothing */
} reader;

static const char *end_of_block(const char *p, const char *end)
{
    size_t depth = 1;

    for (p += 2; p < end; p++) {
        if (p[0] == '/' && p + 1 < end && p[1] == '*') {
            depth++;
            p++;
        } else if (p[0] == '*' && p + 1 < end && p[1] == '/') {
            if (--depth == 0)
                return p;
            p++;
        }
    }
    return end;
}

static void set_line(reader *r, const char *begin, const char *limit)
{
    const char *p = begin;

    while (p < limit && *p != '\n' && *p != '\r')
        p++;
    r->line = begin;
    r->line_end = p;
    while (r->line_end > r->line && pd_sql_space(r->line_end[-1]))
        r->line_end--;
    r->p = p;
}

/* Drops the "*" that many put before each line of a block comment. */
static void drop_star(reader *r)
{
    const char *p = r->line;

    while (p < r->line_end && pd_sql_space(*p))
        p++;
    if (p < r->line_end && *p == '*' && (p + 1 == r->line_end || pd_sql_space(p[1])))
        r->line = p + 1;
}

static bool next_line(reader *r)
{
    r->flush = false;
    if (r->block_end && r->p < r->block_end) { /* at a line's end: "\r\n" is one */
        if (r->p[0] == '\r' && r->p + 1 < r->block_end && r->p[1] == '\n')
            r->p++;
        set_line(r, r->p + 1, r->block_end);
        drop_star(r);
        return true;
    }
    if (r->block_end) {
        r->p = r->block_end + 2 < r->end ? r->block_end + 2 : r->end;
        r->block_end = NULL;
    }
    while (r->p < r->end && pd_sql_space(*r->p))
        r->p++;
    if (r->end - r->p < 2)
        return false;
    if (r->p[0] == '-') {
        set_line(r, r->p + 2, r->end);
        return true;
    }
    r->block_end = end_of_block(r->p, r->end);
    set_line(r, r->p + 2, r->block_end);
    while (r->line < r->line_end && (pd_sql_space(*r->line) || *r->line == '*'))
        r->line++;
    r->flush = true;
    return true;
}

static size_t common_indent(const pd_sqlnote *note)
{
    reader r = {.p = note->begin, .end = note->end};
    size_t indent = PD_SQL_NONE;

    while (next_line(&r)) {
        const char *p = r.line;
        while (p < r.line_end && pd_sql_space(*p))
            p++;
        if (!r.flush && p < r.line_end && (size_t)(p - r.line) < indent)
            indent = (size_t)(p - r.line);
    }
    return indent;
}

/* Appends the comment to the texts; no empty line first or last. */
size_t pd_sqlnote_write(pd_sqlbuild *build)
{
    reader r = {.p = build->note.begin, .end = build->note.end};
    size_t at = build->texts_len, filled = at;

    if (!r.p)
        return PD_SQL_NONE;
    size_t indent = common_indent(&build->note);
    while (!build->failed && next_line(&r)) {
        size_t len = (size_t)(r.line_end - r.line);
        size_t skip = r.flush ? 0 : indent < len ? indent : len;
        if (build->texts_len > at)
            pd_sqlbuild_append(build, "\n", 1);
        if (filled == at)
            build->texts_len = at;
        pd_sqlbuild_append(build, r.line + skip, len - skip);
        if (len > skip)
            filled = build->texts_len;
    }
    if (build->failed || filled == at) {
        build->texts_len = at;
        return PD_SQL_NONE;
    }
    build->texts_len = filled;
    pd_sqlbuild_append(build, "", 1);
    return at;
}

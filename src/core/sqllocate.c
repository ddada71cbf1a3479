#include "core/sqlsplit.h"

#include <string.h>

/* Walks to the character; from 1 as the server counts. NULL: beyond the end of input. */
static const char *character(const char *text, const char *end, int position)
{
    for (int n = 1; n < position; n++) {
        if (text == end)
            return NULL;
        do {
            text++;
        } while (text < end && !pd_sql_starts_character(*text));
    }
    return text;
}

/* The last entry of the statement's that begins at or before the offset. */
static const pd_sqlmap *entry_at(const pd_sqltext *text, size_t i, size_t offset)
{
    size_t low = text->stmts[i].map;
    size_t high = i + 1 < text->count ? text->stmts[i + 1].map : text->map_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (text->map[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    return &text->map[low];
}

static void place_in_file(const pd_sqltext *text, const pd_sqlmap *entry, const char *at,
                          pd_sqlpos *out)
{
    out->line = entry->line;
    out->column = (int)entry->column;
    out->in_value = entry->fixed;
    if (entry->fixed)
        return;
    for (const char *p = text->texts + entry->at; p < at; p++) {
        if (*p == '\n') {
            out->line++;
            out->column = 1;
        } else if (pd_sql_starts_character(p[1])) {
            out->column++;
        }
    }
}

static int characters(const char *p, const char *end)
{
    int n = 0;

    for (; p < end; p++)
        n += pd_sql_starts_character(*p);
    return n;
}

/* Appends count characters from p; the buffer has room for that many of valid UTF-8. */
static void show(pd_sqlpos *out, const char *p, const char *end, int count)
{
    size_t len = strlen(out->text), room = sizeof out->text - 4; /* 4: dots and NUL */

    for (int n = 0; p < end && len < room; p++) {
        n += pd_sql_starts_character(*p);
        if (n > count)
            break;
        out->text[len++] = (unsigned char)*p < 0x20 || *p == 0x7F ? ' ' : *p;
    }
    out->text[len] = '\0';
}

static bool breaks_line(char c)
{
    return c == '\n' || c == '\r';
}

/* The line around `at`, cut to a window that has two thirds of its width before it. */
static void show_line(const char *text, const char *end, const char *at, pd_sqlpos *out)
{
    const char *begin = at, *stop = at;
    int first = 0;

    while (begin > text && !breaks_line(begin[-1]))
        begin--;
    while (stop < end && !breaks_line(*stop))
        stop++;
    int total = characters(begin, stop), before = characters(begin, at);
    if (total > PD_SQLPOS_COLUMNS && before > PD_SQLPOS_COLUMNS * 2 / 3) {
        first = before - PD_SQLPOS_COLUMNS * 2 / 3;
        if (first > total - PD_SQLPOS_COLUMNS)
            first = total - PD_SQLPOS_COLUMNS;
    }
    out->text[0] = '\0';
    if (first > 0)
        strcat(out->text, "...");
    out->caret = before - first + (first > 0 ? 3 : 0);
    show(out, character(begin, stop, first + 1), stop, PD_SQLPOS_COLUMNS);
    if (total - first > PD_SQLPOS_COLUMNS)
        strcat(out->text, "...");
}

bool pd_sqltext_locate(const pd_sqltext *text, size_t i, int position, pd_sqlpos *out)
{
    if (i >= text->count || position < 1)
        return false;
    const char *begin = text->texts + text->stmts[i].text, *end = begin + text->stmts[i].len;
    const char *at = character(begin, end, position);
    if (!at)
        return false;
    place_in_file(text, entry_at(text, i, (size_t)(at - text->texts)), at, out);
    show_line(begin, end, at, out);
    return true;
}

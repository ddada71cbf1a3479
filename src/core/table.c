#include "core/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct pd_table {
    struct libscols_table *table;
    pd_tablestyle style;
    struct libscols_line **lines; /* by number; owned by table */
    int *depths;                  /* of the lines in the tree */
    long count, room;
};

static bool out_of_memory(pd_err *err)
{
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

pd_table *pd_table_new(const pd_tablestyle *style)
{
    pd_table *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->style = *style;
    t->table = scols_new_table();
    if (!t->table) {
        free(t);
        return NULL;
    }
    scols_table_enable_ascii(t->table, style->ascii);
    scols_table_enable_colors(t->table, style->colour);
    scols_table_enable_noheadings(t->table, !style->headings);
    scols_table_set_termforce(t->table, SCOLS_TERMFORCE_ALWAYS);
    scols_table_set_termwidth(t->table, style->width > 0 ? style->width : 10000);
    scols_table_set_column_separator(t->table, "  ");
    return t;
}

void pd_table_free(pd_table *t)
{
    if (!t)
        return;
    scols_unref_table(t->table);
    free(t->lines);
    free(t->depths);
    free(t);
}

bool pd_table_column(pd_table *t, const char *heading, int flags, pd_err *err)
{
    int scols_flags = 0;

    if (flags & PD_COLUMN_RIGHT)
        scols_flags |= SCOLS_FL_RIGHT;
    if (flags & PD_COLUMN_TREE)
        scols_flags |= SCOLS_FL_TREE;
    if (flags & PD_COLUMN_CUT)
        scols_flags |= SCOLS_FL_TRUNC;
    return scols_table_new_column(t->table, heading, 0, scols_flags) ? true : out_of_memory(err);
}

long pd_table_line(pd_table *t, long parent, pd_err *err)
{
    if (t->count == t->room) {
        long room = t->room ? t->room * 2 : 32;
        struct libscols_line **lines = realloc(t->lines, (size_t)room * sizeof *lines);
        if (!lines) {
            out_of_memory(err);
            return -1;
        }
        t->lines = lines;
        int *depths = realloc(t->depths, (size_t)room * sizeof *depths);
        if (!depths) {
            out_of_memory(err);
            return -1;
        }
        t->depths = depths;
        t->room = room;
    }
    struct libscols_line *above = parent >= 0 ? t->lines[parent] : NULL;
    t->lines[t->count] = scols_table_new_line(t->table, above);
    if (!t->lines[t->count]) {
        out_of_memory(err);
        return -1;
    }
    t->depths[t->count] = above ? t->depths[parent] + 1 : 0;
    return t->count++;
}

/* Signs that turn the direction of what follows: U+200E, U+200F, U+202A-202E, U+2066-2069. They are
 * printable to libsmartcols, but a name with one would garble the rest of its line. */
static bool turns(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;

    if (c[0] != 0xE2 || (c[1] != 0x80 && c[1] != 0x81))
        return false;
    return c[1] == 0x80 ? c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xAA && c[2] <= 0xAE)
                        : c[2] >= 0xA6 && c[2] <= 0xA9;
}

/* Writes text into copy, which has room for three times as much, those signs as <U+202E>. */
static void write_turns(char *copy, const char *text)
{
    while (*text) {
        if (turns(text)) {
            const unsigned char *c = (const unsigned char *)text;
            copy += sprintf(copy, "<U+%04X>",
                            (c[0] & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu));
            text += 3;
        } else {
            *copy++ = *text++;
        }
    }
    *copy = '\0';
}

static bool set_text(struct libscols_cell *cell, const char *text)
{
    const char *c = text;

    while (*c && !turns(c))
        c++;
    if (*c == '\0')
        return scols_cell_set_data(cell, text) == 0;
    char *copy = malloc(3 * strlen(text) + 1);
    if (!copy)
        return false;
    write_turns(copy, text);
    bool ok = scols_cell_set_data(cell, copy) == 0;
    free(copy);
    return ok;
}

bool pd_table_cell(pd_table *t, long line, size_t column, const char *text, const char *colour,
                   pd_err *err)
{
    struct libscols_cell *cell = scols_line_get_cell(t->lines[line], column);

    if (!cell || !set_text(cell, text))
        return out_of_memory(err);
    if (!colour || !t->style.colour || text[0] == '\0') /* colour would hide blanks at the end */
        return true;
    switch (scols_cell_set_color(cell, colour)) {
    case 0:
        return true;
    case -EINVAL:
        return pd_err_set(err, PD_ERR_INPUT, "unknown colour '%s'", colour);
    default:
        return out_of_memory(err);
    }
}

/* libsmartcols pads the last column: nobody wants blanks at the ends of lines. */
static void strip_line_ends(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '\n')
            while (to > text && to[-1] == ' ')
                to--;
        *to++ = *from;
    }
    *to = '\0';
}

/* The cells that text takes on the terminal. *fits: bytes of its longest part that takes at most
 * `room`. */
static size_t cells_of(const char *text, size_t room, size_t *fits)
{
    const char *at = text;
    size_t width = 0;
    mbstate_t state = {0};

    *fits = 0;
    while (*at) {
        wchar_t sign;
        size_t bytes = mbrtowc(&sign, at, strlen(at), &state);
        int cells = bytes > strlen(at) ? -1 : wcwidth(sign);
        if (bytes > strlen(at)) {
            memset(&state, 0, sizeof state);
            bytes = 1;
        }
        width += cells < 0 ? 4 * bytes : (size_t)cells; /* libsmartcols writes \xNN for each byte */
        at += bytes;
        if (width <= room)
            *fits = (size_t)(at - text);
    }
    return width;
}

/* Puts a mark at the end of a text that does not fit into `room` cells; *marked: whether it did. */
static bool mark_cut(struct libscols_cell *cell, size_t room, const char *mark, bool *marked)
{
    const char *text = scols_cell_get_data(cell);
    size_t fits, unused, mark_cells = cells_of(mark, 0, &unused);

    if (!text || room <= mark_cells || cells_of(text, room, &fits) <= room)
        return true;
    cells_of(text, room - mark_cells, &fits);
    char *copy = malloc(fits + strlen(mark) + 1);
    if (!copy)
        return false;
    memcpy(copy, text, fits);
    strcpy(copy + fits, mark);
    bool ok = scols_cell_set_data(cell, copy) == 0;
    free(copy);
    *marked = true;
    return ok;
}

/* libsmartcols cuts without a mark, and knows how wide a column is only when it has printed the
 * table. */
static bool mark_cuts(pd_table *t, bool *marked)
{
    const char *mark = t->style.ascii ? "..." : "\u2026";

    for (size_t c = 0; c < scols_table_get_ncols(t->table); c++) {
        struct libscols_column *column = scols_table_get_column(t->table, c);
        if (!scols_column_is_trunc(column))
            continue;
        size_t width = scols_column_get_width(column);
        for (long i = 0; i < t->count; i++) {
            size_t branch = scols_column_is_tree(column) ? 2 * (size_t)t->depths[i] : 0;
            if (width > branch &&
                !mark_cut(scols_line_get_cell(t->lines[i], c), width - branch, mark, marked))
                return false;
        }
    }
    return true;
}

char *pd_table_print(pd_table *t, pd_err *err)
{
    char *text = NULL, *ended;
    bool marked = false;

    if (scols_table_get_ncols(t->table) == 0) { /* an error to libsmartcols */
        text = strdup("");
        if (!text)
            out_of_memory(err);
        return text;
    }
    if (scols_print_table_to_string(t->table, &text) != 0 || !text) {
        out_of_memory(err);
        return NULL;
    }
    if (t->style.width > 0 && !mark_cuts(t, &marked)) {
        free(text);
        out_of_memory(err);
        return NULL;
    }
    if (marked) {
        free(text);
        text = NULL;
        if (scols_print_table_to_string(t->table, &text) != 0 || !text) {
            out_of_memory(err);
            return NULL;
        }
    }
    ended = realloc(text, strlen(text) + 2);
    if (!ended) {
        free(text);
        out_of_memory(err);
        return NULL;
    }
    if (ended[0] != '\0' && ended[strlen(ended) - 1] != '\n')
        strcat(ended, "\n");
    strip_line_ends(ended);
    return ended;
}

/*
 * Tables and trees as text, drawn by libsmartcols. Control characters in cells are shown escaped,
 * so that a name in the catalog cannot drive the terminal.
 */
#ifndef PD_CORE_TABLE_H
#define PD_CORE_TABLE_H

#include "core/err.h"

typedef struct pd_table pd_table;

enum {
    PD_COLUMN_RIGHT = 1, /* aligned to the right */
    PD_COLUMN_TREE = 2,  /* carries the branches of the tree; one column at most */
    PD_COLUMN_CUT = 4,   /* is cut, with a mark, when the table is wider than the terminal */
};

typedef struct pd_tablestyle {
    size_t width; /* of the terminal in cells; 0 = as wide as needed */
    bool ascii;   /* draw branches with |- instead of box characters */
    bool colour;
    bool headings;
} pd_tablestyle;

/* NULL when memory ran out. */
pd_table *pd_table_new(const pd_tablestyle *style);
void pd_table_free(pd_table *table);

bool pd_table_column(pd_table *table, const char *heading, int flags, pd_err *err);

/* Adds a line under the line with the number `parent` (-1: a root); its number, or -1 with err. */
long pd_table_line(pd_table *table, long parent, pd_err *err);

/* text: UTF-8, copied. colour: "red", "green", ... as util-linux names them, or NULL. */
bool pd_table_cell(pd_table *table, long line, size_t column, const char *text, const char *colour,
                   pd_err *err);

/* The table as text, ending in a newline unless it is empty; the caller frees it. NULL with err on
 * failure. */
char *pd_table_print(pd_table *table, pd_err *err);

#endif

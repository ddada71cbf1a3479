/*
 * A .sql file as psql 15 sees it: split into the statements that psql would send, psql variables
 * substituted, and every position in a statement that is sent traced back to the file.
 *
 * The text of a statement is byte for byte what `psql -f` puts in its Query message, less the
 * terminating ';'. That includes psql's habits: blank lines between lines of a statement are
 * dropped, a leading "--" comment is not sent, a leading block comment is. Statements without any
 * token (";;", a file of comments) are left out: psql sends them, the server answers "empty query".
 *
 * Differences from psql, all on purpose: psql's own commands and COPY FROM STDIN are refused, as is
 * a file that ends inside a quote or comment; psql's built-in variables (DBNAME, USER, ...) exist
 * only if the caller's lookup knows them. UTF-8 and standard_conforming_strings = on are assumed.
 */
#ifndef PD_CORE_SQLTEXT_H
#define PD_CORE_SQLTEXT_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pd_sqltext pd_sqltext; /* a split file; owns everything it hands out */

typedef struct pd_sqltext_vars {
    /* The value of a variable (not NUL-terminated name), NULL = undefined. The value must stay
     * valid and unchanged until pd_sqltext_split returns. A NULL function defines nothing. */
    const char *(*lookup)(void *ud, const char *name, size_t name_len);
    /* What stands in place of an identifier, NULL = itself; a NULL function renames nothing. Asked
     * for every unquoted identifier and key word (in lower case) and for quoted ones that have no
     * quote in them, wherever they stand, but not within strings, dollar quotes and comments. The
     * name goes into the statement as it is, under the same terms as a value. */
    const char *(*rename)(void *ud, const char *name, size_t name_len);
    void *ud;
} pd_sqltext_vars;

typedef struct pd_sqlstmt {
    const char *text; /* NUL-terminated, without the ';' that ends it; holds no NUL itself */
    size_t len;
    const char *comment; /* the comment right above or before it, markers and indent removed, lines
                            joined by '\n'; NULL = none. A blank line between separates them. */
    int line;            /* file line of its first token, from 1 */
    char verb[16];       /* its first word in upper case ("CREATE", cut if long); "" = none */
} pd_sqlstmt;

typedef struct pd_sqlvar {
    const char *name;
    int line; /* of its first use */
    bool defined;
} pd_sqlvar;

enum { PD_SQLPOS_COLUMNS = 120 };

typedef struct pd_sqlpos {
    int line;      /* in the file, from 1 */
    int column;    /* in characters from 1 within that line */
    bool in_value; /* within the value of a variable: line and column are those of its ":name" */
    int caret;     /* characters before the position within text */
    /* The line of the statement as sent that holds the position, at most PD_SQLPOS_COLUMNS
     * characters of it with "..." where it was cut; a tab or control character is one space. */
    char text[(PD_SQLPOS_COLUMNS + 6) * 4 + 1];
} pd_sqlpos;

/*
 * Splits src[len] (any bytes) with the variables of vars (NULL = none). Linear in len plus the
 * length of what variables expand to. On success *out is the caller's to free. On failure nothing
 * is returned: PD_ERR_INPUT with .line for a file that cannot be sent as it is (psql command,
 * COPY FROM STDIN, open quote, NUL byte, invalid UTF-8 in a value to be quoted, ...),
 * PD_ERR_SYSTEM without memory. src is not needed afterwards.
 */
bool pd_sqltext_split(const char *src, size_t len, const pd_sqltext_vars *vars, pd_sqltext **out,
                      pd_err *err);

/* NULL is allowed. */
void pd_sqltext_free(pd_sqltext *text);

size_t pd_sqltext_count(const pd_sqltext *text);

/* Statement i, from 0; i must be below the count. Its pointers live as long as text. */
pd_sqlstmt pd_sqltext_get(const pd_sqltext *text, size_t i);

/*
 * The variables that the file uses, in order of first use; the array lives as long as text.
 * Left out, because they are no sign of a forgotten definition: undefined names that begin with a
 * digit (the slice a[1:2]) and undefined names that are only asked for by :{?name}.
 */
const pd_sqlvar *pd_sqltext_vars_used(const pd_sqltext *text, size_t *count);

/* Where in the file statement i has the character `position` (from 1; PG_DIAG_STATEMENT_POSITION).
 * One past the last character is the end of input. False: there is no such position. */
bool pd_sqltext_locate(const pd_sqltext *text, size_t i, int position, pd_sqlpos *out);

#endif

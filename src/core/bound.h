/*
 * Partition bounds as the catalog tells them, pg_get_expr(relpartbound, oid): parsed, printed again
 * in PostgreSQL's words, and compared. The order of typed values is the server's: it gives each
 * value a rank (core/boundset.h), and this file compares ranks.
 */
#ifndef PD_CORE_BOUND_H
#define PD_CORE_BOUND_H

#include "core/buf.h"
#include "core/err.h"

typedef enum pd_boundkind {
    PD_BOUND_RANGE,
    PD_BOUND_LIST,
    PD_BOUND_HASH,
    PD_BOUND_DEFAULT,
} pd_boundkind;

typedef enum pd_datumkind { /* in the order in which they sort */
                            PD_DATUM_MINVALUE,
                            PD_DATUM_VALUE,
                            PD_DATUM_MAXVALUE,
                            PD_DATUM_NULL,
} pd_datumkind;

typedef struct pd_datum {
    pd_datumkind kind;
    char quote;       /* '\'' quoted, 'B' a bit string, 0 bare: a number or a boolean */
    const char *text; /* of a value, without quotes; owned by the bound */
    long rank;        /* among the values of its key column, from 1; 0 = not known */
} pd_datum;

typedef struct pd_bound {
    pd_boundkind kind;
    size_t count;   /* key columns of a range, values of a list */
    pd_datum *from; /* included; the values of a list */
    pd_datum *to;   /* excluded; of a range */
    int modulus, remainder;
    void *memory; /* of datums and texts */
} pd_bound;

/* Parses "FOR VALUES ..." or "DEFAULT". On failure (PD_ERR_INPUT, PD_ERR_SYSTEM) *bound is empty;
 * else pd_bound_free frees it. */
bool pd_bound_parse(pd_bound *bound, const char *text, pd_err *err);

/* Frees what a bound holds; an empty one (all zero) too. */
void pd_bound_free(pd_bound *bound);

/* Appends the bound as PostgreSQL writes it, and a NUL that does not count in out->len. */
bool pd_bound_print(const pd_bound *bound, pd_buf *out, pd_err *err);

/* Appends "('2024-01-01', MAXVALUE)", and a NUL that does not count. */
bool pd_bound_print_row(const pd_datum *row, size_t count, pd_buf *out, pd_err *err);

/* Below 0, 0, above 0, as a sorts before, with, after b. By rank when both have one, else by text.
 */
int pd_datum_compare(const pd_datum *a, const pd_datum *b);

/* The same for two edges of ranges: columns after a MINVALUE or MAXVALUE do not count. */
int pd_bound_compare_rows(const pd_datum *a, const pd_datum *b, size_t count);

/* The same kind and the same values; the values of a list in any order. */
bool pd_bound_equal(const pd_bound *a, const pd_bound *b);

#endif

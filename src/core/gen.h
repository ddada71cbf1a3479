/*
 * The data generator. A pd_gen is an immutable tree that makes the values of one column; a pd_row
 * is an ordered list of named columns; a pd_stream is one client's random stream with its counters.
 * Same (seed, client) and same rows asked for: same values, whatever the encoding and the timing.
 *
 * Trees and rows count references without locks: make, share and free them in one thread. Making
 * values only reads them, so any number of threads may do that, each with a stream of its own.
 * Constructors return NULL and fill *err (PD_ERR_INPUT, or PD_ERR_SYSTEM when memory runs out);
 * they take a reference of their own to every generator that they are given.
 */
#ifndef PD_CORE_GEN_H
#define PD_CORE_GEN_H

#include "core/buf.h"
#include "core/rng.h"

#include <postgres_ext.h>

/* The PostgreSQL types that are made or bound; the numbers are those of pg_type.dat. */
enum {
    PD_OID_BOOL = 16,
    PD_OID_INT8 = 20,
    PD_OID_INT2 = 21,
    PD_OID_INT4 = 23,
    PD_OID_TEXT = 25,
    PD_OID_JSON = 114,
    PD_OID_FLOAT8 = 701,
    PD_OID_INET = 869,
    PD_OID_BPCHAR = 1042,
    PD_OID_VARCHAR = 1043,
    PD_OID_DATE = 1082,
    PD_OID_TIMESTAMP = 1114,
    PD_OID_TIMESTAMPTZ = 1184,
    PD_OID_NUMERIC = 1700,
    PD_OID_UUID = 2950,
    PD_OID_JSONB = 3802,
};

/* "integer", "timestamp", ... as PostgreSQL writes it; "unknown" for 0 and types not above. */
const char *pd_type_name(Oid type);

/* ---- column generators -------------------------------------------------------------------- */

typedef struct pd_gen pd_gen;

typedef struct pd_text {
    const char *s; /* UTF-8 without a zero byte, not owned */
    size_t len;
} pd_text;

pd_gen *pd_gen_ref(pd_gen *gen);
void pd_gen_unref(pd_gen *gen); /* NULL is allowed */

/* The type of the values; 0 while it hangs on another column of the row or on keys not set. */
Oid pd_gen_type(const pd_gen *gen);

/* Constants draw nothing. Integers are int4 if they fit, else int8. */
pd_gen *pd_gen_const_int(int64_t value, pd_err *err);
pd_gen *pd_gen_const_float(double value, pd_err *err);
pd_gen *pd_gen_const_bool(bool value, pd_err *err);
pd_gen *pd_gen_const_text(pd_text value, pd_err *err);

/* Uniform, both ends included. */
pd_gen *pd_gen_int(int64_t min, int64_t max, pd_err *err);    /* int4 */
pd_gen *pd_gen_bigint(int64_t min, int64_t max, pd_err *err); /* int8 */
pd_gen *pd_gen_float(double min, double max, pd_err *err);    /* float8, max excluded */
/* numeric: min and max in units of 10^-scale, within +-10^18; scale 0..15. */
pd_gen *pd_gen_decimal(int64_t min, int64_t max, int scale, pd_err *err);
pd_gen *pd_gen_bool(double p, pd_err *err); /* true with probability p */

/* One of n generators, by weight; weights NULL = equally likely. The types must be the same, or
 * all of integers and numerics. */
pd_gen *pd_gen_pick(pd_gen *const *items, const double *weights, size_t n, pd_err *err);
/* NULL with probability p, else a value of gen. */
pd_gen *pd_gen_null_some(double p, pd_gen *gen, pd_err *err);

/* "2024-01-31", and for times "2024-01-31 12:34[:56[.789]]" (T for the blank allowed): UTC, years
 * 1 to 9999. The range is that of a partition: from included, to excluded. recent = k makes a value
 * the latest of 1 + k uniform ones (k >= 0, not necessarily whole). precision is the number of
 * digits of a second, 0..6. */
pd_gen *pd_gen_date(const char *from, const char *to, double recent, pd_err *err);
pd_gen *pd_gen_timestamp(const char *from, const char *to, double recent, int precision, bool zoned,
                         pd_err *err);

/* An address of the network "10.0.0.0/8" or "2001:db8::/32"; NULL = any public-looking IPv4 one. */
pd_gen *pd_gen_inet(const char *network, pd_err *err);
pd_gen *pd_gen_uuid(pd_err *err); /* version 4 */

/* min..max characters of the alphabet (UTF-8, at least one; NULL = a-z). */
pd_gen *pd_gen_text(int64_t min, int64_t max, const char *alphabet, pd_err *err);
/* min..max of the words, joined by blanks. */
pd_gen *pd_gen_words(int64_t min, int64_t max, const pd_text *words, size_t n, pd_err *err);
/* %s takes any value, %d and %05d an integer (padded with zeros), %% is a percent sign. NULL as
 * soon as one argument is NULL. */
pd_gen *pd_gen_format(pd_text format, pd_gen *const *args, size_t n, pd_err *err);
/* jsonb: an object of the keys in that order; NULL values are null. */
pd_gen *pd_gen_json(const pd_text *keys, pd_gen *const *values, size_t n, pd_err *err);

/* start, start + step, ... per stream; rather than go beyond last, from start again. int4 if the
 * range fits, else int8. */
pd_gen *pd_gen_serial(int64_t start, int64_t step, int64_t last, pd_err *err);
/* RUN_CLIENT_N in base 36: no two alike, in whatever columns, among all clients of a run and all
 * runs of different tags. At most 35 characters. */
pd_gen *pd_gen_unique(pd_err *err);

/* int8 min..min+n-1 (int4 if that fits), rank k of n drawn with probability ~ k^-theta. */
pd_gen *pd_gen_zipf(int64_t n, double theta, int64_t min, pd_err *err);
/* float8 with scale < 0, else numeric rounded to that scale, and then the bounds must be finite
 * (normal: 12 sd around the mean by default). Bounds that do not matter are -INFINITY, INFINITY. */
pd_gen *pd_gen_normal(double mean, double sd, double min, double max, int scale, pd_err *err);
pd_gen *pd_gen_exponential(double mean, double min, double max, int scale, pd_err *err);

/* Of the same row, a column further left. */
pd_gen *pd_gen_column(pd_text name, pd_err *err);
/* The exact product of such columns (integer or numeric); NULL as soon as one is NULL. */
pd_gen *pd_gen_product(const pd_text *columns, size_t n, pd_err *err);

/* A value out of table.column, which the caller samples and hands in with pd_gen_key_set before the
 * first row is made; theta > 0 prefers the first ones as Zipf does. */
pd_gen *pd_gen_key(pd_text table, pd_text column, double theta, pd_err *err);
bool pd_gen_is_key(const pd_gen *gen);
void pd_gen_key_source(const pd_gen *key, const char **table, const char **column);
/* n >= 1 values in PostgreSQL's text format, copied; types: int2 int4 int8 text varchar bpchar uuid
 * date timestamp timestamptz (the last in UTC). Values up to 1024 bytes. Replaces those set before;
 * rows must be bound (pd_row_bind) after it. Not while another thread makes values. */
bool pd_gen_key_set(pd_gen *key, Oid type, const pd_text *values, size_t n, pd_err *err);

/* ---- rows --------------------------------------------------------------------------------- */

typedef struct pd_row pd_row;

pd_row *pd_row_new(const pd_text *names, pd_gen *const *gens, size_t n, pd_err *err);
void pd_row_free(pd_row *row); /* NULL is allowed */

size_t pd_row_columns(const pd_row *row);
const char *pd_row_name(const pd_row *row, size_t column);
/* The type that the column is sent as: the bound one, else the generator's; see pd_gen_type. */
Oid pd_row_type(const pd_row *row, size_t column);
const Oid *pd_row_types(const pd_row *row); /* all of them, for PQprepare */

/* Writes up to max key generators of the row to out, each once, and returns how many there are. If
 * that is more than max, call again with so much room; one that is there twice may count twice
 * then.
 */
size_t pd_row_keys(const pd_row *row, pd_gen **out, size_t max);

/* A new row, keys included that were set since, with its columns sent as these types (for a domain
 * its base type) with these type modifiers (pg_attribute.atttypmod; NULL = none); types NULL keeps
 * those of the generators. Fails, naming the column, if a value might not fit: integers widen or
 * stay in range, also to numeric; numeric must fit the precision; text goes to text, varchar and
 * bpchar if not longer; jsonb also to json; the rest only to itself. */
pd_row *pd_row_bind(const pd_row *row, const Oid *types, const int *mods, pd_err *err);

/* ---- streams and encodings ---------------------------------------------------------------- */

typedef struct pd_stream pd_stream;

/* run is the tag that keeps unique values of one run apart from those of another: within a run, no
 * two streams may have the same client. The rows that are made with a stream live as long as it. */
pd_stream *pd_stream_new(uint64_t seed, uint32_t client, uint64_t run, pd_err *err);
void pd_stream_free(pd_stream *stream); /* NULL is allowed */
pd_rng *pd_stream_rng(pd_stream *stream);

/* Parameters for PQsendQueryPrepared. All zero to begin with; what the pointers show stays until
 * the next row is made into the same pd_params. NULL values are NULL pointers. */
typedef struct pd_params {
    int n, cap;
    const char **values;
    int *lengths;
    int *formats; /* all 0 (text) or all 1 (binary) */
    pd_buf bytes;
} pd_params;

void pd_params_free(pd_params *params);

/* Each makes one row. They fail if memory runs out or keys are not set; the stream has then
 * drawn an unspecified part of the row. */
bool pd_row_text(const pd_row *row, pd_stream *stream, pd_params *out, pd_err *err);
bool pd_row_binary(const pd_row *row, pd_stream *stream, pd_params *out, pd_err *err);
/* So many rows, made in turn, as the parameters of one statement. */
bool pd_rows_binary(const pd_row *row, size_t rows, pd_stream *stream, pd_params *out, pd_err *err);

/* COPY ... (FORMAT binary): the header, one tuple of a new row (nothing is appended if it
 * fails), the trailer. */
bool pd_copy_begin(pd_buf *out, pd_err *err);
bool pd_copy_row(const pd_row *row, pd_stream *stream, pd_buf *out, pd_err *err);
bool pd_copy_end(pd_buf *out, pd_err *err);

#endif

/* Streams, and whole rows as parameters or as COPY data. */
#include "core/gen_impl.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

pd_stream *pd_stream_new(uint64_t seed, uint32_t client, uint64_t run, pd_err *err)
{
    pd_stream *s = calloc(1, sizeof *s);
    char *p;

    if (!s) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        return NULL;
    }
    pd_rng_init(&s->rng, seed, client, PD_RNG_DATA);
    p = pd_put_base36(s->prefix, run);
    *p++ = '_';
    p = pd_put_base36(p, client);
    *p++ = '_';
    s->prefix_len = (uint8_t)(p - s->prefix);
    return s;
}

void pd_stream_free(pd_stream *s)
{
    if (!s)
        return;
    free(s->counters);
    free(s->vals);
    pd_buf_free(&s->work);
    free(s);
}

pd_rng *pd_stream_rng(pd_stream *s)
{
    return &s->rng;
}

static bool more_vals(pd_stream *s, size_t n, pd_err *err)
{
    pd_val *vals = realloc(s->vals, n * sizeof *vals);

    if (!vals)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    s->vals = vals;
    s->nvals = n;
    return true;
}

static bool keys_missing(const pd_gen *key, pd_err *err)
{
    const char *table, *column;

    pd_gen_key_source(key, &table, &column);
    return pd_err_set(err, PD_ERR_INPUT,
                      "the keys of %s.%s are not set, or the row was not bound since", table,
                      column);
}

/* Makes the values of one row into stream->vals. */
static bool make_row(const pd_row *row, pd_stream *s, pd_err *err)
{
    pd_gen *key;

    if (row->open && pd_row_keys(row, &key, 1) > 0)
        return keys_missing(key, err);
    if ((s->nvals < row->n && !more_vals(s, row->n, err)) ||
        !pd_buf_reserve(&s->work, row->work + 1, err))
        return false;
    s->top = s->work.data;
    s->unset = NULL;
    s->no_memory = false;
    for (size_t i = 0; i < row->n; i++)
        pd_make(row->columns[i].gen, s, &s->vals[i]);
    if (s->no_memory)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    return !s->unset || keys_missing(s->unset, err);
}

static bool more_params(pd_params *out, size_t n, pd_err *err)
{
    const char **values = realloc(out->values, n * sizeof *values);
    int *lengths = realloc(out->lengths, n * sizeof *lengths);
    int *formats = realloc(out->formats, n * sizeof *formats);

    out->values = values ? values : out->values;
    out->lengths = lengths ? lengths : out->lengths;
    out->formats = formats ? formats : out->formats;
    if (!values || !lengths || !formats)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    out->cap = (int)n;
    return true;
}

void pd_params_free(pd_params *params)
{
    free(params->values);
    free(params->lengths);
    free(params->formats);
    pd_buf_free(&params->bytes);
    *params = (pd_params){0};
}

/* The values of the row that was made last, as parameters from number `at` on. */
static void put_params(const pd_row *row, const pd_stream *s, pd_params *out, size_t at,
                       bool binary)
{
    char *p = out->bytes.data + out->bytes.len;

    for (size_t i = 0; i < row->n; i++) {
        const pd_val *val = &s->vals[i];
        char *end = val->tag == V_NULL ? p
                    : binary           ? pd_put_binary(p, val, row->types[i])
                                       : pd_put_text(p, val);
        out->values[at + i] = val->tag == V_NULL ? NULL : p;
        out->lengths[at + i] = (int)(end - p);
        out->formats[at + i] = binary;
        if (!binary)
            *end++ = '\0';
        p = end;
    }
    out->bytes.len = (size_t)(p - out->bytes.data);
}

static bool params(const pd_row *row, size_t rows, pd_stream *s, pd_params *out, bool binary,
                   pd_err *err)
{
    size_t n = row->n * rows;

    out->bytes.len = 0;
    /* Room for all rows at once: the pointers of the first ones must not move. */
    if (((size_t)out->cap < n && !more_params(out, n, err)) ||
        !pd_buf_reserve(&out->bytes, rows * (binary ? row->binary : row->text), err))
        return false;
    for (size_t at = 0; at < n; at += row->n) {
        if (!make_row(row, s, err))
            return false;
        put_params(row, s, out, at, binary);
    }
    out->n = (int)n;
    return true;
}

bool pd_row_text(const pd_row *row, pd_stream *stream, pd_params *out, pd_err *err)
{
    return params(row, 1, stream, out, false, err);
}

bool pd_row_binary(const pd_row *row, pd_stream *stream, pd_params *out, pd_err *err)
{
    return params(row, 1, stream, out, true, err);
}

bool pd_rows_binary(const pd_row *row, size_t rows, pd_stream *stream, pd_params *out, pd_err *err)
{
    return params(row, rows, stream, out, true, err);
}

bool pd_copy_begin(pd_buf *out, pd_err *err)
{
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* no flags, no extension */

    if (!pd_buf_reserve(out, sizeof header, err))
        return false;
    memcpy(out->data + out->len, header, sizeof header);
    out->len += sizeof header;
    return true;
}

bool pd_copy_row(const pd_row *row, pd_stream *s, pd_buf *out, pd_err *err)
{
    const uint16_t n = htobe16((uint16_t)row->n);
    char *p;

    if (!make_row(row, s, err) || !pd_buf_reserve(out, row->binary, err))
        return false;
    p = out->data + out->len;
    memcpy(p, &n, sizeof n);
    p += sizeof n;
    for (size_t i = 0; i < row->n; i++) {
        char *start = p + sizeof(uint32_t);
        uint32_t len = UINT32_MAX; /* NULL */
        p = start;
        if (s->vals[i].tag != V_NULL) {
            p = pd_put_binary(start, &s->vals[i], row->types[i]);
            len = htobe32((uint32_t)(p - start));
        }
        memcpy(start - sizeof len, &len, sizeof len);
    }
    out->len = (size_t)(p - out->data);
    return true;
}

bool pd_copy_end(pd_buf *out, pd_err *err)
{
    if (!pd_buf_reserve(out, 2, err))
        return false;
    memcpy(out->data + out->len, "\377\377", 2);
    out->len += 2;
    return true;
}

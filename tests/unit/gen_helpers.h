/* Shared by the generator's tests. */
#ifndef GEN_HELPERS_H
#define GEN_HELPERS_H

#include "core/gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define T(s) ((pd_text){(s), sizeof(s) - 1})

/* A row of one column named c; takes over the caller's reference. */
static inline pd_row *row_of(pd_gen *gen)
{
    pd_text name = T("c");
    pd_err err = {0};
    pd_row *row;

    assert_non_null(gen);
    row = pd_row_new(&name, &gen, 1, &err);
    if (!row)
        fail_msg("%s", err.message);
    pd_gen_unref(gen);
    return row;
}

static inline pd_stream *stream_of(uint64_t seed, uint32_t client, uint64_t run)
{
    pd_stream *stream = pd_stream_new(seed, client, run, NULL);

    assert_non_null(stream);
    return stream;
}

/* atttypmod of numeric(precision, scale). */
static inline int typmod(int precision, int scale)
{
    return ((precision << 16) | (scale & 0x7FF)) + 4;
}

/* Expects that a constructor failed with that message. */
#define assert_refused(gen, text)                                                                  \
    do {                                                                                           \
        assert_null(gen);                                                                          \
        assert_string_equal(err.message, text);                                                    \
        assert_int_equal(err.kind, PD_ERR_INPUT);                                                  \
    } while (0)

#endif

#include "core/gen_impl.h"

#include <stdlib.h>
#include <string.h>

const int64_t pd_pow10[19] = {1,
                              10,
                              100,
                              1000,
                              10000,
                              100000,
                              1000000,
                              10000000,
                              100000000,
                              1000000000,
                              10000000000,
                              100000000000,
                              1000000000000,
                              10000000000000,
                              100000000000000,
                              1000000000000000,
                              10000000000000000,
                              100000000000000000,
                              1000000000000000000};

const char *pd_type_name(Oid type)
{
    switch (type) {
    case PD_OID_BOOL:
        return "boolean";
    case PD_OID_INT2:
        return "smallint";
    case PD_OID_INT4:
        return "integer";
    case PD_OID_INT8:
        return "bigint";
    case PD_OID_TEXT:
        return "text";
    case PD_OID_JSON:
        return "json";
    case PD_OID_JSONB:
        return "jsonb";
    case PD_OID_FLOAT8:
        return "double precision";
    case PD_OID_INET:
        return "inet";
    case PD_OID_BPCHAR:
        return "character";
    case PD_OID_VARCHAR:
        return "character varying";
    case PD_OID_DATE:
        return "date";
    case PD_OID_TIMESTAMP:
        return "timestamp";
    case PD_OID_TIMESTAMPTZ:
        return "timestamp with time zone";
    case PD_OID_NUMERIC:
        return "numeric";
    case PD_OID_UUID:
        return "uuid";
    default:
        return "unknown";
    }
}

pd_gen *pd_gen_ref(pd_gen *gen)
{
    gen->refs++;
    return gen;
}

void pd_gen_unref(pd_gen *gen)
{
    if (!gen || --gen->refs > 0)
        return;
    for (size_t i = 0; i < gen->nkids; i++)
        pd_gen_unref(gen->kids[i]);
    if (!gen->origin || gen->owns_data)
        free(gen->data);
    if (!gen->origin)
        free(gen->strings);
    pd_gen_unref(gen->origin);
    free(gen);
}

Oid pd_gen_type(const pd_gen *gen)
{
    return gen->type;
}

pd_gen *pd_node_drop(pd_gen *node)
{
    pd_gen_unref(node);
    return NULL;
}

/* The most bytes of a value as text where the type alone says it. */
static size_t type_bytes(Oid type)
{
    switch (type) {
    case PD_OID_BOOL:
        return sizeof "false" - 1;
    case PD_OID_FLOAT8:
        return MAX_FLOAT;
    case PD_OID_DATE:
        return sizeof "2000-01-01" - 1;
    case PD_OID_TIMESTAMP:
        return sizeof "2000-01-01 00:00:00.000000" - 1;
    case PD_OID_TIMESTAMPTZ:
        return sizeof "2000-01-01 00:00:00.000000+00" - 1;
    case PD_OID_INET:
        return MAX_INET;
    case PD_OID_UUID:
        return 36;
    default:
        return 0;
    }
}

pd_gen *pd_node_new(pd_kind kind, pd_tag tag, Oid type, size_t nkids, pd_err *err)
{
    pd_gen *node = NULL;

    if (nkids < SIZE_MAX / sizeof(pd_gen *) / 2)
        node = calloc(1, sizeof *node + nkids * sizeof node->kids[0]);
    if (!node) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        return NULL;
    }
    node->refs = 1;
    node->kind = (uint8_t)kind;
    node->tag = (uint8_t)tag;
    node->type = type;
    node->nkids = nkids;
    node->plain = true;
    node->power = 1;
    node->chars = node->bytes = type_bytes(type);
    return node;
}

bool pd_node_data(pd_gen *node, size_t n, size_t each, size_t strings, pd_err *err)
{
    node->n = n;
    if (n > 0)
        node->data = calloc(n, each);
    if (strings > 0)
        node->strings = calloc(1, strings);
    if ((n > 0 && !node->data) || (strings > 0 && !node->strings)) {
        pd_gen_unref(node);
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    }
    return true;
}

bool pd_node_kid(pd_gen *node, size_t i, pd_gen *kid, pd_err *err)
{
    node->kids[i] = pd_gen_ref(kid);
    if (kid->depth >= MAX_DEPTH)
        return pd_err_set(err, PD_ERR_INPUT, "generators are nested more than %d deep", MAX_DEPTH);
    if (node->depth <= kid->depth)
        node->depth = kid->depth + 1;
    if (!kid->late)
        return true;
    node->copies += kid->copies + !node->late;
    node->late = true;
    return node->copies <= MAX_COPIES ||
           pd_err_set(err, PD_ERR_INPUT,
                      "too many references to columns and keys in one generator");
}

static size_t number_bytes(int64_t value, int scale)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t digits = 1;

    while (left >= 10) {
        left /= 10;
        digits++;
    }
    if (scale > 0)
        digits = (digits > (size_t)scale ? digits : (size_t)scale + 1) + 1;
    return digits + (value < 0);
}

void pd_node_range(pd_gen *node, int64_t min, int64_t max, int scale)
{
    size_t low = number_bytes(min, scale), high = number_bytes(max, scale);

    node->min = min;
    node->max = max;
    node->scale = (uint8_t)scale;
    node->chars = node->bytes = low > high ? low : high;
    if (scale > 0 && min < 0)
        node->chars = node->bytes = node->bytes + 1; /* between the ends, -0.01 is the longest */
}

bool pd_node_text(pd_gen *node, size_t chars, size_t bytes, size_t work, pd_err *err)
{
    if (bytes > MAX_VALUE || work > 2 * MAX_VALUE)
        return pd_err_set(err, PD_ERR_INPUT, "a value may take more than %d bytes", MAX_VALUE);
    node->chars = chars;
    node->bytes = bytes;
    node->work = work;
    return true;
}

/* The bytes of the character that starts with that byte, 0 if none does. */
static size_t char_bytes(unsigned char lead)
{
    if (lead < 0x80)
        return lead > 0;
    return lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

/* What PostgreSQL takes as one character: no overlong form, no surrogate, at most U+10FFFF. */
static bool char_valid(const unsigned char *s, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return false;
    switch (s[0]) {
    case 0xE0:
        return s[1] >= 0xA0;
    case 0xED:
        return s[1] < 0xA0;
    case 0xF0:
        return s[1] >= 0x90;
    case 0xF4:
        return s[1] < 0x90;
    default:
        return true;
    }
}

int64_t pd_text_chars(pd_text text)
{
    const unsigned char *s = (const unsigned char *)text.s;
    int64_t count = 0;

    for (size_t i = 0, n; i < text.len; i += n, count++) {
        n = char_bytes(s[i]);
        if (n == 0 || n > text.len - i || !char_valid(s + i, n))
            return -1;
    }
    return count;
}

bool pd_text_plain(pd_text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.s[i] < 0x20 || text.s[i] == '"' || text.s[i] == '\\')
            return false;
    return true;
}

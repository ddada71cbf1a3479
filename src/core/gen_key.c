/* Keys of an existing column: the slot where they go, and the values that were set. */
#include "core/civil.h"
#include "core/gen_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

pd_gen *pd_gen_key(pd_text table, pd_text column, double theta, pd_err *err)
{
    pd_zipf zipf;
    pd_gen *g;

    if (table.len == 0 || column.len == 0 || table.len > MAX_KEY || column.len > MAX_KEY ||
        pd_text_chars(table) < 0 || pd_text_chars(column) < 0) {
        pd_err_set(err, PD_ERR_INPUT, "that is not the name of a table and of a column");
        return NULL;
    }
    if (!pd_zipf_init(&zipf, 1, theta, err))
        return NULL;
    g = pd_node_new(G_KEY, V_NULL, 0, 1, err);
    if (!g || !pd_node_data(g, 0, 0, table.len + column.len + 2, err))
        return NULL;
    memcpy(g->strings, table.s, table.len);
    memcpy(g->strings + table.len + 1, column.s, column.len);
    g->late = true;
    g->copies = 1;
    g->zipf = zipf;
    return g;
}

bool pd_gen_is_key(const pd_gen *gen)
{
    return gen->kind == G_KEY;
}

void pd_gen_key_source(const pd_gen *key, const char **table, const char **column)
{
    *table = key->strings;
    *column = key->strings + strlen(key->strings) + 1;
}

static bool parse_int(const char *text, int64_t *value)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    *value = number;
    return end != text && *end == '\0' && errno == 0;
}

static bool parse_uuid(const char *text, uint8_t *bytes)
{
    static const char hex[] = "0123456789abcdef";
    int nibble = 0;

    for (; *text; text++) {
        const char *digit = strchr(hex, *text | 0x20);
        if (*text == '-')
            continue;
        if (!digit || nibble == 32)
            return false;
        bytes[nibble / 2] = (uint8_t)(bytes[nibble / 2] << 4 | (digit - hex));
        nibble++;
    }
    return nibble == 32;
}

/* text ends in a zero byte and stays. */
static bool parse(Oid type, const char *text, size_t len, pd_val *val)
{
    int32_t days = 0;

    switch (type) {
    case PD_OID_INT4:
    case PD_OID_INT8:
        val->tag = V_INT;
        return parse_int(text, &val->i);
    case PD_OID_UUID:
        val->tag = V_UUID;
        return parse_uuid(text, val->bytes);
    case PD_OID_DATE:
        val->tag = V_DATE;
        if (!pd_civil_parse_date(text, &days, NULL))
            return false;
        val->i = days;
        return true;
    case PD_OID_TIMESTAMP:
    case PD_OID_TIMESTAMPTZ:
        val->tag = type == PD_OID_TIMESTAMP ? V_TIME : V_ZONED;
        return pd_civil_parse_time(text, &val->i, NULL);
    default:
        *val = (pd_val){.tag = V_TEXT, .len = (uint32_t)len, .s = text};
        val->plain = pd_text_plain((pd_text){text, len});
        return pd_text_chars((pd_text){text, len}) >= 0;
    }
}

/* The type that values of that column type are made as; 0 if keys cannot have it. */
static Oid key_type(Oid type)
{
    switch (type) {
    case PD_OID_INT2:
        return PD_OID_INT4;
    case PD_OID_VARCHAR:
    case PD_OID_BPCHAR:
        return PD_OID_TEXT;
    case PD_OID_INT4:
    case PD_OID_INT8:
    case PD_OID_TEXT:
    case PD_OID_UUID:
    case PD_OID_DATE:
    case PD_OID_TIMESTAMP:
    case PD_OID_TIMESTAMPTZ:
        return type;
    default:
        return 0;
    }
}

/* Parses into the node, and widens its range or its size to the value. */
static bool add(pd_gen *g, char **p, const pd_text *value, size_t i)
{
    pd_val *val = (pd_val *)g->data + i;

    memcpy(*p, value->s, value->len);
    if (value->len > MAX_KEY || memchr(value->s, '\0', value->len) ||
        !parse(g->type, *p, value->len, val))
        return false;
    *p += value->len + 1;
    if (val->tag == V_INT) {
        pd_node_range(g, i == 0 || val->i < g->min ? val->i : g->min,
                      i == 0 || val->i > g->max ? val->i : g->max, 0);
    } else if (val->tag == V_TEXT) {
        size_t chars = (size_t)pd_text_chars((pd_text){val->s, val->len});
        g->chars = chars > g->chars ? chars : g->chars;
        g->bytes = val->len > g->bytes ? val->len : g->bytes;
        g->plain = g->plain && val->plain;
    }
    return true;
}

bool pd_gen_key_set(pd_gen *key, Oid type, const pd_text *values, size_t n, pd_err *err)
{
    const char *table, *column;
    size_t bytes = 0;
    char *p;
    pd_gen *g;

    pd_gen_key_source(key, &table, &column);
    if (n == 0)
        return pd_err_set(err, PD_ERR_INPUT, "there are no keys in %s.%s", table, column);
    if (key_type(type) == 0)
        return pd_err_set(err, PD_ERR_INPUT, "keys of %s.%s have type %s, which is not supported",
                          table, column, pd_type_name(type));
    for (size_t i = 0; i < n; i++)
        bytes += values[i].len + 1;
    g = pd_node_new(G_KEYS, V_NULL, key_type(type), 0, err);
    if (!g || !pd_node_data(g, n, sizeof(pd_val), bytes, err))
        return false;
    p = g->strings;
    for (size_t i = 0; i < n; i++)
        if (!add(g, &p, &values[i], i)) {
            pd_gen_unref(g);
            return pd_err_set(err, PD_ERR_INPUT, "key %zu of %s.%s is not of type %s", i + 1, table,
                              column, pd_type_name(type));
        }
    g->tag = ((pd_val *)g->data)->tag;
    if (key->zipf.theta > 0)
        pd_zipf_init(&g->zipf, (int64_t)n, key->zipf.theta, NULL);
    else
        g->zipf.n = 0;
    pd_gen_unref(key->kids[0]);
    key->kids[0] = g;
    return true;
}

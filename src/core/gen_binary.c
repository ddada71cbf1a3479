/* Values in PostgreSQL's binary formats: what the types' receive functions read. */
#include "core/gen_impl.h"

#include <endian.h>
#include <string.h>

enum {
    FAMILY_V4 = 2, /* PGSQL_AF_INET */
    FAMILY_V6 = 3, /* PGSQL_AF_INET6 */
    NUMERIC_NEG = 0x4000,
};

static inline char *put16(char *p, uint16_t value)
{
    value = htobe16(value);
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static inline char *put32(char *p, uint32_t value)
{
    value = htobe32(value);
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static inline char *put64(char *p, uint64_t value)
{
    value = htobe64(value);
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

/* Digits in base 10000, the point between two of them, without zeros at either end. */
static char *put_numeric(char *p, int64_t value, int scale)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = (uint64_t)pd_pow10[scale], whole = left / unit;
    int fractions = (scale + 3) / 4, n = 0, weight = -1;
    uint64_t part = left % unit * (uint64_t)pd_pow10[fractions * 4 - scale];
    uint16_t digits[9]; /* 5 before the point, 4 after it */
    int first = 5, last = 5 + fractions;

    for (int i = last; i > 5; i--, part /= 10000)
        digits[i - 1] = (uint16_t)(part % 10000);
    for (; whole > 0; whole /= 10000, weight++)
        digits[--first] = (uint16_t)(whole % 10000);
    for (; first < last && digits[first] == 0; weight--)
        first++;
    while (last > first && digits[last - 1] == 0)
        last--;
    n = last - first;
    p = put16(p, (uint16_t)n);
    p = put16(p, (uint16_t)(n > 0 ? weight : 0));
    p = put16(p, value < 0 ? NUMERIC_NEG : 0);
    p = put16(p, (uint16_t)scale);
    while (first < last)
        p = put16(p, digits[first++]);
    return p;
}

static char *put_inet(char *p, const pd_val *val)
{
    *p++ = val->len == 4 ? FAMILY_V4 : FAMILY_V6;
    *p++ = (char)(val->len * 8);
    *p++ = 0; /* inet, not cidr */
    *p++ = (char)val->len;
    memcpy(p, val->bytes, val->len);
    return p + val->len;
}

char *pd_put_binary(char *p, const pd_val *val, Oid type)
{
    uint64_t bits;

    switch (type) {
    case PD_OID_BOOL:
        *p = (char)val->i;
        return p + 1;
    case PD_OID_INT2:
        return put16(p, (uint16_t)val->i);
    case PD_OID_INT4:
    case PD_OID_DATE:
        return put32(p, (uint32_t)val->i);
    case PD_OID_INT8:
    case PD_OID_TIMESTAMP:
    case PD_OID_TIMESTAMPTZ:
        return put64(p, (uint64_t)val->i);
    case PD_OID_FLOAT8:
        memcpy(&bits, &val->d, sizeof bits);
        return put64(p, bits);
    case PD_OID_NUMERIC:
        return put_numeric(p, val->i, val->scale);
    case PD_OID_INET:
        return put_inet(p, val);
    case PD_OID_UUID:
        memcpy(p, val->bytes, 16);
        return p + 16;
    case PD_OID_JSONB:
        *p++ = 1; /* the version of the format */
        /* fall through */
    default:
        memcpy(p, val->s, val->len);
        return p + val->len;
    }
}

size_t pd_binary_size(Oid type, size_t text_bytes)
{
    switch (type) {
    case PD_OID_NUMERIC:
        return 8 + 9 * sizeof(uint16_t);
    case PD_OID_TEXT:
    case PD_OID_VARCHAR:
    case PD_OID_BPCHAR:
    case PD_OID_JSON:
    case PD_OID_JSONB:
        return 1 + text_bytes;
    default:
        return 20; /* inet of version 6 is the longest */
    }
}

/* Values as text: what PostgreSQL prints, and what JSON wants. */
#include "core/civil.h"
#include "core/gen_impl.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char pairs[] =
    "00010203040506070809" "10111213141516171819" "20212223242526272829" "30313233343536373839"
    "40414243444546474849" "50515253545556575859" "60616263646566676869" "70717273747576777879"
    "80818283848586878889" "90919293949596979899";
/* clang-format on */

static inline char *put_pair(char *p, unsigned value)
{
    memcpy(p, pairs + value * 2, 2);
    return p + 2;
}

char *pd_put_uint(char *p, uint64_t value)
{
    char digits[20], *d = digits + sizeof digits;

    while (value >= 100) {
        d -= 2;
        memcpy(d, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        d -= 2;
        memcpy(d, pairs + value * 2, 2);
    } else {
        *--d = (char)('0' + value);
    }
    size_t len = (size_t)(digits + sizeof digits - d);
    memcpy(p, d, len);
    return p + len;
}

static inline uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

char *pd_put_int(char *p, int64_t value)
{
    if (value < 0)
        *p++ = '-';
    return pd_put_uint(p, magnitude(value));
}

char *pd_put_base36(char *p, uint64_t value)
{
    char digits[13], *d = digits + sizeof digits;

    do {
        *--d = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
        value /= 36;
    } while (value > 0);
    size_t len = (size_t)(digits + sizeof digits - d);
    memcpy(p, d, len);
    return p + len;
}

/* Exactly n digits. */
static char *put_digits(char *p, uint64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + n;
}

static char *put_decimal(char *p, int64_t value, int scale)
{
    uint64_t left = magnitude(value), unit = (uint64_t)pd_pow10[scale];

    if (value < 0)
        *p++ = '-';
    p = pd_put_uint(p, left / unit);
    if (scale == 0)
        return p;
    *p++ = '.';
    return put_digits(p, left % unit, scale);
}

/* The shortest text that reads back as the same number, whatever the locale's decimal point. */
static char *put_float(char *p, double value)
{
    char text[64];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (const char *s = text; *s; s++) {
        if (strchr("0123456789+-e", *s)) {
            *p++ = *s;
            continue;
        }
        *p++ = '.';
        while (s[1] && !strchr("0123456789+-e", s[1]))
            s++;
    }
    return p;
}

static char *put_date(char *p, int32_t days)
{
    pd_civil c = pd_civil_from_days(days);

    p = put_pair(p, (unsigned)c.year / 100);
    p = put_pair(p, (unsigned)c.year % 100);
    *p++ = '-';
    p = put_pair(p, (unsigned)c.month);
    *p++ = '-';
    return put_pair(p, (unsigned)c.day);
}

static char *put_time(char *p, int64_t usec)
{
    int64_t days = usec / PD_DAY_USEC - (usec % PD_DAY_USEC < 0);
    uint64_t rest = (uint64_t)(usec - days * PD_DAY_USEC);
    unsigned seconds = (unsigned)(rest / 1000000), fraction = (unsigned)(rest % 1000000);

    p = put_date(p, (int32_t)days);
    *p++ = ' ';
    p = put_pair(p, seconds / 3600);
    *p++ = ':';
    p = put_pair(p, seconds / 60 % 60);
    *p++ = ':';
    p = put_pair(p, seconds % 60);
    if (fraction == 0)
        return p;
    *p++ = '.';
    p = put_digits(p, fraction, 6);
    while (p[-1] == '0')
        p--;
    return p;
}

static char *put_inet(char *p, const pd_val *val)
{
    char text[INET6_ADDRSTRLEN];
    size_t len;

    if (val->len == 4) {
        for (int i = 0; i < 4; i++) {
            p = pd_put_uint(p, val->bytes[i]);
            *p++ = '.';
        }
        return p - 1;
    }
    inet_ntop(AF_INET6, val->bytes, text, sizeof text);
    len = strlen(text);
    memcpy(p, text, len);
    return p + len;
}

static char *put_uuid(char *p, const uint8_t *bytes)
{
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = "0123456789abcdef"[bytes[i] >> 4];
        *p++ = "0123456789abcdef"[bytes[i] & 15];
    }
    return p;
}

static inline char *put_bytes(char *p, const char *s, size_t len)
{
    memcpy(p, s, len);
    return p + len;
}

char *pd_put_text(char *p, const pd_val *val)
{
    switch ((pd_tag)val->tag) {
    case V_NULL:
        return p;
    case V_INT:
        return pd_put_int(p, val->i);
    case V_DECIMAL:
        return put_decimal(p, val->i, val->scale);
    case V_FLOAT:
        return put_float(p, val->d);
    case V_BOOL:
        return val->i ? put_bytes(p, "true", 4) : put_bytes(p, "false", 5);
    case V_TEXT:
    case V_JSON:
        return put_bytes(p, val->s, val->len);
    case V_DATE:
        return put_date(p, (int32_t)val->i);
    case V_TIME:
        return put_time(p, val->i);
    case V_ZONED:
        return put_bytes(put_time(p, val->i), "+00", 3);
    case V_INET:
        return put_inet(p, val);
    case V_UUID:
        return put_uuid(p, val->bytes);
    }
    return p;
}

static char *put_escaped(char *p, const char *s, size_t len)
{
    for (const char *end = s + len; s < end; s++) {
        unsigned char c = (unsigned char)*s;
        if (c >= 0x20 && c != '"' && c != '\\') {
            *p++ = *s;
        } else if (c >= 0x20) {
            *p++ = '\\';
            *p++ = *s;
        } else {
            p = put_bytes(p, "\\u00", 4);
            *p++ = "01"[c >> 4];
            *p++ = "0123456789abcdef"[c & 15];
        }
    }
    return p;
}

char *pd_put_json(char *p, const pd_val *val)
{
    switch ((pd_tag)val->tag) {
    case V_NULL:
        return put_bytes(p, "null", 4);
    case V_INT:
    case V_DECIMAL:
    case V_FLOAT:
    case V_BOOL:
    case V_JSON:
        return pd_put_text(p, val);
    case V_TEXT:
        *p++ = '"';
        p = val->plain ? put_bytes(p, val->s, val->len) : put_escaped(p, val->s, val->len);
        break;
    default:
        *p++ = '"';
        p = pd_put_text(p, val);
        break;
    }
    *p++ = '"';
    return p;
}

#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf may have cut a multi-byte character in half: drop what is left of it. */
static void drop_partial_character(char *text)
{
    size_t len = strlen(text), back = 0;

    while (back < 4 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back == len)
        return;
    unsigned char lead = (unsigned char)text[len - 1 - back];
    size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (back < want)
        text[len - 1 - back] = '\0';
}

static void format(char *dst, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(dst, size, fmt, ap);

    if (n >= 0 && (size_t)n >= size)
        drop_partial_character(dst);
}

bool pd_err_set(pd_err *err, pd_errkind kind, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return false;
    memset(err, 0, sizeof *err);
    err->kind = kind;
    va_start(ap, fmt);
    format(err->message, sizeof err->message, fmt, ap);
    va_end(ap);
    return false;
}

bool pd_err_hint(pd_err *err, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return false;
    va_start(ap, fmt);
    format(err->hint, sizeof err->hint, fmt, ap);
    va_end(ap);
    return false;
}

const char *pd_err_kind_name(pd_errkind kind)
{
    static const char *const names[] = {
        [PD_ERR_NONE] = "none",       [PD_ERR_SQL] = "sql",
        [PD_ERR_CONN] = "connection", [PD_ERR_CONFIG] = "config",
        [PD_ERR_SERVER] = "server",   [PD_ERR_INPUT] = "input",
        [PD_ERR_SYSTEM] = "system",   [PD_ERR_INTERRUPT] = "interrupt",
    };
    return names[kind];
}

void pd_err_copy(char *dst, size_t size, const char *src)
{
    size_t len = src ? strlen(src) : 0;
    bool cut = len >= size;

    if (cut)
        len = size - 1;
    if (len > 0)
        memcpy(dst, src, len);
    dst[len] = '\0';
    if (cut)
        drop_partial_character(dst);
}

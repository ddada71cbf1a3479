#include "core/config_parts.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pd_config_block {
    struct pd_config_block *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};

#define BLOCK_SIZE ((size_t)16 * 1024)

void *pd_config_alloc(resolver *r, size_t size)
{
    struct pd_config_block *b = r->cfg->blocks;
    size_t need = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    if (!b || b->size - b->used < need) {
        size_t room = need > BLOCK_SIZE ? need : BLOCK_SIZE;
        b = calloc(1, sizeof *b + room);
        if (!b) {
            r->out_of_memory = true;
            return NULL;
        }
        b->size = room;
        b->next = r->cfg->blocks;
        r->cfg->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    return p;
}

const char *pd_config_copy(resolver *r, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = pd_config_alloc(r, size);

    return copy ? memcpy(copy, text, size) : "";
}

const char *pd_config_printf(resolver *r, const char *fmt, ...)
{
    va_list ap, again;
    char *text = NULL;

    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len >= 0)
        text = pd_config_alloc(r, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, fmt, ap);
    va_end(ap);
    return text ? text : "";
}

/* Length of the well-formed, printable UTF-8 character at p; 0 when it is to be escaped. */
static size_t printable_length(const unsigned char *p)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = *p < 0x80 ? 1 : *p < 0xC2 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF5 ? 4 : 0;

    if (len <= 1)
        return *p < 0x20 || *p == 0x7F ? 0 : len;
    uint32_t code = *p & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    bool bad = code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
    bool control = code < 0xA0 || code == 0x2028 || code == 0x2029 ||
                   (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return bad || control ? 0 : len;
}

const char *pd_config_printable(resolver *r, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = pd_config_alloc(r, strlen(text) * 4 + 1), *to = out;
    const unsigned char *p = (const unsigned char *)text;

    if (!out)
        return "";
    while (*p) {
        size_t len = printable_length(p);
        if (len > 0) {
            memcpy(to, p, len);
            to += len;
            p += len;
            continue;
        }
        *to++ = '\\';
        *to++ = 'x';
        *to++ = hex[*p >> 4];
        *to++ = hex[*p & 15];
        p++;
    }
    *to = '\0';
    return out;
}

void pd_config_free(pd_config *cfg)
{
    if (!cfg)
        return;
    for (struct pd_config_block *b = cfg->blocks, *next; b; b = next) {
        next = b->next;
        explicit_bzero(b->bytes, b->used);
        free(b);
    }
    pd_notes_free(&cfg->warnings);
    free(cfg);
}

void pd_config_scrub_arg(char *arg)
{
    memset(arg, 'x', strlen(arg));
}

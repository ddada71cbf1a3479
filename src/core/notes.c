#include "core/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool append(pd_notes *notes, int line, const char *hint, const char *fmt, va_list ap)
{
    va_list again;
    int len;
    size_t hint_size = strlen(hint) + 1;
    pd_note *items;
    char *text;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        return false;
    items = realloc(notes->items, (notes->count + 1) * sizeof *items);
    if (!items)
        return false;
    notes->items = items;
    text = malloc((size_t)len + 1 + hint_size);
    if (!text)
        return false;
    vsnprintf(text, (size_t)len + 1, fmt, ap);
    memcpy(text + len + 1, hint, hint_size);
    items[notes->count++] = (pd_note){.line = line, .text = text, .hint = text + len + 1};
    return true;
}

void pd_notes_add(pd_notes *notes, int line, const char *hint, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (!append(notes, line, hint ? hint : "", fmt, ap))
        notes->out_of_memory = true;
    va_end(ap);
}

void pd_notes_free(pd_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free((char *)notes->items[i].text);
    free(notes->items);
    memset(notes, 0, sizeof *notes);
}

/* Generators of texts and of objects. */
#include "core/gen_impl.h"

#include <stdlib.h>
#include <string.h>

/* How many characters the text has; -1 and an error if it cannot be stored. */
static int64_t chars_of(pd_text text, const char *what, pd_err *err)
{
    int64_t chars = pd_text_chars(text);

    if (chars < 0)
        pd_err_set(err, PD_ERR_INPUT, "%s is not UTF-8, or it has a zero byte", what);
    return chars;
}

pd_gen *pd_gen_const_text(pd_text value, pd_err *err)
{
    int64_t chars = chars_of(value, "the text", err);
    pd_gen *g = chars < 0 ? NULL : pd_node_new(G_CONST, V_TEXT, PD_OID_TEXT, 0, err);

    if (!g || !pd_node_data(g, 0, 0, value.len + 1, err))
        return NULL;
    if (!pd_node_text(g, (size_t)chars, value.len, 0, err))
        return pd_node_drop(g);
    memcpy(g->strings, value.s, value.len);
    g->plain = pd_text_plain(value);
    g->val =
        (pd_val){.tag = V_TEXT, .plain = g->plain, .len = (uint32_t)value.len, .s = g->strings};
    return g;
}

static bool sizes(int64_t min, int64_t max, pd_err *err)
{
    if (min < 0)
        return pd_err_set(err, PD_ERR_INPUT, "min %lld is below 0", (long long)min);
    if (min > max)
        return pd_err_set(err, PD_ERR_INPUT, "min %lld is above max %lld", (long long)min,
                          (long long)max);
    if (max > MAX_VALUE)
        return pd_err_set(err, PD_ERR_INPUT, "max %lld is above %d", (long long)max, MAX_VALUE);
    return true;
}

/* How many letters one draw of 64 bits gives, with the last still exact to 2^-32. */
static uint32_t letters_per_draw(uint64_t letters)
{
    uint64_t reach = letters;
    uint32_t batch = 1;

    while (letters > 1 && reach * letters <= (uint64_t)1 << 32) {
        reach *= letters;
        batch++;
    }
    return letters == 1 ? 64 : batch;
}

/* The letters one by one, for an alphabet that is not ASCII alone. */
static void split_letters(pd_text *out, const char *s)
{
    for (; *s; out++) {
        out->s = s++;
        while (((unsigned char)*s & 0xC0) == 0x80)
            s++;
        out->len = (size_t)(s - out->s);
    }
}

pd_gen *pd_gen_text(int64_t min, int64_t max, const char *alphabet, pd_err *err)
{
    const char *letters = alphabet ? alphabet : "abcdefghijklmnopqrstuvwxyz";
    size_t len = strlen(letters);
    int64_t chars = chars_of((pd_text){letters, len}, "the alphabet", err);
    bool wide = chars >= 0 && (size_t)chars < len;
    pd_gen *g;

    if (chars < 0 || !sizes(min, max, err))
        return NULL;
    if (chars == 0) {
        pd_err_set(err, PD_ERR_INPUT, "the alphabet is empty");
        return NULL;
    }
    g = pd_node_new(G_TEXT, V_TEXT, PD_OID_TEXT, 0, err);
    if (!g || !pd_node_data(g, wide ? (size_t)chars : 0, sizeof(pd_text), len + 1, err))
        return NULL;
    memcpy(g->strings, letters, len);
    if (wide)
        split_letters(g->data, g->strings);
    g->wide = wide;
    g->n = (size_t)chars;
    g->plain = pd_text_plain((pd_text){letters, len});
    g->text.least = min;
    g->text.most = max;
    g->text.batch = letters_per_draw(g->n);
    size_t bytes = (size_t)max * (wide ? 4 : 1);
    return pd_node_text(g, (size_t)max, bytes, bytes, err) ? g : pd_node_drop(g);
}

/* Copies the words behind one another into the node. */
static void copy_words(pd_gen *g, const pd_text *words, size_t n)
{
    pd_text *own = g->data;
    char *p = g->strings;

    for (size_t i = 0; i < n; i++) {
        memcpy(p, words[i].s, words[i].len);
        own[i] = (pd_text){p, words[i].len};
        p += words[i].len;
        g->plain = g->plain && pd_text_plain(own[i]);
    }
}

pd_gen *pd_gen_words(int64_t min, int64_t max, const pd_text *words, size_t n, pd_err *err)
{
    size_t total = 0, longest = 0, most_chars = 0;
    pd_gen *g;

    if (!sizes(min, max, err))
        return NULL;
    if (n == 0) {
        pd_err_set(err, PD_ERR_INPUT, "there are no words");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t chars = chars_of(words[i], "a word", err);
        if (chars < 0)
            return NULL;
        total += words[i].len;
        longest = longest < words[i].len ? words[i].len : longest;
        most_chars = most_chars < (size_t)chars ? (size_t)chars : most_chars;
    }
    if (longest > MAX_VALUE) {
        pd_err_set(err, PD_ERR_INPUT, "a word has more than %d bytes", MAX_VALUE);
        return NULL;
    }
    g = pd_node_new(G_WORDS, V_TEXT, PD_OID_TEXT, 0, err);
    if (!g || !pd_node_data(g, n, sizeof(pd_text), total + 1, err))
        return NULL;
    copy_words(g, words, n);
    g->text.least = min;
    g->text.most = max;
    size_t bytes = (longest + 1) * (size_t)max, blanks = max > 0 ? (size_t)max - 1 : 0;
    return pd_node_text(g, most_chars * (size_t)max + blanks, bytes, bytes, err) ? g
                                                                                 : pd_node_drop(g);
}

/* Takes the kids and works out the size: the end of every constructor of a tree. */
static pd_gen *with_kids(pd_gen *g, pd_gen *const *kids, pd_err *err)
{
    for (size_t i = 0; i < g->nkids; i++)
        if (!pd_node_kid(g, i, kids[i], err))
            return pd_node_drop(g);
    return pd_node_derive(g, err) ? g : pd_node_drop(g);
}

/* After a '%': reads s, d or 0Nd. */
static bool conversion(const char **p, const char *end, pd_piece *piece, pd_err *err)
{
    int width = 0;

    if (end - *p >= 2 && **p == '0')
        for (++*p; *p < end && **p >= '0' && **p <= '9' && width < 100; ++*p)
            width = width * 10 + (**p - '0');
    piece->integer = *p < end && **p == 'd';
    if (width > 40 || *p == end || (**p != 'd' && (**p != 's' || width > 0)))
        return pd_err_set(err, PD_ERR_INPUT,
                          "format has a %% without s, d, 05d (up to 040d) or %%");
    piece->width = (uint8_t)width;
    ++*p;
    return true;
}

/* Cuts the format into pieces; pieces has room for n arguments and the end. */
static bool cut(pd_text format, char *out, pd_piece *pieces, size_t n, pd_err *err)
{
    const char *p = format.s, *end = p + format.len;
    size_t used = 0;

    pieces[0].s = out;
    while (p < end) {
        char c = *p++;
        if (c == '%' && p < end && *p == '%') {
            p++;
        } else if (c == '%') {
            if (used == n)
                return pd_err_set(err, PD_ERR_INPUT,
                                  "format takes more than the %zu arguments that were given", n);
            if (!conversion(&p, end, &pieces[used], err))
                return false;
            pieces[++used].s = out;
            continue;
        }
        *out++ = c;
        pieces[used].len++;
    }
    pieces[used].end = true;
    return used == n ||
           pd_err_set(err, PD_ERR_INPUT, "format takes %zu arguments, not %zu", used, n);
}

pd_gen *pd_gen_format(pd_text format, pd_gen *const *args, size_t n, pd_err *err)
{
    pd_gen *g = NULL;

    if (format.len > MAX_VALUE || n > MAX_COLUMNS)
        pd_err_set(err, PD_ERR_INPUT, "format is too long");
    else if (chars_of(format, "format", err) >= 0)
        g = pd_node_new(G_FORMAT, V_TEXT, PD_OID_TEXT, n, err);
    if (!g || !pd_node_data(g, n + 1, sizeof(pd_piece), format.len + 1, err))
        return NULL;
    return cut(format, g->strings, g->data, n, err) ? with_kids(g, args, err) : pd_node_drop(g);
}

static bool key_free(const pd_text *keys, size_t i, pd_err *err)
{
    for (size_t k = 0; k < i; k++)
        if (keys[k].len == keys[i].len && memcmp(keys[k].s, keys[i].s, keys[i].len) == 0)
            return pd_err_set(err, PD_ERR_INPUT, "key \"%.*s\" is there twice", (int)keys[i].len,
                              keys[i].s);
    return true;
}

/* {"a": as the first piece, ,"b": as the next, } as the end. */
static void write_keys(pd_gen *g, const pd_text *keys, size_t n)
{
    pd_piece *pieces = g->data;
    char *p = g->strings;

    for (size_t i = 0; i <= n; i++) {
        pd_val key = {.tag = V_TEXT};
        pieces[i].s = p;
        if (i == 0)
            *p++ = '{';
        if (i < n) {
            if (i > 0)
                *p++ = ',';
            key.s = keys[i].s;
            key.len = (uint32_t)keys[i].len;
            p = pd_put_json(p, &key);
            *p++ = ':';
        } else {
            *p++ = '}';
            pieces[i].end = true;
        }
        pieces[i].len = (uint32_t)(p - pieces[i].s);
    }
}

pd_gen *pd_gen_json(const pd_text *keys, pd_gen *const *values, size_t n, pd_err *err)
{
    size_t bytes = 2;
    pd_gen *g;

    if (n > MAX_COLUMNS) {
        pd_err_set(err, PD_ERR_INPUT, "the object has more than %d keys", MAX_COLUMNS);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (chars_of(keys[i], "a key", err) < 0 || !key_free(keys, i, err))
            return NULL;
        bytes += keys[i].len * MAX_JSON_ESCAPE + sizeof ",\"\":";
        if (bytes > MAX_VALUE) {
            pd_err_set(err, PD_ERR_INPUT, "the keys have more than %d bytes", MAX_VALUE);
            return NULL;
        }
    }
    g = pd_node_new(G_JSON, V_JSON, PD_OID_JSONB, n, err);
    if (!g || !pd_node_data(g, n + 1, sizeof(pd_piece), bytes, err))
        return NULL;
    write_keys(g, keys, n);
    return with_kids(g, values, err);
}

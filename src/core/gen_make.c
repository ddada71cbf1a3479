/* Making a value: the only place that draws. */
#include "core/gen_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The next number of this generator in this stream, from 0. */
static uint64_t count(const pd_gen *g, pd_stream *s)
{
    pd_counter *grown;

    for (size_t i = 0; i < s->ncounters; i++)
        if (s->counters[i].gen == g)
            return s->counters[i].n++;
    grown = realloc(s->counters, (s->ncounters + 1) * sizeof *grown);
    if (!grown) {
        s->no_memory = true;
        return 0;
    }
    s->counters = grown;
    grown[s->ncounters++] = (pd_counter){g, 1};
    return 0;
}

/* n is far below 2^32, so the bias of a plain product is below what a run could show. */
static inline uint64_t pick(pd_rng *rng, uint64_t n, uint64_t *fraction)
{
    return pd_rng_mul(pd_rng_next(rng), n, fraction);
}

static inline bool happens(pd_rng *rng, uint64_t chance)
{
    return pd_rng_next(rng) >> 11 < chance;
}

/* A step of a range of dates or times, weighted to its end if power < 1. */
static inline uint64_t step(const pd_gen *g, pd_rng *rng)
{
    uint64_t at;

    if (g->power == 1)
        return pd_rng_below(rng, g->span);
    at = (uint64_t)((double)g->span * pow(pd_rng_double(rng), g->power));
    return at < g->span ? at : g->span - 1;
}

static void make_inet(const pd_network *inet, pd_rng *rng, pd_val *out)
{
    uint64_t draw[2] = {pd_rng_next(rng), 0};

    out->len = inet->len;
    if (inet->len == 0) {
        /* 1 to 223 without 10 and 127, then bytes of what the first product leaves of the draw. */
        uint64_t rest, first = pd_rng_mul(draw[0], 221, &rest) + 1;
        first += first >= 10;
        first += first >= 127;
        out->len = 4;
        out->bytes[0] = (uint8_t)first;
        out->bytes[1] = (uint8_t)(rest >> 56);
        out->bytes[2] = (uint8_t)(rest >> 48);
        out->bytes[3] = (uint8_t)(rest >> 40);
        return;
    }
    if (inet->len == 16)
        draw[1] = pd_rng_next(rng);
    for (int i = 0; i < inet->len; i++)
        out->bytes[i] = inet->net[i] | (inet->host[i] & (uint8_t)(draw[i / 8] >> (56 - i % 8 * 8)));
}

static void make_uuid(pd_rng *rng, pd_val *out)
{
    uint64_t high = pd_rng_next(rng), low = pd_rng_next(rng);

    for (int i = 0; i < 8; i++) {
        out->bytes[i] = (uint8_t)(high >> (56 - i * 8));
        out->bytes[i + 8] = (uint8_t)(low >> (56 - i * 8));
    }
    out->bytes[6] = (out->bytes[6] & 0x0F) | 0x40;
    out->bytes[8] = (out->bytes[8] & 0x3F) | 0x80;
}

/* Ends a text that was written from s->top on. */
static inline void finish(const pd_gen *g, pd_stream *s, char *end, pd_val *out)
{
    out->s = s->top;
    out->len = (uint32_t)(end - s->top);
    out->plain = g->plain;
    s->top = end;
}

static void make_text(const pd_gen *g, pd_stream *s, pd_val *out)
{
    int64_t left = pd_rng_int(&s->rng, g->text.least, g->text.most);
    const pd_text *letters = g->data;
    char *p = s->top;

    while (left > 0) {
        /* One draw is a number in base n: each product takes off its first digit. */
        uint64_t draw = pd_rng_next(&s->rng);
        int64_t batch = left < g->text.batch ? left : g->text.batch;
        for (int64_t i = 0; i < batch; i++) {
            uint64_t letter = pd_rng_mul(draw, g->n, &draw);
            if (!g->wide) {
                *p++ = g->strings[letter];
                continue;
            }
            memcpy(p, letters[letter].s, letters[letter].len);
            p += letters[letter].len;
        }
        left -= batch;
    }
    finish(g, s, p, out);
}

static void make_words(const pd_gen *g, pd_stream *s, pd_val *out)
{
    int64_t words = pd_rng_int(&s->rng, g->text.least, g->text.most);
    const pd_text *list = g->data;
    uint64_t fraction;
    char *p = s->top;

    for (int64_t i = 0; i < words; i++) {
        const pd_text *word = &list[pick(&s->rng, g->n, &fraction)];
        if (i > 0)
            *p++ = ' ';
        memcpy(p, word->s, word->len);
        p += word->len;
    }
    finish(g, s, p, out);
}

/* The kids' own scratch lies behind the most that this value can take, and is free again after. */
static void make_format(const pd_gen *g, pd_stream *s, pd_val *out)
{
    const pd_piece *piece = g->data;
    char *start = s->top, *p = start, *room = start + g->bytes;
    bool absent = false;

    for (size_t i = 0;; i++, piece++) {
        pd_val val;
        memcpy(p, piece->s, piece->len);
        p += piece->len;
        if (piece->end)
            break;
        s->top = room;
        pd_make(g->kids[i], s, &val);
        if (val.tag == V_NULL) {
            absent = true; /* the rest is still drawn: the stream goes on the same */
            continue;
        }
        char *end = pd_put_text(p, &val);
        if (piece->width > end - p) {
            size_t pad = piece->width - (size_t)(end - p), sign = *p == '-';
            memmove(p + sign + pad, p + sign, (size_t)(end - p) - sign);
            memset(p + sign, '0', pad);
            end += pad;
        }
        p = end;
    }
    s->top = start;
    if (absent)
        out->tag = V_NULL;
    else
        finish(g, s, p, out);
}

static void make_json(const pd_gen *g, pd_stream *s, pd_val *out)
{
    const pd_piece *piece = g->data;
    char *start = s->top, *p = start, *room = start + g->bytes;

    for (size_t i = 0;; i++, piece++) {
        pd_val val;
        memcpy(p, piece->s, piece->len);
        p += piece->len;
        if (piece->end)
            break;
        s->top = room;
        pd_make(g->kids[i], s, &val);
        p = pd_put_json(p, &val);
    }
    s->top = start;
    finish(g, s, p, out);
}

static void make_unique(const pd_gen *g, pd_stream *s, pd_val *out)
{
    /* One counter for all, so that two such columns never hold the same value either. */
    memcpy(s->top, s->prefix, s->prefix_len);
    finish(g, s, pd_put_base36(s->top + s->prefix_len, s->unique++), out);
}

static void make_real(const pd_gen *g, double value, pd_val *out)
{
    if (g->tag == V_FLOAT) {
        out->d = value;
        return;
    }
    double unit = rint(value * (double)pd_pow10[g->scale]);
    out->scale = g->scale;
    out->i = unit < (double)g->min ? g->min : unit > (double)g->max ? g->max : (int64_t)unit;
}

static void make_product(const pd_gen *g, const pd_stream *s, pd_val *out)
{
    const uint32_t *index = g->data;
    int64_t product = 1;
    uint8_t scale = 0;

    for (size_t i = 0; i < g->n; i++) {
        const pd_val *val = &s->vals[index[i]];
        if (val->tag == V_NULL) {
            out->tag = V_NULL;
            return;
        }
        product *= val->i;
        scale += val->scale;
    }
    out->tag = g->type == PD_OID_NUMERIC ? V_DECIMAL : V_INT;
    out->scale = scale;
    out->i = product;
}

static void make_key(const pd_gen *g, pd_stream *s, pd_val *out)
{
    const pd_val *vals = g->data;
    uint64_t fraction;

    *out =
        vals[g->zipf.n > 0 ? pd_zipf_next(&g->zipf, &s->rng) - 1 : pick(&s->rng, g->n, &fraction)];
}

void pd_make(const pd_gen *g, pd_stream *s, pd_val *out)
{
    pd_rng *rng = &s->rng;
    uint64_t at, fraction;

    out->tag = g->tag;
    out->scale = 0;
    switch ((pd_kind)g->kind) {
    case G_CONST:
        *out = g->val;
        return;
    case G_DECIMAL:
        out->scale = g->scale;
        /* fall through */
    case G_INT:
        out->i = (int64_t)((uint64_t)g->min + pd_rng_below(rng, g->span));
        return;
    case G_FLOAT:
        out->d = g->real.from + g->real.width * pd_rng_double(rng);
        return;
    case G_BOOL:
        out->i = happens(rng, g->chance);
        return;
    case G_PICK:
        at = pick(rng, g->nkids, &fraction);
        if (g->data && fraction >= ((const pd_alias *)g->data)[at].keep)
            at = ((const pd_alias *)g->data)[at].other;
        pd_make(g->kids[at], s, out);
        return;
    case G_NULL_SOME:
        if (happens(rng, g->chance))
            out->tag = V_NULL;
        else
            pd_make(g->kids[0], s, out);
        return;
    case G_DATE:
        out->i = g->min + (int64_t)step(g, rng);
        return;
    case G_TIME:
        out->i = g->min + (int64_t)step(g, rng) * g->unit;
        return;
    case G_INET:
        make_inet(&g->inet, rng, out);
        return;
    case G_UUID:
        make_uuid(rng, out);
        return;
    case G_TEXT:
        make_text(g, s, out);
        return;
    case G_WORDS:
        make_words(g, s, out);
        return;
    case G_FORMAT:
        make_format(g, s, out);
        return;
    case G_JSON:
        make_json(g, s, out);
        return;
    case G_SERIAL:
        at = count(g, s);
        at = g->serial.cycle > 0 ? at % g->serial.cycle : at;
        out->i = (int64_t)((uint64_t)g->serial.start + (uint64_t)g->serial.step * at);
        return;
    case G_UNIQUE:
        make_unique(g, s, out);
        return;
    case G_ZIPF:
        out->i = g->min + (int64_t)pd_zipf_next(&g->zipf, rng) - 1;
        return;
    case G_NORMAL:
        make_real(g, pd_normal_next(&g->normal, rng), out);
        return;
    case G_EXPONENTIAL:
        make_real(g, pd_exponential_next(&g->exponential, rng), out);
        return;
    case G_COLUMN:
        *out = s->vals[*(const uint32_t *)g->data];
        return;
    case G_PRODUCT:
        make_product(g, s, out);
        return;
    case G_KEY:
        out->tag = V_NULL;
        s->unset = g;
        return;
    case G_KEYS:
        make_key(g, s, out);
        return;
    }
}

/* Trees: choice between generators, references to other columns, and what a node makes of its kids.
 */
#include "core/gen_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

static bool is_number(Oid type)
{
    return type == PD_OID_INT4 || type == PD_OID_INT8 || type == PD_OID_NUMERIC;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The type that holds both, 0 if none does. */
static Oid common_type(Oid a, Oid b)
{
    if (a == b)
        return a;
    if (!is_number(a) || !is_number(b))
        return 0;
    return a == PD_OID_NUMERIC || b == PD_OID_NUMERIC ? PD_OID_NUMERIC : PD_OID_INT8;
}

static wide rescaled(int64_t value, int from, int to)
{
    return (wide)value * pd_pow10[to - from];
}

/* Of numbers of different scales: the range in units of the finest. */
static bool union_range(pd_gen *g, pd_err *err)
{
    wide min = 0, max = 0;
    int scale = 0;

    for (size_t i = 0; i < g->nkids; i++)
        scale = g->kids[i]->scale > scale ? g->kids[i]->scale : scale;
    for (size_t i = 0; i < g->nkids; i++) {
        wide low = rescaled(g->kids[i]->min, g->kids[i]->scale, scale);
        wide high = rescaled(g->kids[i]->max, g->kids[i]->scale, scale);
        min = i == 0 || low < min ? low : min;
        max = i == 0 || high > max ? high : max;
    }
    if (g->type == PD_OID_NUMERIC && (min < -MAX_DECIMAL || max > MAX_DECIMAL))
        return pd_err_set(err, PD_ERR_INPUT, "numbers of that size have more than 18 digits");
    pd_node_range(g, (int64_t)min, (int64_t)max, scale);
    return true;
}

static bool derive_choice(pd_gen *g, pd_err *err)
{
    size_t chars = 0, bytes = 0, work = 0;

    g->type = g->kids[0]->type;
    g->tag = g->kids[0]->tag;
    g->plain = true;
    for (size_t i = 0; i < g->nkids; i++) {
        const pd_gen *kid = g->kids[i];
        if (g->type != 0 && kid->type != 0 && common_type(g->type, kid->type) == 0)
            return pd_err_set(err, PD_ERR_INPUT, "a value of type %s cannot be among %s ones",
                              pd_type_name(kid->type), pd_type_name(g->type));
        g->type = g->type == 0 || kid->type == 0 ? 0 : common_type(g->type, kid->type);
        g->plain = g->plain && kid->plain;
        chars = larger(chars, kid->chars);
        bytes = larger(bytes, kid->bytes);
        work = larger(work, kid->work);
    }
    if (is_number(g->type) && !union_range(g, err))
        return false;
    return pd_node_text(g, larger(chars, g->chars), larger(bytes, g->bytes), work, err);
}

/* The most bytes of a kid within an object. */
static size_t json_bytes(const pd_gen *kid)
{
    size_t bytes = kid->bytes;

    if (kid->type != PD_OID_JSONB && kid->type != PD_OID_FLOAT8 && kid->type != PD_OID_BOOL &&
        !is_number(kid->type))
        bytes = bytes * (kid->plain ? 1 : MAX_JSON_ESCAPE) + 2;
    return larger(bytes, sizeof "null" - 1);
}

static bool derive_pieces(pd_gen *g, pd_err *err)
{
    const pd_piece *piece = g->data;
    size_t chars = 0, bytes = 0, work = 0;

    g->plain = g->kind == G_FORMAT;
    for (size_t i = 0;; i++, piece++) {
        pd_text literal = {piece->s, piece->len};
        chars += (size_t)pd_text_chars(literal);
        bytes += literal.len;
        g->plain = g->plain && pd_text_plain(literal);
        if (piece->end)
            break;
        const pd_gen *kid = g->kids[i];
        if (piece->integer && kid->type != 0 && kid->type != PD_OID_INT4 &&
            kid->type != PD_OID_INT8)
            return pd_err_set(err, PD_ERR_INPUT, "%%d cannot take a value of type %s",
                              pd_type_name(kid->type));
        size_t most = g->kind == G_JSON ? json_bytes(kid) : kid->bytes;
        chars += larger(g->kind == G_JSON ? most : kid->chars, piece->width);
        bytes += larger(most, piece->width);
        work = larger(work, kid->work);
        g->plain = g->plain && kid->plain;
        if (bytes > MAX_VALUE)
            break;
    }
    return pd_node_text(g, chars, bytes, bytes + work, err);
}

bool pd_node_derive(pd_gen *g, pd_err *err)
{
    if (g->kind == G_FORMAT || g->kind == G_JSON)
        return derive_pieces(g, err);
    return derive_choice(g, err);
}

/* Vose's form of the alias method: two lists of columns, those below and those above the mean. */
static bool make_alias(pd_gen *g, const double *weights, double sum, pd_err *err)
{
    size_t n = g->nkids, low = 0, high = n;
    double *part = malloc(n * sizeof *part);
    size_t *list = malloc(n * sizeof *list);
    bool ok = part && list && (g->data = calloc(n, sizeof(pd_alias)));
    pd_alias *alias = g->data;

    if (!ok) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        part[i] = weights[i] / sum * (double)n;
        alias[i] = (pd_alias){UINT64_MAX, i};
        if (part[i] < 1)
            list[low++] = i;
        else
            list[--high] = i;
    }
    while (low > 0 && high < n) {
        size_t small = list[--low], big = list[high];
        alias[small] = (pd_alias){(uint64_t)(part[small] * 0x1p64), big};
        part[big] -= 1 - part[small];
        if (part[big] < 1) {
            high++;
            list[low++] = big;
        }
    }
done:
    free(part);
    free(list);
    return ok;
}

pd_gen *pd_gen_pick(pd_gen *const *items, const double *weights, size_t n, pd_err *err)
{
    double sum = 0;
    pd_gen *g;

    if (n == 0 || n > INT32_MAX) {
        pd_err_set(err, PD_ERR_INPUT, "there is nothing to pick from");
        return NULL;
    }
    for (size_t i = 0; weights && i < n; i++) {
        if (!(weights[i] >= 0) || !isfinite(weights[i])) {
            pd_err_set(err, PD_ERR_INPUT, "weight %g of item %zu is not finite and at least 0",
                       weights[i], i + 1);
            return NULL;
        }
        sum += weights[i];
    }
    if (weights && (!(sum > 0) || !isfinite(sum) || !isfinite((double)n / sum))) {
        pd_err_set(err, PD_ERR_INPUT, "the weights add up to %g", sum);
        return NULL;
    }
    g = pd_node_new(G_PICK, V_NULL, 0, n, err);
    if (!g || (weights && !make_alias(g, weights, sum, err)))
        return pd_node_drop(g);
    for (size_t i = 0; i < n; i++)
        if (!pd_node_kid(g, i, items[i], err))
            return pd_node_drop(g);
    return pd_node_derive(g, err) ? g : pd_node_drop(g);
}

static pd_gen *reference(pd_kind kind, const pd_text *columns, size_t n, pd_err *err)
{
    size_t bytes = 0;
    char *p;
    pd_gen *g;

    for (size_t i = 0; i < n; i++) {
        if (columns[i].len == 0 || columns[i].len > MAX_KEY || pd_text_chars(columns[i]) < 0) {
            pd_err_set(err, PD_ERR_INPUT, "that is not the name of a column");
            return NULL;
        }
        bytes += columns[i].len + 1;
    }
    g = pd_node_new(kind, V_NULL, 0, 0, err);
    if (!g || !pd_node_data(g, 0, 0, bytes, err))
        return NULL;
    g->late = true;
    g->copies = 1;
    g->n = n;
    p = g->strings;
    for (size_t i = 0; i < n; i++, p++)
        p = memcpy(p, columns[i].s, columns[i].len), p += columns[i].len;
    return g;
}

pd_gen *pd_gen_column(pd_text name, pd_err *err)
{
    return reference(G_COLUMN, &name, 1, err);
}

pd_gen *pd_gen_product(const pd_text *columns, size_t n, pd_err *err)
{
    if (n >= 2 && n <= 16)
        return reference(G_PRODUCT, columns, n, err);
    pd_err_set(err, PD_ERR_INPUT, "a product has from 2 to 16 columns, not %zu", n);
    return NULL;
}

/* Range, scale and type of the product so far, times one more column. */
static bool multiply(pd_gen *g, const pd_gen *by, const char *name, pd_err *err)
{
    wide ends[4] = {(wide)g->min * by->min, (wide)g->min * by->max, (wide)g->max * by->min,
                    (wide)g->max * by->max};
    wide min = ends[0], max = ends[0], limit;
    int scale = g->scale + by->scale;

    if (!is_number(by->type))
        return pd_err_set(err, PD_ERR_INPUT, "column \"%s\" has type %s and cannot be multiplied",
                          name, pd_type_name(by->type));
    for (int i = 1; i < 4; i++) {
        min = ends[i] < min ? ends[i] : min;
        max = ends[i] > max ? ends[i] : max;
    }
    g->type =
        g->type == PD_OID_NUMERIC || by->type == PD_OID_NUMERIC ? PD_OID_NUMERIC : PD_OID_INT8;
    limit = g->type == PD_OID_NUMERIC ? MAX_DECIMAL : INT64_MAX;
    if (min < -limit || max > limit || scale > MAX_SCALE)
        return pd_err_set(err, PD_ERR_INPUT, "the product with column \"%s\" has too many digits",
                          name);
    pd_node_range(g, (int64_t)min, (int64_t)max, scale);
    return true;
}

/* Turns the names of a copied COLUMN or PRODUCT into indexes, and takes over what they are. */
static bool resolve(pd_gen *g, const pd_scope *scope, pd_err *err)
{
    const char *name = g->strings;
    uint32_t *index = calloc(g->n, sizeof *index);
    bool known = true;

    g->data = index;
    g->owns_data = true;
    if (!index)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    g->type = PD_OID_INT4;
    g->min = g->max = 1;
    for (size_t i = 0; i < g->n; i++, name += strlen(name) + 1) {
        while (index[i] < scope->n && strcmp(scope->names[index[i]], name) != 0)
            index[i]++;
        if (index[i] == scope->n)
            return pd_err_set(err, PD_ERR_INPUT, "there is no column \"%s\" further left", name);
        const pd_gen *column = scope->gens[index[i]];
        known = known && column->type != 0;
        if (g->kind == G_PRODUCT && known && !multiply(g, column, name, err))
            return false;
        if (g->kind == G_COLUMN) {
            g->type = column->type;
            g->tag = column->tag;
            g->plain = column->plain;
            g->min = column->min;
            g->max = column->max;
            g->scale = column->scale;
            g->chars = column->chars;
            g->bytes = column->bytes;
        }
    }
    if (!known)
        g->type = 0;
    return true;
}

pd_gen *pd_node_complete(pd_gen *node, const pd_scope *scope, pd_err *err)
{
    pd_gen *copy;

    if (!node->late)
        return pd_gen_ref(node);
    if (node->kind == G_KEY)
        return pd_gen_ref(node->kids[0] ? node->kids[0] : node);
    copy = pd_node_new((pd_kind)node->kind, (pd_tag)node->tag, node->type, node->nkids, err);
    if (!copy)
        return NULL;
    memcpy(copy, node, sizeof *copy);
    copy->refs = 1;
    copy->origin = pd_gen_ref(node);
    for (size_t i = 0; i < node->nkids; i++) {
        copy->kids[i] = pd_node_complete(node->kids[i], scope, err);
        if (!copy->kids[i])
            return pd_node_drop(copy);
    }
    bool reference = node->kind == G_COLUMN || node->kind == G_PRODUCT;
    if (!(reference ? resolve(copy, scope, err) : pd_node_derive(copy, err)))
        return pd_node_drop(copy);
    return copy;
}

/* Gaps and overlaps of sibling bounds. PostgreSQL itself refuses overlaps; that there are none is
 * part of what is checked. */
#include "core/boundset.h"

#include <stdlib.h>

/* Up to here every remainder is looked at. */
#define MODULUS_LIMIT (1L << 22)

static bool out_of_memory(pd_err *err)
{
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

static void add_overlap(pd_tiling *tiling, size_t a, size_t b)
{
    tiling->overlaps[tiling->overlap_count++] = (pd_boundpair){a, b};
}

/* Goes up the ranges and remembers which of those before reaches furthest. */
static void tile_ranges(const pd_boundset *set, const size_t *order, pd_tiling *tiling)
{
    const pd_bound *furthest = NULL;

    for (size_t i = 0; i < set->count; i++) {
        const pd_bound *b = &set->bounds[order[i]];
        if (b->kind != PD_BOUND_RANGE || pd_bound_compare_rows(b->from, b->to, b->count) >= 0)
            continue; /* the default partition; an empty range, which PostgreSQL refuses */
        if (furthest) {
            int step = pd_bound_compare_rows(b->from, furthest->to, b->count);
            size_t before = (size_t)(furthest - set->bounds);
            if (step < 0)
                add_overlap(tiling, before, order[i]);
            else if (step > 0 && !tiling->has_default)
                tiling->gaps[tiling->gap_count++] = (pd_boundpair){before, order[i]};
        }
        if (!furthest || pd_bound_compare_rows(b->to, furthest->to, b->count) > 0)
            furthest = b;
    }
}

typedef struct listed {
    const pd_datum *value;
    size_t owner;
} listed;

static int by_value(const void *a, const void *b)
{
    const listed *x = a, *y = b;
    int order = pd_datum_compare(x->value, y->value);

    return order ? order : (x->owner > y->owner) - (x->owner < y->owner);
}

static bool tile_lists(const pd_boundset *set, pd_tiling *tiling, pd_err *err)
{
    size_t total = 0, n = 0;

    for (size_t i = 0; i < set->count; i++)
        total += set->bounds[i].count;
    listed *all = calloc(total + 1, sizeof *all);
    bool *told = calloc(set->count + 1, sizeof *told);
    if (!all || !told) {
        free(all);
        free(told);
        return out_of_memory(err);
    }
    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->bounds[i].count; j++)
            all[n++] = (listed){&set->bounds[i].from[j], i};
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 1; i < n; i++) {
        size_t owner = all[i].owner;
        if (owner == all[i - 1].owner || told[owner] ||
            pd_datum_compare(all[i].value, all[i - 1].value) != 0)
            continue;
        told[owner] = true;
        add_overlap(tiling, all[i - 1].owner, owner);
    }
    free(all);
    free(told);
    return true;
}

static long common_divisor(long a, long b)
{
    while (b != 0) {
        long rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The least common multiple of all moduli, 0 when it is above the limit. */
static long common_modulus(const pd_boundset *set)
{
    long all = 1;

    for (size_t i = 0; i < set->count && all > 0; i++) {
        long modulus = set->bounds[i].modulus;
        if (set->bounds[i].kind != PD_BOUND_HASH)
            continue;
        all = all / common_divisor(all, modulus) * modulus;
        all = all > MODULUS_LIMIT ? 0 : all;
    }
    return all;
}

static void compare_pairs(const pd_boundset *set, pd_tiling *tiling)
{
    for (size_t i = 1; i < set->count; i++) {
        const pd_bound *b = &set->bounds[i];
        for (size_t j = 0; j < i && b->kind == PD_BOUND_HASH; j++) {
            const pd_bound *a = &set->bounds[j];
            if (a->kind == PD_BOUND_HASH &&
                (a->remainder - b->remainder) % common_divisor(a->modulus, b->modulus) == 0) {
                add_overlap(tiling, j, i);
                break;
            }
        }
    }
}

/* Marks each remainder of the common modulus with 1 + the index of its partition. A bound stops at
 * the first that is taken, so that the work is bounded by the modulus. */
static void mark_remainders(const pd_boundset *set, long modulus, unsigned *taken,
                            pd_tiling *tiling)
{
    for (size_t i = 0; i < set->count; i++) {
        const pd_bound *b = &set->bounds[i];
        if (b->kind != PD_BOUND_HASH)
            continue;
        for (long r = b->remainder; r < modulus; r += b->modulus) {
            if (taken[r]) {
                add_overlap(tiling, taken[r] - 1, i);
                break;
            }
            taken[r] = (unsigned)i + 1;
        }
    }
}

static bool tile_hash(const pd_boundset *set, pd_tiling *tiling, pd_err *err)
{
    long modulus = common_modulus(set);
    double share = 0;

    for (size_t i = 0; i < set->count; i++)
        share += set->bounds[i].kind == PD_BOUND_HASH ? 1.0 / set->bounds[i].modulus : 0;
    tiling->share = share;
    if (modulus == 0) {
        compare_pairs(set, tiling);
        return true;
    }
    unsigned *taken = calloc((size_t)modulus, sizeof *taken);
    if (!taken)
        return out_of_memory(err);
    mark_remainders(set, modulus, taken, tiling);
    tiling->modulus = modulus;
    for (long r = 0; r < modulus; r++) {
        if (taken[r])
            continue;
        if (tiling->missing < PD_TILING_REMAINDERS)
            tiling->remainders[tiling->missing] = r;
        tiling->missing++;
    }
    free(taken);
    tiling->share = 1 - (double)tiling->missing / (double)modulus;
    return true;
}

static pd_boundkind kind_of(const pd_boundset *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->bounds[i].kind != PD_BOUND_DEFAULT)
            return set->bounds[i].kind;
    return PD_BOUND_DEFAULT;
}

static bool fill(const pd_boundset *set, size_t *order, pd_tiling *tiling, pd_err *err)
{
    for (size_t i = 0; i < set->count; i++)
        tiling->has_default |= set->bounds[i].kind == PD_BOUND_DEFAULT;
    switch (kind_of(set)) {
    case PD_BOUND_RANGE:
        if (!pd_boundset_order(set, order, err))
            return false;
        tile_ranges(set, order, tiling);
        return true;
    case PD_BOUND_LIST:
        return tile_lists(set, tiling, err);
    case PD_BOUND_HASH:
        return tile_hash(set, tiling, err);
    case PD_BOUND_DEFAULT:
        break;
    }
    return true;
}

bool pd_boundset_tiling(const pd_boundset *set, pd_tiling *tiling, pd_err *err)
{
    *tiling = (pd_tiling){.share = 1};
    tiling->gaps = calloc(set->count + 1, sizeof *tiling->gaps);
    tiling->overlaps = calloc(set->count + 1, sizeof *tiling->overlaps);
    size_t *order = calloc(set->count + 1, sizeof *order);
    bool ok = tiling->gaps && tiling->overlaps && order;

    ok = ok ? fill(set, order, tiling, err) : out_of_memory(err);
    free(order);
    if (!ok)
        pd_tiling_free(tiling);
    return ok;
}

void pd_tiling_free(pd_tiling *tiling)
{
    free(tiling->gaps);
    free(tiling->overlaps);
    *tiling = (pd_tiling){0};
}

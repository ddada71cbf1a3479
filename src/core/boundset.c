/* Sets of sibling bounds: adding, ordering. */
#include "core/boundset.h"

#include <stdlib.h>

static bool out_of_memory(pd_err *err)
{
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

static bool make_room(pd_boundset *set, pd_err *err)
{
    size_t room = set->room ? set->room * 2 : 16;

    if (set->count < set->room)
        return true;
    pd_bound *bounds = realloc(set->bounds, room * sizeof *bounds);
    if (!bounds)
        return out_of_memory(err);
    set->bounds = bounds;
    set->room = room;
    return true;
}

static bool are_siblings(const pd_boundset *set, const pd_bound *bound)
{
    if (bound->kind == PD_BOUND_DEFAULT)
        return true;
    for (size_t i = 0; i < set->count; i++) {
        const pd_bound *other = &set->bounds[i];
        if (other->kind != PD_BOUND_DEFAULT)
            return other->kind == bound->kind &&
                   (bound->kind != PD_BOUND_RANGE || other->count == bound->count);
    }
    return true;
}

bool pd_boundset_add(pd_boundset *set, const char *text, pd_err *err)
{
    pd_bound bound;

    if (!make_room(set, err) || !pd_bound_parse(&bound, text, err))
        return false;
    if (!are_siblings(set, &bound)) {
        pd_bound_free(&bound);
        return pd_err_set(err, PD_ERR_INPUT, "%s is not a bound beside the others of the table",
                          text);
    }
    set->bounds[set->count++] = bound;
    return true;
}

void pd_boundset_free(pd_boundset *set)
{
    for (size_t i = 0; i < set->count; i++)
        pd_bound_free(&set->bounds[i]);
    free(set->bounds);
    *set = (pd_boundset){0};
}

typedef struct place {
    const pd_bound *bound;
    const pd_datum *least; /* of a list */
} place;

static const pd_datum *least_of(const pd_bound *bound)
{
    const pd_datum *least = bound->from;

    for (size_t i = 1; i < bound->count; i++)
        if (pd_datum_compare(&bound->from[i], least) < 0)
            least = &bound->from[i];
    return least;
}

static int compare_integers(int a, int b)
{
    return (a > b) - (a < b);
}

static int compare_alike(const place *x, const place *y)
{
    const pd_bound *a = x->bound, *b = y->bound;
    int order = 0;

    switch (a->kind) {
    case PD_BOUND_RANGE:
        order = pd_bound_compare_rows(a->from, b->from, a->count);
        return order ? order : pd_bound_compare_rows(a->to, b->to, a->count);
    case PD_BOUND_LIST:
        return pd_datum_compare(x->least, y->least);
    case PD_BOUND_HASH:
        order = compare_integers(a->modulus, b->modulus);
        return order ? order : compare_integers(a->remainder, b->remainder);
    case PD_BOUND_DEFAULT:
        break;
    }
    return order;
}

static int by_place(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = x->bound->kind == y->bound->kind
                    ? compare_alike(x, y)
                    : compare_integers((int)x->bound->kind, (int)y->bound->kind);

    return order ? order : (x->bound > y->bound) - (x->bound < y->bound);
}

bool pd_boundset_order(const pd_boundset *set, size_t *order, pd_err *err)
{
    if (set->count == 0)
        return true;
    place *places = calloc(set->count, sizeof *places);
    if (!places)
        return out_of_memory(err);
    for (size_t i = 0; i < set->count; i++)
        places[i] = (place){&set->bounds[i], least_of(&set->bounds[i])};
    qsort(places, set->count, sizeof *places, by_place);
    for (size_t i = 0; i < set->count; i++)
        order[i] = (size_t)(places[i].bound - set->bounds);
    free(places);
    return true;
}

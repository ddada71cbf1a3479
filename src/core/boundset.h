/*
 * The bounds of the partitions of one table: their order, and whether they tile, that is leave no
 * gap and do not overlap.
 */
#ifndef PD_CORE_BOUNDSET_H
#define PD_CORE_BOUNDSET_H

#include "core/bound.h"

/* All zero is a valid empty set. */
typedef struct pd_boundset {
    pd_bound *bounds; /* owned, in the order in which they were added */
    size_t count, room;
} pd_boundset;

/* Parses one more bound. Refuses one that cannot be a sibling of those there: another strategy, or
 * another number of key columns. On failure the set is as it was. */
bool pd_boundset_add(pd_boundset *set, const char *text, pd_err *err);

void pd_boundset_free(pd_boundset *set);

/* Fills order[set->count] with indexes: ranges and lists ascending (a list by its least value),
 * hash by modulus and remainder, DEFAULT last; what compares equal stays in the order it came in.
 */
bool pd_boundset_order(const pd_boundset *set, size_t *order, pd_err *err);

/* Two bounds, by index. Gap: between the end of `a` and the beginning of `b`. */
typedef struct pd_boundpair {
    size_t a, b;
} pd_boundpair;

enum { PD_TILING_REMAINDERS = 8 };

typedef struct pd_tiling {
    bool has_default;       /* then nothing below is a gap */
    pd_boundpair *gaps;     /* between ranges, ascending; the ends are not gaps */
    pd_boundpair *overlaps; /* one for each bound that overlaps an earlier one */
    size_t gap_count, overlap_count;
    /* hash: of `modulus` remainders, the least common multiple, so many are in no partition, and
     * the first of them. Both 0 when that multiple is too large to count; `share` is right then
     * too. */
    long modulus, missing;
    long remainders[PD_TILING_REMAINDERS];
    double share; /* of the rows that the hash partitions take; 1 = all, also when there are none */
} pd_tiling;

/* Ranges and lists have to be ranked, or are compared by text. */
bool pd_boundset_tiling(const pd_boundset *set, pd_tiling *tiling, pd_err *err);

void pd_tiling_free(pd_tiling *tiling);

#endif

/*
 * What happened in each slice of a run, 100 ms for example: by entry of the mix, how many
 * operations were acknowledged and failed in it, and the worst latency of those that were due in
 * it. All zero is a valid timeline of no slice. One thread writes it; several are merged at the
 * end.
 */
#ifndef PD_CORE_TIMELINE_H
#define PD_CORE_TIMELINE_H

#include "core/err.h"

#include <stdint.h>

typedef struct pd_slot {
    uint32_t ops, errors; /* that ended in the slice */
    int64_t worst;        /* nanoseconds, of acknowledged operations that were due in the slice */
} pd_slot;

typedef struct pd_timeline {
    pd_slot *slots; /* slice after slice, each with `entries` slots */
    size_t entries, slices, cap;
} pd_timeline;

/* The slot of an entry in a slice, which is made if need be; NULL when memory ran out. */
pd_slot *pd_timeline_at(pd_timeline *t, size_t slice, size_t entry);

/* Adds all of `from`, which has as many entries. False with err when memory ran out. */
bool pd_timeline_merge(pd_timeline *into, const pd_timeline *from, pd_err *err);

void pd_timeline_free(pd_timeline *t);

#endif

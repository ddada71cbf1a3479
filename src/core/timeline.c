#include "core/timeline.h"

#include <stdlib.h>
#include <string.h>

pd_slot *pd_timeline_at(pd_timeline *t, size_t slice, size_t entry)
{
    if (slice >= t->cap) {
        size_t cap = slice + slice / 2 + 64;
        pd_slot *slots = reallocarray(t->slots, cap * t->entries, sizeof *slots);
        if (!slots)
            return NULL;
        memset(slots + t->cap * t->entries, 0, (cap - t->cap) * t->entries * sizeof *slots);
        t->slots = slots;
        t->cap = cap;
    }
    if (slice >= t->slices)
        t->slices = slice + 1;
    return &t->slots[slice * t->entries + entry];
}

bool pd_timeline_merge(pd_timeline *into, const pd_timeline *from, pd_err *err)
{
    for (size_t i = 0; i < from->slices * from->entries; i++) {
        pd_slot *slot = pd_timeline_at(into, i / from->entries, i % from->entries);
        if (!slot)
            return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        slot->ops += from->slots[i].ops;
        slot->errors += from->slots[i].errors;
        if (from->slots[i].worst > slot->worst)
            slot->worst = from->slots[i].worst;
    }
    return true;
}

void pd_timeline_free(pd_timeline *t)
{
    free(t->slots);
    *t = (pd_timeline){.entries = t->entries};
}

/*
 * What a change did to a load: questions to the merged operation logs. Pure functions over arrays.
 * Times are nanoseconds since the begin of the run; the wait of an operation is from its due time
 * to its answer. One that was never answered waited until the end of the run.
 */
#ifndef PD_CORE_IMPACT_H
#define PD_CORE_IMPACT_H

#include "core/oplog.h"

typedef struct pd_oplist {
    pd_oprecord *ops; /* by due time */
    size_t *by_done;  /* indexes into ops, by the time of the answer */
    size_t count;
    int64_t end; /* of the run */
} pd_oplist;

/* Merges the logs; each operation has a `done` afterwards. False with err when memory ran out. */
bool pd_oplist_make(pd_oplist *list, const pd_oplog *const *logs, size_t log_count, int64_t end,
                    pd_err *err);
void pd_oplist_free(pd_oplist *list);

typedef struct pd_span {
    int64_t from, to;
} pd_span;

/* Which operations: those that waited at some time of the span, that were due and over within it,
 * or that were due within it. */
typedef enum pd_part { PD_MET, PD_OVER, PD_DUE } pd_part;

/* Which entries: `of[entry]`; NULL = all. An operation that was never begun counts always, because
 * it could have been any. */
typedef struct pd_choice {
    pd_span span;
    pd_part part;
    const bool *of;
} pd_choice;

typedef struct pd_waits {
    size_t count; /* of all outcomes */
    size_t outcomes[PD_OP_UNSENT + 1];
    uint64_t retries;
    int64_t p50, p99, max; /* 0 without operations */
    int64_t worst_due;     /* when the operation that waited longest was due; -1 without */
} pd_waits;

bool pd_impact_waits(const pd_oplist *list, const pd_choice *choice, pd_waits *waits, pd_err *err);

typedef struct pd_stall {
    int64_t wait; /* the longest of an operation; 0 = none waited */
    int64_t due;  /* when it was due; -1 = none */
} pd_stall;

/* The longest wait of each span: an operation counts for the span in which it waited longest, so
 * that what one step held up is not the fault of the next, too. */
void pd_impact_stalls(const pd_oplist *list, const pd_span *spans, size_t count, const bool *of,
                      pd_stall *stalls);

/* The longest time without an acknowledged operation of the entries that overlaps the span; within:
 * only what of it lies in the span. */
pd_span pd_impact_gap(const pd_oplist *list, pd_span span, bool within, const bool *of);

typedef struct pd_backlog {
    size_t peak;     /* operations due and not answered, at most */
    int64_t peak_at; /* when it was reached first */
    int64_t drained; /* when it was down to `calm` after the peak; -1 = never */
} pd_backlog;

/* The peak within the span; calm: the backlog that is ordinary. */
pd_backlog pd_impact_backlog(const pd_oplist *list, pd_span span, size_t calm);

typedef struct pd_bucket {
    size_t acknowledged, failed; /* answered within it */
    int64_t wait;                /* the longest of those that were due within it */
} pd_bucket;

/* Fills `count` buckets of `width` from 0 on; what comes later is in the last one. */
void pd_impact_timeline(const pd_oplist *list, int64_t width, const bool *of, pd_bucket *buckets,
                        size_t count);

typedef struct pd_errors {
    uint16_t entry;
    uint32_t state;
    size_t count;
} pd_errors;

/* Failed and unknown operations by entry and SQLSTATE; how many rows it filled, at most `room`. */
size_t pd_impact_errors(const pd_oplist *list, const pd_choice *choice, pd_errors *rows,
                        size_t room);

#endif

#include "core/impact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_due(const void *a, const void *b)
{
    const pd_oprecord *x = a, *y = b;

    return x->due != y->due ? (x->due > y->due) - (x->due < y->due)
                            : (x->done > y->done) - (x->done < y->done);
}

typedef struct answer {
    int64_t done;
    size_t index;
} answer;

static int by_answer(const void *a, const void *b)
{
    const answer *x = a, *y = b;

    return x->done != y->done ? (x->done > y->done) - (x->done < y->done)
                              : (x->index > y->index) - (x->index < y->index);
}

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

bool pd_oplist_make(pd_oplist *list, const pd_oplog *const *logs, size_t log_count, int64_t end,
                    pd_err *err)
{
    *list = (pd_oplist){.end = end};
    for (size_t i = 0; i < log_count; i++)
        list->count += pd_oplog_count(logs[i]);
    list->ops = calloc(list->count + 1, sizeof *list->ops);
    list->by_done = calloc(list->count + 1, sizeof *list->by_done);
    answer *answers = calloc(list->count + 1, sizeof *answers);
    if (!list->ops || !list->by_done || !answers) {
        free(answers);
        pd_oplist_free(list);
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    }
    pd_oprecord *into = list->ops;
    for (size_t i = 0; i < log_count; i++) {
        pd_oplog_copy(logs[i], into);
        into += pd_oplog_count(logs[i]);
    }
    for (size_t i = 0; i < list->count; i++)
        if (list->ops[i].done < 0)
            list->ops[i].done = end > list->ops[i].due ? end : list->ops[i].due;
    qsort(list->ops, list->count, sizeof *list->ops, by_due);
    for (size_t i = 0; i < list->count; i++)
        answers[i] = (answer){.done = list->ops[i].done, .index = i};
    qsort(answers, list->count, sizeof *answers, by_answer);
    for (size_t i = 0; i < list->count; i++)
        list->by_done[i] = answers[i].index;
    free(answers);
    return true;
}

void pd_oplist_free(pd_oplist *list)
{
    free(list->ops);
    free(list->by_done);
    *list = (pd_oplist){0};
}

static bool of_entry(const pd_oprecord *op, const bool *of)
{
    return !of || op->entry == PD_NO_ENTRY || of[op->entry];
}

static bool chosen(const pd_oprecord *op, const pd_choice *choice)
{
    pd_span span = choice->span;

    if (!of_entry(op, choice->of))
        return false;
    switch (choice->part) {
    case PD_MET:
        return op->due < span.to && op->done > span.from;
    case PD_OVER:
        return op->due >= span.from && op->done <= span.to;
    case PD_DUE:
        return op->due >= span.from && op->due < span.to;
    }
    return false;
}

/* The value that the share q of all does not exceed: the nearest rank. */
static int64_t quantile(const int64_t *sorted, size_t count, double q)
{
    size_t rank = (size_t)ceil(q * (double)count);

    return count == 0 ? 0 : sorted[rank > 0 ? rank - 1 : 0];
}

bool pd_impact_waits(const pd_oplist *list, const pd_choice *choice, pd_waits *waits, pd_err *err)
{
    int64_t *lengths = malloc((list->count + 1) * sizeof *lengths);

    *waits = (pd_waits){.worst_due = -1};
    if (!lengths)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    for (size_t i = 0; i < list->count; i++) {
        const pd_oprecord *op = &list->ops[i];
        if (!chosen(op, choice))
            continue;
        int64_t length = op->done - op->due;
        lengths[waits->count++] = length;
        waits->outcomes[op->outcome]++;
        waits->retries += op->retries;
        if (waits->worst_due < 0 || length > waits->max) {
            waits->max = length;
            waits->worst_due = op->due;
        }
    }
    qsort(lengths, waits->count, sizeof *lengths, by_length);
    waits->p50 = quantile(lengths, waits->count, 0.5);
    waits->p99 = quantile(lengths, waits->count, 0.99);
    free(lengths);
    return true;
}

/* The span in which the operation waited longest; count = none. */
static size_t charged_to(const pd_oprecord *op, const pd_span *spans, size_t count)
{
    size_t most = count;
    int64_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t from = op->due > spans[i].from ? op->due : spans[i].from;
        int64_t to = op->done < spans[i].to ? op->done : spans[i].to;
        if (to - from > longest) {
            longest = to - from;
            most = i;
        }
    }
    return most;
}

void pd_impact_stalls(const pd_oplist *list, const pd_span *spans, size_t count, const bool *of,
                      pd_stall *stalls)
{
    for (size_t i = 0; i < count; i++)
        stalls[i] = (pd_stall){.due = -1};
    for (size_t i = 0; i < list->count; i++) {
        const pd_oprecord *op = &list->ops[i];
        size_t span = of_entry(op, of) ? charged_to(op, spans, count) : count;
        if (span < count && op->done - op->due > stalls[span].wait)
            stalls[span] = (pd_stall){.wait = op->done - op->due, .due = op->due};
    }
}

pd_span pd_impact_gap(const pd_oplist *list, pd_span span, bool within, const bool *of)
{
    pd_span longest = {0, 0};
    int64_t last = 0;

    for (size_t i = 0; i <= list->count; i++) {
        const pd_oprecord *op = i < list->count ? &list->ops[list->by_done[i]] : NULL;
        if (op && (op->outcome != PD_OP_ACKNOWLEDGED || !of_entry(op, of)))
            continue;
        pd_span gap = {last, op ? op->done : list->end};
        last = gap.to;
        if (gap.from >= span.to || gap.to <= span.from)
            continue;
        if (within)
            gap = (pd_span){gap.from > span.from ? gap.from : span.from,
                            gap.to < span.to ? gap.to : span.to};
        if (gap.to - gap.from > longest.to - longest.from)
            longest = gap;
    }
    return longest;
}

/* Walks due times and answers together, in the order of time. What is due comes before an answer at
 * the same moment, so that nothing is answered before it was due. */
pd_backlog pd_impact_backlog(const pd_oplist *list, pd_span span, size_t calm)
{
    pd_backlog backlog = {.peak_at = span.from, .drained = span.from};
    size_t due = 0, done = 0;

    while (done < list->count) {
        int64_t answered = list->ops[list->by_done[done]].done;
        bool is_due = due < list->count && list->ops[due].due <= answered;
        int64_t at = is_due ? list->ops[due].due : answered;
        if (is_due)
            due++;
        else
            done++;
        size_t waiting = due - done;
        if (at <= span.to && at >= span.from && waiting > backlog.peak) {
            backlog.peak = waiting;
            backlog.peak_at = at;
            backlog.drained = waiting <= calm ? at : -1;
        } else if (backlog.drained < 0 && waiting <= calm) {
            backlog.drained = at;
        }
    }
    /* At the end everything has a `done`, also what was never answered. */
    if (backlog.drained >= list->end && backlog.peak > calm)
        backlog.drained = -1;
    return backlog;
}

static size_t bucket_of(int64_t at, int64_t width, size_t count)
{
    size_t i = at > 0 ? (size_t)(at / width) : 0;

    return i < count ? i : count - 1;
}

void pd_impact_timeline(const pd_oplist *list, int64_t width, const bool *of, pd_bucket *buckets,
                        size_t count)
{
    memset(buckets, 0, count * sizeof *buckets);
    for (size_t i = 0; i < list->count; i++) {
        const pd_oprecord *op = &list->ops[i];
        if (!of_entry(op, of))
            continue;
        pd_bucket *answered = &buckets[bucket_of(op->done, width, count)];
        pd_bucket *due = &buckets[bucket_of(op->due, width, count)];
        answered->acknowledged += op->outcome == PD_OP_ACKNOWLEDGED;
        answered->failed += op->outcome == PD_OP_FAILED || op->outcome == PD_OP_UNKNOWN;
        if (op->done - op->due > due->wait)
            due->wait = op->done - op->due;
    }
}

size_t pd_impact_errors(const pd_oplist *list, const pd_choice *choice, pd_errors *rows,
                        size_t room)
{
    size_t filled = 0;

    for (size_t i = 0; i < list->count; i++) {
        const pd_oprecord *op = &list->ops[i];
        bool failed = op->outcome == PD_OP_FAILED || op->outcome == PD_OP_UNKNOWN;
        size_t row = 0;
        if (!failed || !chosen(op, choice))
            continue;
        while (row < filled && (rows[row].entry != op->entry || rows[row].state != op->state))
            row++;
        if (row == room)
            continue;
        if (row == filled)
            rows[filled++] = (pd_errors){.entry = op->entry, .state = op->state};
        rows[row].count++;
    }
    return filled;
}

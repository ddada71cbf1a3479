/* When operations are due, and which client gets them. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <math.h>

#define NEVER 4e18 /* nanoseconds that no run lasts and an int64_t still holds */

static int64_t later(int64_t than, double ns)
{
    return ns < NEVER - (double)than ? than + llround(ns) : PD_FOREVER;
}

/* The schedule: k-th due time, or the next of exponential gaps. */
void schedule_advance(const pd_worker *w, pd_cursor *cursor)
{
    const pd_loadspec *spec = w->spec;

    cursor->count++;
    if (spec->poisson)
        cursor->at = later(cursor->at, -log1p(-pd_rng_double(&cursor->rng)) / spec->rate * 1e9);
    else
        cursor->at = later(w->begin, (spec->offset + (double)cursor->count / spec->rate) * 1e9);
}

void schedule_begin(pd_worker *w)
{
    const pd_loadspec *spec = w->spec;

    w->due = (pd_cursor){.at = later(w->begin, spec->offset * 1e9)};
    pd_rng_init(&w->due.rng, spec->seed, (uint64_t)spec->first_client, PD_RNG_ARRIVAL);
    w->taken = w->due;
}

/* False when the operations of a limited run have all been begun. */
static bool take_from_budget(pd_loadshared *shared)
{
    if (!shared->limited)
        return true;
    unsigned long long left = atomic_load(&shared->ops_left);
    while (left > 0)
        if (atomic_compare_exchange_weak(&shared->ops_left, &left, left - 1))
            return true;
    return false;
}

/* Chooses the client's next operation and makes its parameters. */
static bool make_op(pd_client *c, pd_op *op, pd_err *err)
{
    op->entry = client_choose(c);
    const pd_entry *entry = &c->w->spec->entries[op->entry];
    op->params.n = 0;
    return !entry->row ||
           pd_rows_binary(entry->row, (size_t)entry->batch, c->stream, &op->params, err);
}

/* Adds one more operation to the client's next batch. */
static bool add_op(pd_client *c, int64_t due, pd_err *err)
{
    pd_op *op = &c->ops[c->op_count++];

    if (c->spare_made) {
        pd_op made = c->spare;
        c->spare = *op;
        *op = made;
        c->spare_made = false;
    } else if (!make_op(c, op, err)) {
        return false;
    }
    op->due = due;
    return true;
}

/* Gives due operations to idle clients. */
bool schedule_dispatch(pd_worker *w, int64_t now, pd_err *err)
{
    const pd_loadspec *spec = w->spec;
    bool open = spec->rate > 0;
    bool more = open || (now < w->end && atomic_load(&w->shared->phase) == PD_LOAD_GO);

    while (open && w->due.at <= now && w->due.at < w->end)
        schedule_advance(w, &w->due);
    for (pd_client *c = worker_next_idle(w); c && more; c = worker_next_idle(w)) {
        c->op_count = 0;
        while (c->op_count < spec->pipeline && more) {
            more = (!open || w->taken.count < w->due.count) && take_from_budget(w->shared);
            if (!more)
                break;
            int64_t due = open ? w->taken.at : now;
            if (open)
                schedule_advance(w, &w->taken);
            if (!add_op(c, due, err))
                return false;
        }
        if (c->op_count == 0)
            break;
        worker_drop_idle(w);
        int64_t sent = pd_clock_now();
        if (open && c->idle_since <= c->ops[0].due)
            pd_hist_add(&w->stats.lag, sent - c->ops[0].due);
        if (spec->entries[c->ops[0].entry].sql)
            client_start(c, sent);
        else
            lend(c, sent);
        if (!open && !c->spare_made) {
            if (!make_op(c, &c->spare, err))
                return false;
            c->spare_made = true;
        }
    }
    uint64_t backlog = w->due.count - w->taken.count;
    atomic_store_explicit(&w->live->backlog, backlog, memory_order_relaxed);
    atomic_store_explicit(&w->live->oldest, backlog > 0 ? w->taken.at : 0, memory_order_relaxed);
    return true;
}

#include "core/load_impl.h"

#include "core/clock.h"

#include <string.h>

static void acknowledge(pd_client *c, pd_op *op, int64_t now)
{
    pd_loadlive *live = c->w->live;
    int64_t latency = now - op->due;

    stats_done(&c->w->stats.entries[op->entry], op->rows, latency, now - c->sent);
    /* Only this thread writes, so plain additions do, without a locked instruction. */
    atomic_ullong *ops = &live->ops;
    atomic_store_explicit(ops, atomic_load_explicit(ops, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    atomic_uint *times = &live->times[pd_hist_index(latency) >> PD_HIST_COARSE_BITS];
    atomic_store_explicit(times, atomic_load_explicit(times, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    record(c, op, PD_OP_ACKNOWLEDGED, "", now);
}

/* The first error of an entry that wants it ends the run. What fails because something else in its
 * transaction did, or because the run has ended, is no such error. */
static void stop_run(pd_client *c, const pd_op *op, const char *sqlstate)
{
    pd_worker *w = c->w;
    pd_loadstop *stop = &w->stats.stop;

    if (!w->spec->entries[op->entry].stop_on_error || strcmp(sqlstate, "25P02") == 0 ||
        atomic_load(&w->shared->phase) == PD_LOAD_END || atomic_exchange(&w->shared->stopped, true))
        return;
    stop->set = true;
    stop->entry = op->entry;
    pd_err_copy(stop->sqlstate, sizeof stop->sqlstate, sqlstate);
    pd_err_copy(stop->message, sizeof stop->message,
                op->sqlstate[0] != '\0' ? c->last_error
                                        : "the connection was lost before the answer");
    atomic_store(&w->shared->phase, PD_LOAD_END);
}

static void fail(pd_client *c, pd_op *op, pd_outcome outcome, const char *sqlstate, int64_t now)
{
    pd_worker *w = c->w;

    stats_error(&w->stats.entries[op->entry], sqlstate);
    atomic_fetch_add_explicit(&w->live->errors, 1, memory_order_relaxed);
    record(c, op, outcome, sqlstate, now);
    stop_run(c, op, sqlstate);
}

/* A pipelined batch is one transaction: one failure takes all of it back. */
static const char *batch_failure(const pd_client *c)
{
    for (int i = 0; i < c->op_count; i++)
        if (c->ops[i].sqlstate[0] != '\0')
            return c->ops[i].sqlstate;
    return NULL;
}

void account_batch(pd_client *c, int64_t now)
{
    const char *failure = batch_failure(c);

    if (failure && c->w->cancelled && strcmp(failure, "57014") == 0)
        c->w->stats.cancelled += (uint64_t)c->op_count;
    for (int i = 0; i < c->op_count; i++) {
        pd_op *op = &c->ops[i];
        if (!failure)
            acknowledge(c, op, now);
        else
            fail(c, op, PD_OP_FAILED, op->sqlstate[0] != '\0' ? op->sqlstate : "25P02", now);
    }
    c->w->busy--;
}

/* A FATAL answer to a statement that was not yet executed says that it was undone. Otherwise the
 * commit may have happened: the outcome is unknown until somebody reads the table. */
void account_lost(pd_client *c)
{
    bool refused = false;
    int64_t now = pd_clock_now();

    for (int i = 0; i < c->op_count; i++)
        refused = refused || (!c->ops[i].answered && c->ops[i].sqlstate[0] != '\0' &&
                              strcmp(c->ops[i].sqlstate, "08006") != 0);
    for (int i = 0; i < c->op_count; i++) {
        pd_op *op = &c->ops[i];
        if (!refused)
            c->w->stats.unknown++;
        fail(c, op, refused ? PD_OP_FAILED : PD_OP_UNKNOWN,
             refused && op->sqlstate[0] != '\0' ? op->sqlstate : "08006", now);
    }
    c->w->busy--;
}

#include "core/load_impl.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

bool pd_loadstats_init(pd_loadstats *stats, size_t entry_count, pd_err *err)
{
    memset(stats, 0, sizeof *stats);
    stats->entries = calloc(entry_count, sizeof *stats->entries);
    stats->entry_count = entry_count;
    return stats->entries ? true : pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

void pd_loadstats_free(pd_loadstats *stats)
{
    free(stats->entries);
    stats->entries = NULL;
}

static void count_state(pd_entrystats *stats, const char *sqlstate, uint64_t n)
{
    int i = 0;

    while (i < PD_LOAD_STATES - 1 && stats->states[i].count > 0 &&
           strcmp(stats->states[i].sqlstate, sqlstate) != 0)
        i++;
    pd_err_copy(stats->states[i].sqlstate, sizeof stats->states[i].sqlstate,
                i < PD_LOAD_STATES - 1 ? sqlstate : "other");
    stats->states[i].count += n;
    stats->errors += n;
}

void pd_loadstats_error(pd_entrystats *stats, const char *sqlstate)
{
    count_state(stats, sqlstate, 1);
}

static void merge_entry(pd_entrystats *into, const pd_entrystats *from)
{
    into->ops += from->ops;
    into->rows += from->rows;
    into->retries += from->retries;
    for (int i = 0; i < PD_LOAD_STATES && from->states[i].count > 0; i++)
        count_state(into, from->states[i].sqlstate, from->states[i].count);
    pd_hist_merge(&into->due, &from->due);
    pd_hist_merge(&into->sent, &from->sent);
}

void pd_loadstats_merge(pd_loadstats *into, const pd_loadstats *from)
{
    for (size_t i = 0; i < into->entry_count; i++)
        merge_entry(&into->entries[i], &from->entries[i]);
    into->unknown += from->unknown;
    into->unsent += from->unsent;
    into->reconnects += from->reconnects;
    into->cpu += from->cpu;
    if (from->ended > into->ended)
        into->ended = from->ended;
    pd_hist_merge(&into->lag, &from->lag);
}

static void acknowledge(pd_client *c, const pd_op *op, int64_t now)
{
    pd_loadlive *live = c->w->live;
    pd_entrystats *stats = &c->w->stats.entries[op->entry];
    int64_t latency = now - op->due;

    stats->ops++;
    stats->rows += op->rows;
    pd_hist_add(&stats->due, latency);
    pd_hist_add(&stats->sent, now - c->sent);
    /* Only this thread writes, so a plain addition does, without a locked instruction. */
    atomic_ullong *ops = &live->ops;
    atomic_store_explicit(ops, atomic_load_explicit(ops, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static void fail(pd_client *c, const pd_op *op, const char *sqlstate)
{
    pd_worker *w = c->w;

    pd_loadstats_error(&w->stats.entries[op->entry], sqlstate);
    atomic_fetch_add_explicit(&w->live->errors, 1, memory_order_relaxed);
    if (w->spec->entries[op->entry].stop_on_error)
        atomic_store(&w->shared->phase, PD_LOAD_END);
}

/* A pipelined batch is one transaction: one failure takes all of it back. */
static bool batch_failed(const pd_client *c)
{
    for (int i = 0; i < c->op_count; i++)
        if (c->ops[i].sqlstate[0] != '\0')
            return true;
    return false;
}

void account_batch(pd_client *c, int64_t now)
{
    bool failed = batch_failed(c);

    for (int i = 0; i < c->op_count; i++) {
        const pd_op *op = &c->ops[i];
        if (!failed)
            acknowledge(c, op, now);
        else
            fail(c, op, op->sqlstate[0] != '\0' ? op->sqlstate : "25P02");
    }
    c->w->busy--;
}

/* A FATAL answer to a statement that was not yet executed says that it was undone. Otherwise the
 * commit may have happened: the outcome is unknown until somebody reads the table. */
void account_lost(pd_client *c)
{
    bool refused = false;

    for (int i = 0; i < c->op_count; i++)
        refused = refused || (!c->ops[i].answered && c->ops[i].sqlstate[0] != '\0' &&
                              strcmp(c->ops[i].sqlstate, "08006") != 0);
    for (int i = 0; i < c->op_count; i++) {
        const pd_op *op = &c->ops[i];
        if (!refused)
            c->w->stats.unknown++;
        fail(c, op, refused && op->sqlstate[0] != '\0' ? op->sqlstate : "08006");
    }
    c->w->busy--;
}

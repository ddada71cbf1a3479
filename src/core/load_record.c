/* What a rehearsal wants to know of each operation: its record, its rows for the ledger, and while
 * the load runs, how long the oldest one has waited. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <string.h>

bool record_begin(pd_worker *w, pd_err *err)
{
    if (!w->spec->watch)
        return true;
    w->log = pd_oplog_new(w->spec->entry_count, err);
    return w->log != NULL;
}

static bool expected(const pd_loadwatch *watch, uint32_t state)
{
    for (size_t i = 0; i < watch->expected_count; i++)
        if (watch->expected[i] == state)
            return true;
    return false;
}

static void count(atomic_ullong *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

void record(pd_client *c, pd_op *op, pd_outcome outcome, const char *sqlstate, int64_t now)
{
    pd_worker *w = c->w;
    const pd_loadwatch *watch = w->spec->watch;
    /* What was cancelled because the run has ended is no error: it was not answered in time. */
    bool cut = w->cancelled && strcmp(sqlstate, "57014") == 0;

    if (!w->log)
        return;
    if (cut)
        outcome = PD_OP_UNSENT;
    pd_oprecord of = {.due = op->due - w->begin,
                      .sent = c->sent - w->begin,
                      .done = cut ? -1 : now - w->begin,
                      .state = cut ? 0 : pd_state_pack(sqlstate),
                      .entry = (uint16_t)op->entry,
                      .outcome = (uint8_t)outcome,
                      .retries = (uint8_t)(c->tries > 255 ? 255
                                           : c->tries > 1 ? c->tries - 1
                                                          : 0)};
    pd_oplog_add(w->log, &of);
    if (outcome == PD_OP_ACKNOWLEDGED && op->rows_back)
        pd_oplog_write(w->log, op->entry, op->rows_back);
    PQclear(op->rows_back);
    op->rows_back = NULL;
    count(&w->live->answered);
    if (watch->slow > 0 && now - op->due > watch->slow)
        count(&w->live->slow);
    if ((outcome == PD_OP_FAILED || outcome == PD_OP_UNKNOWN) && !expected(watch, of.state))
        count(&w->live->unexpected);
}

void record_oldest(pd_worker *w)
{
    int64_t oldest = w->taken.count < w->due.count ? w->taken.at : 0;

    if (!w->log)
        return;
    for (int i = 0; w->busy > 0 && i < w->spec->clients; i++) {
        const pd_client *c = &w->clients[i];
        bool waits = c->state == CLIENT_BUSY || c->state == CLIENT_LENT || c->resend;
        for (int k = 0; waits && k < c->op_count; k++)
            if (w->spec->entries[c->ops[k].entry].writes && (oldest == 0 || c->ops[k].due < oldest))
                oldest = c->ops[k].due;
    }
    atomic_store_explicit(&w->live->waiting_since, oldest, memory_order_relaxed);
}

void record_unsent(pd_worker *w)
{
    while (w->log && w->taken.count < w->due.count) {
        pd_oplog_add(w->log, &(pd_oprecord){.due = w->taken.at - w->begin,
                                            .sent = -1,
                                            .done = -1,
                                            .entry = PD_NO_ENTRY,
                                            .outcome = PD_OP_UNSENT});
        schedule_advance(w, &w->taken);
    }
}

pd_oplog *pd_worker_take_log(pd_worker *w)
{
    pd_oplog *log = w->log;

    w->log = NULL;
    return log;
}

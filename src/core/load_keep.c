/* What is kept of operations for those who ask: the parts of the run between marks, the timeline,
 * and the ledger of acknowledged keys. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

int pd_load_mark(pd_loadshared *shared)
{
    int n = atomic_load(&shared->mark_count);

    if (n == PD_LOAD_MARKS)
        return -1;
    atomic_store(&shared->marks[n], pd_clock_now());
    atomic_store(&shared->mark_count,
                 n + 1); /* after its time: workers read only what is counted */
    return n;
}

/* The statistics of the part in which the operation was due, NULL when there is none. */
static pd_entrystats *marked(pd_worker *w, const pd_op *op)
{
    int n = atomic_load_explicit(&w->shared->mark_count, memory_order_acquire);

    while (n > 0 && atomic_load_explicit(&w->shared->marks[n - 1], memory_order_relaxed) > op->due)
        n--;
    if (n == 0)
        return NULL;
    pd_entrystats **entries = &w->stats.marks[n - 1];
    if (!*entries)
        *entries = calloc(w->stats.entry_count, sizeof **entries);
    if (!*entries)
        w->no_memory = true;
    return *entries ? &(*entries)[op->entry] : NULL;
}

static pd_slot *slot(pd_worker *w, const pd_op *op, int64_t when)
{
    int64_t since = when > w->begin ? when - w->begin : 0;
    pd_slot *found =
        pd_timeline_at(&w->stats.timeline, (size_t)(since / w->spec->slice), op->entry);

    if (!found)
        w->no_memory = true;
    return found;
}

/* A key as an element of an array literal, quoted. */
static void keep_key(pd_worker *w, pd_buf *ledger, const char *key)
{
    if (!pd_buf_reserve(ledger, 2 * strlen(key) + 3, NULL)) {
        w->no_memory = true;
        return;
    }
    char *p = ledger->data + ledger->len;
    if (ledger->len > 0)
        *p++ = ',';
    *p++ = '"';
    for (; *key; key++) {
        if (*key == '"' || *key == '\\')
            *p++ = '\\';
        *p++ = *key;
    }
    *p++ = '"';
    ledger->len = (size_t)(p - ledger->data);
}

void keep_done(pd_client *c, pd_op *op, int64_t now)
{
    pd_worker *w = c->w;
    int64_t latency = now - op->due;
    pd_entrystats *part = marked(w, op);
    pd_slot *ended = w->spec->slice > 0 ? slot(w, op, now) : NULL;

    if (part)
        stats_done(part, op->rows, latency, now - c->sent);
    if (ended)
        ended->ops++;
    pd_slot *due = w->spec->slice > 0 ? slot(w, op, op->due) : NULL;
    if (due && due->worst < latency)
        due->worst = latency;
    for (int i = 0; op->keys && i < PQntuples(op->keys); i++)
        keep_key(w, &w->stats.ledgers[op->entry], PQgetvalue(op->keys, i, 0));
}

void keep_failed(pd_client *c, const pd_op *op, const char *sqlstate)
{
    pd_worker *w = c->w;
    pd_entrystats *part = marked(w, op);
    pd_slot *ended = w->spec->slice > 0 ? slot(w, op, pd_clock_now()) : NULL;

    if (part)
        stats_error(part, sqlstate);
    if (ended)
        ended->errors++;
}

#include "core/load_impl.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define FIRST_PAUSE   (PD_SECOND / 20) /* before connecting again, doubled each time */
#define LONGEST_PAUSE (2 * PD_SECOND)
#define PATIENCE      15 /* seconds for connecting again, when connect_timeout says nothing */

bool client_init(pd_client *c, pd_worker *w, int number, pd_err *err)
{
    const pd_loadspec *spec = w->spec;

    *c = (pd_client){.w = w, .fd = -1, .state = CLIENT_PAUSED, .wake = PD_FOREVER};
    c->ops = calloc((size_t)spec->pipeline, sizeof *c->ops);
    c->refused = calloc(spec->entry_count, sizeof *c->refused);
    if (!c->ops || !c->refused)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    c->stream = pd_stream_new(spec->seed, (uint32_t)number, spec->run, err);
    pd_rng_init(&c->choose, spec->seed, (uint64_t)number, PD_RNG_CHOICE);
    pd_rng_init(&c->jitter, spec->seed, (uint64_t)number, PD_RNG_BACKOFF);
    return c->stream != NULL;
}

void client_free(pd_client *c)
{
    for (int i = 0; c->ops && i < c->w->spec->pipeline; i++) {
        pd_params_free(&c->ops[i].params);
        PQclear(c->ops[i].rows_back);
    }
    PQclear(c->spare.rows_back);
    pd_params_free(&c->spare.params);
    free(c->ops);
    free(c->refused);
    pd_stream_free(c->stream);
    pd_conn_close(c->conn);
}

size_t client_choose(pd_client *c)
{
    const pd_loadspec *spec = c->w->spec;
    double at = pd_rng_double(&c->choose) * c->w->total_weight;

    for (size_t i = 0; i + 1 < spec->entry_count; i++) {
        at -= spec->entries[i].weight;
        if (at < 0)
            return i;
    }
    return spec->entry_count - 1;
}

static void wake_at(pd_client *c, int64_t when)
{
    c->w->timed += (when != PD_FOREVER) - (c->wake != PD_FOREVER);
    c->wake = when;
}

void client_pause(pd_client *c, int64_t when)
{
    c->state = CLIENT_PAUSED;
    wake_at(c, when);
}

/* The connection is gone. What was under way gets its account; then connect again, later each time.
 */
void client_lose(pd_client *c)
{
    if (c->state == CLIENT_BUSY)
        account_lost(c);
    /* A batch that waited to be sent again still does, for the next connection. */
    worker_forget(c);
    pd_conn_close(c->conn);
    c->conn = NULL;
    if (c->was_connected) {
        c->was_connected = false;
        c->dials = 0;
        atomic_fetch_sub_explicit(&c->w->live->connected, 1, memory_order_relaxed);
    }
    int64_t wait = c->dials < 6 ? FIRST_PAUSE << c->dials : LONGEST_PAUSE;
    c->dials++;
    client_pause(c, pd_clock_now() + (wait < LONGEST_PAUSE ? wait : LONGEST_PAUSE));
}

/* During pd_worker_connect() the first failure ends it; later a client goes on trying. */
static void failed_to_connect(pd_client *c, const pd_err *why)
{
    if (c->w->failure && c->w->failure->kind == PD_ERR_NONE)
        *c->w->failure = *why;
    client_lose(c);
}

void client_connect(pd_client *c)
{
    pd_err err;

    c->conn = pd_conn_open(c->w->spec->keywords, c->w->spec->values, &err);
    c->state = CLIENT_CONNECTING;
    if (!c->conn) {
        failed_to_connect(c, &err);
        return;
    }
    /* At the start of a run somebody watches, and thousands of clients may take their time. */
    int timeout = pd_conn_connect_timeout(c->conn);
    if (timeout == 0 && !c->w->failure)
        timeout = PATIENCE;
    if (timeout > 0)
        wake_at(c, pd_clock_after(timeout));
    worker_watch(c, EPOLLOUT);
}

static void connecting_took_too_long(pd_client *c)
{
    pd_err err;

    pd_err_set(&err, PD_ERR_CONN, "the server did not answer in time");
    pd_err_hint(&err, "Is the address right? connect_timeout sets how long to wait.");
    failed_to_connect(c, &err);
}

void client_flush(pd_client *c)
{
    int unsent = PQflush(pd_conn_pg(c->conn));

    if (unsent < 0)
        client_lose(c);
    else
        worker_watch(c, unsent > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* The types of a statement's parameters, to be freed; NULL when memory ran out. */
static Oid *parameter_types(const pd_entry *entry, int *count)
{
    size_t columns = entry->row ? pd_row_columns(entry->row) : 0,
           n = columns * (size_t)entry->batch;
    Oid *types = calloc(n + 1, sizeof *types);

    for (size_t i = 0; types && i < n; i++)
        types[i] = pd_row_types(entry->row)[i % columns];
    *count = (int)n;
    return types;
}

static bool send_prepare(pd_client *c, const pd_entry *entry)
{
    int n;
    Oid *types = parameter_types(entry, &n);
    bool sent = types &&
                PQsendPrepare(pd_conn_pg(c->conn), c->w->names[c->preparing], entry->sql, n, types);

    free(types);
    return sent;
}

bool client_send_unprepared(pd_client *c, const pd_op *op)
{
    const pd_entry *entry = &c->w->spec->entries[op->entry];
    int n;
    Oid *types = parameter_types(entry, &n);
    bool sent =
        types && PQsendQueryParams(pd_conn_pg(c->conn), entry->sql, n, types, op->params.values,
                                   op->params.lengths, op->params.formats, 0);

    free(types);
    return sent;
}

/* Prepares the next entry's statement; after the last one the client can work. */
static void prepare_next(pd_client *c, int64_t now)
{
    const pd_loadspec *spec = c->w->spec;
    PGconn *pg = pd_conn_pg(c->conn);

    while (c->preparing < spec->entry_count && !spec->entries[c->preparing].sql)
        c->preparing++;
    if (c->preparing == spec->entry_count) {
        if (spec->pipeline > 1 && !PQenterPipelineMode(pg)) {
            client_lose(c);
            return;
        }
        c->dials = 0;
        if (c->resend)
            batch_send(c, now);
        else
            worker_idle(c, now);
        return;
    }
    c->state = CLIENT_PREPARING;
    if (send_prepare(c, &spec->entries[c->preparing]))
        client_flush(c);
    else
        client_lose(c);
}

static void connecting(pd_client *c, int64_t now)
{
    pd_err err;

    switch (pd_conn_connect(c->conn, &err)) {
    case PD_IO_READ:
        worker_forget(c); /* libpq may have opened another socket */
        worker_watch(c, EPOLLIN);
        return;
    case PD_IO_WRITE:
        worker_forget(c);
        worker_watch(c, EPOLLOUT);
        return;
    case PD_IO_FAILED:
        failed_to_connect(c, &err);
        return;
    case PD_IO_DONE:
        break;
    }
    wake_at(c, PD_FOREVER);
    c->was_connected = true;
    atomic_fetch_add_explicit(&c->w->live->connected, 1, memory_order_relaxed);
    if (!c->w->failure) {
        c->w->stats.reconnects++;
        atomic_fetch_add_explicit(&c->w->live->reconnects, 1, memory_order_relaxed);
    }
    worker_watch(c, EPOLLIN);
    c->preparing = 0;
    prepare_next(c, now);
}

PGresult *client_result(pd_client *c, bool *more)
{
    PGconn *pg = pd_conn_pg(c->conn);

    *more = PQstatus(pg) == CONNECTION_OK && PQisBusy(pg);
    return *more ? NULL : PQgetResult(pg);
}

/* A statement that the server refuses ends the start of a run. Later the table may be away only for
 * a moment, and the other entries have nothing to do with it: its operations are sent unprepared,
 * so that each gets the server's answer of its own time. */
static void preparing(pd_client *c, int64_t now)
{
    bool more;
    pd_err err;

    for (PGresult *r = client_result(c, &more); r; r = client_result(c, &more)) {
        c->refused[c->preparing] = PQresultStatus(r) != PGRES_COMMAND_OK;
        /* At once: what ends its answer may come later than the error. */
        if (c->refused[c->preparing] && c->w->failure) {
            pd_conn_result_error(c->conn, r, &err);
            PQclear(r);
            failed_to_connect(c, &err);
            return;
        }
        PQclear(r);
    }
    if (more)
        return;
    if (PQstatus(pd_conn_pg(c->conn)) != CONNECTION_OK) {
        pd_err_set(&err, PD_ERR_CONN, "the connection was lost while preparing");
        failed_to_connect(c, &err);
        return;
    }
    c->preparing++;
    prepare_next(c, now);
}

void client_ready(pd_client *c, int64_t now)
{
    if (c->state == CLIENT_CONNECTING) {
        connecting(c, now);
        return;
    }
    if (!PQconsumeInput(pd_conn_pg(c->conn)) && c->state != CLIENT_BUSY) {
        client_lose(c);
        return;
    }
    switch (c->state) {
    case CLIENT_PREPARING:
        preparing(c, now);
        break;
    case CLIENT_BUSY:
        batch_answer(c);
        break;
    case CLIENT_IDLE:
    case CLIENT_LENT:
    case CLIENT_PAUSED: /* a notice, or the end of the connection */
        if (PQstatus(pd_conn_pg(c->conn)) != CONNECTION_OK)
            client_lose(c);
        break;
    case CLIENT_CONNECTING:
        break;
    }
}

void client_wake(pd_client *c, int64_t now)
{
    bool connecting = c->state == CLIENT_CONNECTING;

    wake_at(c, PD_FOREVER);
    if (connecting)
        connecting_took_too_long(c);
    else if (!c->conn)
        client_connect(c);
    else
        batch_send(c, now);
}

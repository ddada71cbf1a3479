#include "core/load_impl.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define FIRST_PAUSE   (PD_SECOND / 20) /* before connecting again, doubled each time */
#define LONGEST_PAUSE (2 * PD_SECOND)
#define MOST_TRIES    10

bool client_init(pd_client *c, pd_worker *w, int number, pd_err *err)
{
    const pd_loadspec *spec = w->spec;

    *c = (pd_client){.w = w, .fd = -1, .state = CLIENT_PAUSED};
    c->ops = calloc((size_t)spec->pipeline, sizeof *c->ops);
    if (!c->ops)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    c->stream = pd_stream_new(spec->seed, (uint32_t)number, spec->run, err);
    pd_rng_init(&c->choose, spec->seed, (uint64_t)number, PD_RNG_CHOICE);
    pd_rng_init(&c->jitter, spec->seed, (uint64_t)number, PD_RNG_BACKOFF);
    return c->stream != NULL;
}

void client_free(pd_client *c)
{
    for (int i = 0; c->ops && i < c->w->spec->pipeline; i++)
        pd_params_free(&c->ops[i].params);
    free(c->ops);
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

static void pause_until(pd_client *c, int64_t when)
{
    c->state = CLIENT_PAUSED;
    c->wake = when;
    c->w->paused++;
}

/* The connection is gone. What was under way gets its account; then connect again, later each time.
 */
void client_lose(pd_client *c)
{
    if (c->state == CLIENT_BUSY)
        account_lost(c);
    else if (c->state == CLIENT_PAUSED)
        c->w->paused--; /* a batch waited to be sent again: it still does, for the next connection
                         */
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
    pause_until(c, pd_clock_now() + (wait < LONGEST_PAUSE ? wait : LONGEST_PAUSE));
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
    if (c->conn)
        worker_watch(c, EPOLLOUT);
    else
        failed_to_connect(c, &err);
}

static void flush(pd_client *c)
{
    int unsent = PQflush(pd_conn_pg(c->conn));

    if (unsent < 0)
        client_lose(c);
    else
        worker_watch(c, unsent > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void send_batch(pd_client *c, int64_t now);

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
            send_batch(c, now);
        else
            worker_idle(c, now);
        return;
    }
    const pd_entry *entry = &spec->entries[c->preparing];
    c->state = CLIENT_PREPARING;
    if (PQsendPrepare(pg, c->w->names[c->preparing], entry->sql,
                      entry->row ? (int)pd_row_columns(entry->row) : 0,
                      entry->row ? pd_row_types(entry->row) : NULL))
        flush(c);
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

/* The next result, NULL when more has to be read first (*more) or this answer has ended. */
static PGresult *next_result(pd_client *c, bool *more)
{
    PGconn *pg = pd_conn_pg(c->conn);

    *more = PQstatus(pg) == CONNECTION_OK && PQisBusy(pg);
    return *more ? NULL : PQgetResult(pg);
}

static void preparing(pd_client *c, int64_t now)
{
    bool more;
    pd_err err = {0};

    for (PGresult *r = next_result(c, &more); r; r = next_result(c, &more)) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK && err.kind == PD_ERR_NONE)
            pd_conn_result_error(c->conn, r, &err);
        PQclear(r);
    }
    if (more)
        return;
    if (PQstatus(pd_conn_pg(c->conn)) != CONNECTION_OK || err.kind != PD_ERR_NONE) {
        if (err.kind == PD_ERR_NONE)
            pd_err_set(&err, PD_ERR_CONN, "the connection was lost while preparing");
        failed_to_connect(c, &err);
        return;
    }
    c->preparing++;
    prepare_next(c, now);
}

static void send_batch(pd_client *c, int64_t now)
{
    PGconn *pg = pd_conn_pg(c->conn);
    bool pipelined = c->w->spec->pipeline > 1;
    int sent = 1;

    c->resend = false;
    c->state = CLIENT_BUSY;
    c->answer = 0;
    c->sent = now;
    for (int i = 0; sent && i < c->op_count; i++) {
        pd_op *op = &c->ops[i];
        op->rows = 0;
        op->answered = false;
        op->sqlstate[0] = '\0';
        sent = PQsendQueryPrepared(pg, c->w->names[op->entry], op->params.n, op->params.values,
                                   op->params.lengths, op->params.formats, 0);
    }
    if (sent && pipelined)
        sent = PQpipelineSync(pg);
    if (!sent)
        client_lose(c);
    else
        flush(c);
}

void client_start(pd_client *c, int64_t now)
{
    c->tries = 0;
    c->w->busy++;
    send_batch(c, now);
}

static void take_result(pd_client *c, const PGresult *r)
{
    pd_op *op = &c->ops[c->answer < c->op_count ? c->answer : c->op_count - 1];
    ExecStatusType status = PQresultStatus(r);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        op->answered = true;
        op->rows = strtoull(PQcmdTuples((PGresult *)r), NULL, 10);
    } else if (op->sqlstate[0] == '\0') {
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        /* Without a state libpq made the error itself: the connection is gone. */
        pd_err_copy(op->sqlstate, sizeof op->sqlstate,
                    status == PGRES_PIPELINE_ABORTED ? "25P02"
                    : state                          ? state
                                                     : "08006");
    }
}

/* A statement's plan or name did not outlive DDL or DISCARD: prepare again, then send the batch
 * again. */
static bool must_prepare_again(const pd_client *c)
{
    for (int i = 0; i < c->op_count; i++)
        if (strcmp(c->ops[i].sqlstate, "0A000") == 0 || strcmp(c->ops[i].sqlstate, "26000") == 0)
            return true;
    return false;
}

/* Connecting again is the surest way to a session without stale statements. */
static void prepare_again(pd_client *c)
{
    worker_forget(c);
    pd_conn_close(c->conn);
    c->conn = NULL;
    c->was_connected = false;
    c->resend = true;
    atomic_fetch_sub_explicit(&c->w->live->connected, 1, memory_order_relaxed);
    client_connect(c);
}

static bool may_retry(const pd_client *c)
{
    bool retry = false;

    for (int i = 0; i < c->op_count; i++) {
        const char *state = c->ops[i].sqlstate;
        if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
            retry = true;
        else if (state[0] != '\0' && strcmp(state, "25P02") != 0)
            return false;
    }
    return retry;
}

static void batch_ended(pd_client *c, int64_t now)
{
    c->tries++;
    if (c->tries <= MOST_TRIES && must_prepare_again(c)) {
        prepare_again(c);
    } else if (c->tries <= MOST_TRIES && may_retry(c)) {
        for (int i = 0; i < c->op_count; i++)
            c->w->stats.entries[c->ops[i].entry].retries++;
        atomic_fetch_add_explicit(&c->w->live->retries, 1, memory_order_relaxed);
        c->resend = true;
        /* Jitter, or two clients that deadlocked meet again. */
        pause_until(c, now + (int64_t)(pd_rng_double(&c->jitter) * 2e6 * c->tries));
    } else {
        account_batch(c, now);
        worker_idle(c, now);
    }
}

static void busy(pd_client *c)
{
    PGconn *pg = pd_conn_pg(c->conn);
    bool pipelined = c->w->spec->pipeline > 1, more, ended = false;

    while (!ended) {
        PGresult *r = next_result(c, &more);
        if (more) {
            if (PQflush(pg) == 0)
                worker_watch(c, EPOLLIN);
            return;
        }
        if (PQstatus(pg) != CONNECTION_OK) {
            if (r)
                take_result(c, r);
            PQclear(r);
            client_lose(c);
            return;
        }
        if (r && PQresultStatus(r) == PGRES_PIPELINE_SYNC)
            ended = true;
        else if (r)
            take_result(c, r);
        else if (pipelined)
            c->answer++; /* the answers of the next statement follow */
        else
            ended = true;
        PQclear(r);
    }
    batch_ended(c, pd_clock_now());
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
        busy(c);
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
    c->w->paused--;
    if (!c->conn)
        client_connect(c);
    else
        send_batch(c, now);
}

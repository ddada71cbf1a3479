/* A batch of operations: sent, answered, and sent again when that may help. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define MOST_TRIES 10

void batch_send(pd_client *c, int64_t now)
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
        PQclear(op->rows_back);
        op->rows_back = NULL;
        if (c->refused[op->entry])
            sent = client_send_unprepared(c, op);
        else
            sent = PQsendQueryPrepared(pg, c->w->names[op->entry], op->params.n, op->params.values,
                                       op->params.lengths, op->params.formats, 0);
    }
    if (sent && pipelined)
        sent = PQpipelineSync(pg);
    if (!sent)
        client_lose(c);
    else
        client_flush(c);
}

void client_start(pd_client *c, int64_t now)
{
    c->tries = 0;
    c->w->busy++;
    batch_send(c, now);
}

/* What the server said, for the one who is told why the run ended. */
static void keep_message(pd_client *c, const pd_op *op, const PGresult *r)
{
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

    if (c->w->spec->entries[op->entry].stop_on_error && strcmp(op->sqlstate, "25P02") != 0)
        pd_err_copy(c->last_error, sizeof c->last_error,
                    message ? message : PQresultErrorMessage(r));
}

/* Takes over what it keeps of r, which the caller clears; true: it keeps all of it. */
static bool take_result(pd_client *c, PGresult *r)
{
    pd_op *op = &c->ops[c->answer < c->op_count ? c->answer : c->op_count - 1];
    ExecStatusType status = PQresultStatus(r);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        op->answered = true;
        op->rows = strtoull(PQcmdTuples(r), NULL, 10);
        if (c->w->spec->entries[op->entry].ledger && !op->rows_back && PQnfields(r) > 0) {
            op->rows_back = r;
            return true;
        }
    } else if (op->sqlstate[0] == '\0') {
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        /* Without a state libpq made the error itself: the connection is gone. */
        pd_err_copy(op->sqlstate, sizeof op->sqlstate,
                    status == PGRES_PIPELINE_ABORTED ? "25P02"
                    : state                          ? state
                                                     : "08006");
        keep_message(c, op, r);
    }
    return false;
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
    bool again = ++c->tries <= MOST_TRIES && c->w->stop_at == PD_FOREVER;

    if (again && must_prepare_again(c)) {
        prepare_again(c);
    } else if (again && may_retry(c)) {
        for (int i = 0; i < c->op_count; i++)
            c->w->stats.entries[c->ops[i].entry].retries++;
        atomic_fetch_add_explicit(&c->w->live->retries, 1, memory_order_relaxed);
        c->resend = true;
        /* Jitter, or two clients that deadlocked meet again. */
        client_pause(c, now + (int64_t)(pd_rng_double(&c->jitter) * 2e6 * c->tries));
    } else {
        account_batch(c, now);
        worker_idle(c, now);
    }
}

void batch_answer(pd_client *c)
{
    PGconn *pg = pd_conn_pg(c->conn);
    bool pipelined = c->w->spec->pipeline > 1, more, ended = false;

    while (!ended) {
        PGresult *r = client_result(c, &more);
        if (more) {
            if (PQflush(pg) == 0)
                worker_watch(c, EPOLLIN);
            return;
        }
        if (PQstatus(pg) != CONNECTION_OK) {
            if (!r || !take_result(c, r))
                PQclear(r);
            client_lose(c);
            return;
        }
        bool sync = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        if (r && !sync && take_result(c, r))
            continue;
        if (!r && pipelined)
            c->answer++; /* the answers of the next statement follow */
        ended = sync || (!r && !pipelined);
        PQclear(r);
    }
    batch_ended(c, pd_clock_now());
}

/* Operations that somebody else performs on a client's connection, such as Lua code. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <sys/epoll.h>

void lend(pd_client *c, int64_t now)
{
    pd_worker *w = c->w;

    worker_forget(c); /* the borrower waits for the socket itself */
    c->state = CLIENT_LENT;
    c->tries = 0;
    c->sent = now;
    c->ops[0].answered = false;
    c->ops[0].sqlstate[0] = '\0';
    c->next = w->lent;
    w->lent = c;
    w->busy++;
}

int pd_worker_take(pd_worker *w, size_t *entry)
{
    pd_client *c = w->lent;

    if (!c)
        return -1;
    w->lent = c->next;
    *entry = c->ops[0].entry;
    return (int)(c - w->clients);
}

pd_conn *pd_worker_conn(pd_worker *w, int client)
{
    return w->clients[client].conn;
}

uint64_t pd_worker_client_number(const pd_worker *w, int client)
{
    return (uint64_t)(w->spec->first_client + client);
}

void pd_worker_stop(pd_worker *w)
{
    atomic_store(&w->shared->phase, PD_LOAD_END);
}

bool pd_worker_lends(const pd_worker *w)
{
    return w->lent != NULL;
}

void pd_worker_give_back(pd_worker *w, int client, uint64_t rows, uint64_t retries, bool broken,
                         const char *sqlstate, const char *message)
{
    pd_client *c = &w->clients[client];
    int64_t now = pd_clock_now();

    c->ops[0].rows = rows;
    pd_err_copy(c->last_error, sizeof c->last_error, message);
    pd_err_copy(c->ops[0].sqlstate, sizeof c->ops[0].sqlstate, sqlstate);
    w->stats.entries[c->ops[0].entry].retries += retries;
    c->state = CLIENT_BUSY;
    if (broken || PQstatus(pd_conn_pg(c->conn)) != CONNECTION_OK) {
        client_lose(c);
        return;
    }
    account_batch(c, now);
    worker_watch(c, EPOLLIN);
    worker_idle(c, now);
}

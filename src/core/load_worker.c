#include "core/load_impl.h"

#include "core/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOOK_AGAIN (PD_SECOND / 20) /* at the phase, when nothing else happens */
#define LAST_WAIT  PD_SECOND        /* for what was sent, after PD_LOAD_END */
#define EVENTS     64

/* How long what is due at the end of the schedule waits for any answer, and for any connection. */
#define LONGEST_SILENCE (30 * PD_SECOND)
#define LONGEST_ABSENCE (5 * PD_SECOND)

void worker_watch(pd_client *c, uint32_t events)
{
    int fd = pd_conn_fd(c->conn);
    struct epoll_event event = {.events = events, .data.ptr = c};

    if (c->events == events && c->fd == fd)
        return;
    epoll_ctl(c->w->epoll, c->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    c->events = events;
    c->fd = fd;
}

void worker_forget(pd_client *c)
{
    if (c->events != 0)
        epoll_ctl(c->w->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    c->events = 0;
    c->fd = -1;
}

void worker_idle(pd_client *c, int64_t now)
{
    c->state = CLIENT_IDLE;
    c->idle_since = now;
    if (c->listed)
        return;
    c->listed = true;
    c->next = c->w->idle;
    c->w->idle = c;
}

static void drop_idle(pd_worker *w)
{
    w->idle->listed = false;
    w->idle = w->idle->next;
}

/* A client whose connection was lost while it was idle leaves the list when its turn comes. */
static pd_client *next_idle(pd_worker *w)
{
    while (w->idle && w->idle->state != CLIENT_IDLE)
        drop_idle(w);
    return w->idle;
}

pd_worker *pd_worker_new(const pd_loadspec *spec, pd_loadshared *shared, pd_loadlive *live,
                         pd_err *err)
{
    pd_worker *w = calloc(1, sizeof *w);

    if (!w) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        return NULL;
    }
    w->spec = spec;
    w->shared = shared;
    w->live = live;
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->clients = calloc((size_t)spec->clients, sizeof *w->clients);
    w->names = calloc(spec->entry_count, sizeof *w->names);
    bool ok = w->clients && w->names;
    if (!ok)
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    for (size_t i = 0; ok && i < spec->entry_count; i++) {
        snprintf(w->names[i], sizeof w->names[i], "partdemo_%zu", i);
        w->total_weight += spec->entries[i].weight;
    }
    ok = ok && pd_loadstats_init(&w->stats, spec->entry_count, err);
    if (w->epoll < 0)
        ok = pd_err_set(err, PD_ERR_SYSTEM, "epoll_create1: %s", strerror(errno));
    for (int i = 0; ok && i < spec->clients; i++)
        ok = client_init(&w->clients[i], w, spec->first_client + i, err);
    if (ok)
        return w;
    pd_worker_free(w);
    return NULL;
}

void pd_worker_free(pd_worker *w)
{
    if (!w)
        return;
    for (int i = 0; w->clients && i < w->spec->clients; i++)
        if (w->clients[i].w)
            client_free(&w->clients[i]);
    free(w->clients);
    free(w->names);
    pd_loadstats_free(&w->stats);
    if (w->epoll >= 0)
        close(w->epoll);
    free(w);
}

int pd_worker_fd(const pd_worker *w)
{
    return w->epoll;
}

const pd_loadstats *pd_worker_stats(const pd_worker *w)
{
    return &w->stats;
}

static void wake_paused(pd_worker *w, int64_t now)
{
    for (int i = 0; w->paused > 0 && i < w->spec->clients; i++) {
        pd_client *c = &w->clients[i];
        if (c->state == CLIENT_PAUSED && c->wake <= now)
            client_wake(c, now);
    }
}

static int64_t first_wake(const pd_worker *w)
{
    int64_t first = PD_FOREVER;

    for (int i = 0; w->paused > 0 && i < w->spec->clients; i++)
        if (w->clients[i].state == CLIENT_PAUSED && w->clients[i].wake < first)
            first = w->clients[i].wake;
    return first;
}

void pd_worker_wait(pd_worker *w, int64_t now, int64_t until)
{
    struct epoll_event events[EVENTS];
    int64_t ns = until > now ? until - now : 0;
    struct timespec left = {.tv_sec = ns / PD_SECOND, .tv_nsec = (long)(ns % PD_SECOND)};

    int ready = epoll_pwait2(w->epoll, events, EVENTS, &left, NULL);
    if (ready > 0)
        now = pd_clock_now();
    for (int i = 0; i < ready; i++)
        client_ready(events[i].data.ptr, now);
    if (w->paused > 0)
        wake_paused(w, pd_clock_now());
}

static bool all_connected(const pd_worker *w)
{
    for (int i = 0; i < w->spec->clients; i++)
        if (w->clients[i].state != CLIENT_IDLE)
            return false;
    return true;
}

bool pd_worker_connect(pd_worker *w, pd_err *err)
{
    memset(err, 0, sizeof *err);
    w->failure = err;
    for (int i = 0; i < w->spec->clients && err->kind == PD_ERR_NONE; i++)
        client_connect(&w->clients[i]);
    while (err->kind == PD_ERR_NONE && !all_connected(w)) {
        int64_t now = pd_clock_now();
        pd_worker_wait(w, now, now + LOOK_AGAIN);
        if (atomic_load(&w->shared->phase) == PD_LOAD_END)
            pd_err_set(err, PD_ERR_INTERRUPT, "interrupted");
    }
    w->failure = NULL;
    return err->kind == PD_ERR_NONE;
}

/* The schedule: k-th due time, or the next of exponential gaps. */
static void advance(const pd_worker *w, pd_cursor *cursor)
{
    const pd_loadspec *spec = w->spec;

    cursor->count++;
    if (spec->poisson)
        cursor->at += (int64_t)(-log1p(-pd_rng_double(&cursor->rng)) / spec->rate * 1e9);
    else
        cursor->at = w->begin + llround((spec->offset + (double)cursor->count / spec->rate) * 1e9);
}

static void start_schedule(pd_worker *w)
{
    const pd_loadspec *spec = w->spec;

    w->due = (pd_cursor){.at = w->begin + llround(spec->offset * 1e9)};
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

/* Makes the parameters of one more operation of the client's next batch. */
static bool add_op(pd_client *c, int64_t due, pd_err *err)
{
    pd_op *op = &c->ops[c->op_count++];
    const pd_row *row;

    op->entry = client_choose(c);
    op->due = due;
    row = c->w->spec->entries[op->entry].row;
    if (!row) {
        op->params.n = 0;
        return true;
    }
    return pd_row_binary(row, c->stream, &op->params, err);
}

/* Gives due operations to idle clients. False when memory ran out. */
static bool dispatch(pd_worker *w, int64_t now, pd_err *err)
{
    const pd_loadspec *spec = w->spec;
    bool open = spec->rate > 0;
    bool more = open || (now < w->end && atomic_load(&w->shared->phase) == PD_LOAD_GO);

    while (open && w->due.at <= now && w->due.at < w->end)
        advance(w, &w->due);
    for (pd_client *c = next_idle(w); c && more; c = next_idle(w)) {
        c->op_count = 0;
        while (c->op_count < spec->pipeline && more) {
            more = (!open || w->taken.count < w->due.count) && take_from_budget(w->shared);
            if (!more)
                break;
            int64_t due = open ? w->taken.at : now;
            if (open)
                advance(w, &w->taken);
            if (!add_op(c, due, err))
                return false;
        }
        if (c->op_count == 0)
            break;
        drop_idle(w);
        int64_t sent = pd_clock_now();
        if (open && c->idle_since <= c->ops[0].due)
            pd_hist_add(&w->stats.lag, sent - c->ops[0].due);
        if (spec->entries[c->ops[0].entry].sql)
            client_start(c, sent);
        else
            lend(c, sent);
    }
    atomic_store_explicit(&w->live->backlog, w->due.count - w->taken.count, memory_order_relaxed);
    return true;
}

/* Nothing will become due any more, and all that was due has been done. */
static bool finished(const pd_worker *w, int phase, int64_t now)
{
    bool over = phase >= PD_LOAD_DRAIN || now >= w->end ||
                (w->shared->limited && atomic_load(&w->shared->ops_left) == 0);

    return over && w->busy == 0 &&
           (w->taken.count == w->due.count ||
            (w->shared->limited && atomic_load(&w->shared->ops_left) == 0));
}

/* After the end of the schedule: nothing was answered for so long that nothing will be. */
static bool given_up(pd_worker *w, int64_t now)
{
    const pd_loadlive *live = w->live;
    uint64_t answered = atomic_load_explicit(&live->ops, memory_order_relaxed) +
                        atomic_load_explicit(&live->errors, memory_order_relaxed);
    int connected = atomic_load_explicit(&live->connected, memory_order_relaxed);

    if (now < w->end || answered != w->answered) {
        w->answered = answered;
        w->answered_at = now;
    }
    return now - w->answered_at > (connected > 0 ? LONGEST_SILENCE : LONGEST_ABSENCE);
}

static double thread_cpu(void)
{
    struct rusage used;

    getrusage(RUSAGE_THREAD, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void pd_worker_begin(pd_worker *w)
{
    w->cpu = thread_cpu();
    w->begin = atomic_load(&w->shared->begin);
    w->end = atomic_load(&w->shared->end);
    w->stop_at = PD_FOREVER;
    start_schedule(w);
}

bool pd_worker_step(pd_worker *w, int64_t now, int64_t *until, bool *over, pd_err *err)
{
    int phase = atomic_load(&w->shared->phase);

    /* The end of a drain is the moment when it was first seen, or it would move on with time. */
    if (phase < PD_LOAD_DRAIN)
        w->end = atomic_load(&w->shared->end);
    else if (w->end > now)
        w->end = now;
    if (phase == PD_LOAD_END && w->stop_at == PD_FOREVER)
        w->stop_at = now + LAST_WAIT;
    if (phase < PD_LOAD_END && !dispatch(w, now, err))
        return false;
    *over = finished(w, phase, now) || now >= w->stop_at || given_up(w, now) ||
            (phase == PD_LOAD_END && w->busy == 0);
    *until = w->stop_at < w->end || now >= w->end ? w->stop_at : w->end;
    if (w->spec->rate > 0 && w->due.at < *until)
        *until = w->due.at;
    int64_t wake = first_wake(w);
    if (wake < *until)
        *until = wake;
    if (*until > now + LOOK_AGAIN)
        *until = now + LOOK_AGAIN;
    return true;
}

void pd_worker_end(pd_worker *w)
{
    for (int i = 0; i < w->spec->clients; i++)
        if (w->clients[i].state == CLIENT_BUSY || w->clients[i].state == CLIENT_LENT ||
            w->clients[i].resend)
            account_lost(&w->clients[i]);
    /* A limited run has no more operations than its limit, whatever its schedule says. */
    if (!w->shared->limited || atomic_load(&w->shared->ops_left) > 0)
        w->stats.unsent = w->due.count - w->taken.count;
    w->stats.cpu = thread_cpu() - w->cpu;
    w->stats.ended = pd_clock_now();
}

bool pd_worker_run(pd_worker *w, pd_err *err)
{
    bool over = false, ok = true;

    pd_worker_begin(w);
    while (!over) {
        int64_t now = pd_clock_now(), until;
        ok = pd_worker_step(w, now, &until, &over, err);
        if (!ok)
            break;
        if (!over)
            pd_worker_wait(w, now, until);
    }
    pd_worker_end(w);
    return ok;
}

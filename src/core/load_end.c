/* The course of a run from its beginning to its end, however that comes. */
#include "core/load_impl.h"

#include "core/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LOOK_AGAIN   (PD_SECOND / 20)  /* at the phase, when nothing else happens */
#define GRACE        (PD_SECOND / 2)   /* for what was sent, after PD_LOAD_END */
#define LAST_WAIT    PD_SECOND         /* for what was cancelled then, */
#define CANCEL_WAIT  (PD_SECOND / 500) /* and so much for each cancel request, */
#define LONGEST_WAIT (5 * PD_SECOND)   /* but no more than this */

/* How long what is due at the end of the schedule waits for any answer, and for any connection. */
#define LONGEST_SILENCE (30 * PD_SECOND)
#define LONGEST_ABSENCE (5 * PD_SECOND)

typedef struct cancels {
    size_t count;
    PGcancel *list[];
} cancels;

/* PQcancel() blocks for as long as connecting does, which may be long: so it is done by a thread
 * that nobody waits for and that owns all it uses. */
static void *cancel_all(void *arg)
{
    cancels *all = arg;
    char why[256];

    for (size_t i = 0; i < all->count; i++) {
        PQcancel(all->list[i], why, sizeof why);
        PQfreeCancel(all->list[i]);
    }
    free(all);
    return NULL;
}

static void cancel_busy(const pd_worker *w)
{
    size_t most = (size_t)w->spec->clients;
    cancels *all = calloc(1, sizeof *all + most * sizeof(PGcancel *));
    pthread_t thread;

    for (size_t i = 0; all && i < most; i++) {
        const pd_client *c = &w->clients[i];
        bool sent = c->state == CLIENT_BUSY || c->state == CLIENT_LENT;
        PGcancel *cancel = sent ? PQgetCancel(pd_conn_pg(c->conn)) : NULL;
        if (cancel)
            all->list[all->count++] = cancel;
    }
    if (all && pthread_create(&thread, NULL, cancel_all, all) == 0)
        pthread_detach(thread);
    else if (all)
        cancel_all(all);
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

bool pd_worker_overdue(const pd_worker *w)
{
    return atomic_load(&w->shared->phase) == PD_LOAD_END ||
           pd_clock_now() - LONGEST_SILENCE > atomic_load(&w->shared->end);
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
    schedule_begin(w);
}

/* Ends the run in two steps: at first what was sent is awaited, then it is cancelled. */
static void stop(pd_worker *w, int64_t now)
{
    if (w->stop_at == PD_FOREVER)
        w->stop_at = now + GRACE;
    if (now < w->stop_at || w->cancelled || w->busy == 0)
        return;
    cancel_busy(w);
    w->cancelled = true;
    int64_t wait = LAST_WAIT + w->busy * CANCEL_WAIT;
    w->stop_at = now + (wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
}

bool pd_worker_step(pd_worker *w, int64_t now, int64_t *until, bool *over, pd_err *err)
{
    int phase = atomic_load(&w->shared->phase);

    /* The end of a drain is the moment when it was first seen, or it would move on with time. */
    if (phase < PD_LOAD_DRAIN)
        w->end = atomic_load(&w->shared->end);
    else if (w->end > now)
        w->end = now;
    if (w->stop_at != PD_FOREVER || phase == PD_LOAD_END || given_up(w, now))
        stop(w, now);
    else if (!schedule_dispatch(w, now, err))
        return false;
    record_oldest(w);
    bool stopping = w->stop_at != PD_FOREVER;
    *over = finished(w, phase, now) || (stopping && (w->busy == 0 || now >= w->stop_at));
    *until = stopping || now >= w->end ? w->stop_at : w->end;
    if (w->spec->rate > 0 && w->due.at < *until && !stopping)
        *until = w->due.at;
    int64_t wake = worker_first_wake(w);
    if (wake < *until)
        *until = wake;
    if (*until > now + LOOK_AGAIN)
        *until = now + LOOK_AGAIN;
    return true;
}

void pd_worker_end(pd_worker *w)
{
    for (int i = 0; i < w->spec->clients; i++) {
        pd_client *c = &w->clients[i];
        if (c->state == CLIENT_BUSY || c->state == CLIENT_LENT)
            account_lost(c);
        else if (c->resend) /* it was rolled back, and was to be tried again */
            account_batch(c, pd_clock_now());
    }
    /* A limited run has no more operations than its limit, whatever its schedule says. */
    if (!w->shared->limited || atomic_load(&w->shared->ops_left) > 0)
        w->stats.unsent = w->due.count - w->taken.count;
    record_unsent(w);
    w->stats.cpu = thread_cpu() - w->cpu;
    w->stats.ended = pd_clock_now();
}

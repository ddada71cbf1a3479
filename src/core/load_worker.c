#include "core/load_impl.h"

#include "core/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LOOK_AGAIN (PD_SECOND / 20) /* at the phase, while clients connect */
#define EVENTS     64

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

void worker_drop_idle(pd_worker *w)
{
    w->idle->listed = false;
    w->idle = w->idle->next;
}

/* A client whose connection was lost while it was idle leaves the list when its turn comes. */
pd_client *worker_next_idle(pd_worker *w)
{
    while (w->idle && w->idle->state != CLIENT_IDLE)
        worker_drop_idle(w);
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
    ok = ok && pd_loadstats_init(&w->stats, spec->entry_count, err) && record_begin(w, err);
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
    pd_oplog_free(w->log);
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

static void wake_timed(pd_worker *w, int64_t now)
{
    for (int i = 0; w->timed > 0 && i < w->spec->clients; i++)
        if (w->clients[i].wake <= now)
            client_wake(&w->clients[i], now);
}

int64_t worker_first_wake(const pd_worker *w)
{
    int64_t first = PD_FOREVER;

    for (int i = 0; w->timed > 0 && i < w->spec->clients; i++)
        if (w->clients[i].wake < first)
            first = w->clients[i].wake;
    return first;
}

/* Linux before 5.11 has no epoll_pwait2, and some sandboxes forbid what they do not know: waiting
 * is one system call more there, lest the loop spins. */
static int wait_for_events(const pd_worker *w, struct epoll_event *events, int64_t ns)
{
    struct timespec left = {.tv_sec = ns / PD_SECOND, .tv_nsec = (long)(ns % PD_SECOND)};
    int ready = epoll_pwait2(w->epoll, events, EVENTS, &left, NULL);

    if (ready >= 0 || errno == EINTR)
        return ready;
    ppoll(&(struct pollfd){.fd = w->epoll, .events = POLLIN}, 1, &left, NULL);
    return epoll_wait(w->epoll, events, EVENTS, 0);
}

void pd_worker_wait(pd_worker *w, int64_t now, int64_t until)
{
    struct epoll_event events[EVENTS];

    int ready = wait_for_events(w, events, until > now ? until - now : 0);
    if (ready > 0)
        now = pd_clock_now();
    for (int i = 0; i < ready; i++)
        client_ready(events[i].data.ptr, now);
    if (w->timed > 0)
        wake_timed(w, pd_clock_now());
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

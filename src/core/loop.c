#include "core/loop.h"

#include "core/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* waits[i] holds the wait whose slot is i + 1; fds[0] is wake_fd, then come those of the waits that
 * have a socket, in their order: poll(2) takes no more entries than files may be open, and there
 * may be more timers than that. */
struct pd_loop {
    pd_wait **waits;
    struct pollfd *fds;
    size_t count, room;
    size_t scan; /* waits below this index may be due after a poll */
    int64_t now;
    int wake_fd;
};

pd_loop *pd_loop_new(int wake_fd)
{
    pd_loop *loop = calloc(1, sizeof *loop);

    if (loop)
        loop->wake_fd = wake_fd;
    return loop;
}

void pd_loop_free(pd_loop *loop)
{
    if (!loop)
        return;
    for (size_t i = 0; i < loop->count; i++)
        loop->waits[i]->slot = 0;
    free(loop->waits);
    free(loop->fds);
    free(loop);
}

static bool make_room(pd_loop *loop)
{
    size_t room = loop->room ? loop->room * 2 : 16;
    pd_wait **waits = realloc(loop->waits, room * sizeof *waits);

    if (!waits)
        return false;
    loop->waits = waits;
    struct pollfd *fds = realloc(loop->fds, (room + 1) * sizeof *fds);
    if (!fds)
        return false;
    loop->fds = fds;
    loop->room = room;
    return true;
}

bool pd_loop_add(pd_loop *loop, pd_wait *wait, pd_err *err)
{
    if (loop->count == loop->room && !make_room(loop))
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    wait->fired = 0;
    loop->waits[loop->count++] = wait;
    wait->slot = loop->count;
    return true;
}

void pd_loop_remove(pd_loop *loop, pd_wait *wait)
{
    if (wait->slot == 0)
        return;
    pd_wait *last = loop->waits[--loop->count];
    loop->waits[wait->slot - 1] = last;
    last->slot = wait->slot;
    wait->slot = 0;
}

static void timeout_until(int64_t now, int64_t until, struct timespec *left)
{
    int64_t ns = until > now ? until - now : 0;

    left->tv_sec = (time_t)(ns / PD_SECOND);
    left->tv_nsec = (long)(ns % PD_SECOND);
}

static void empty_wake_fd(int fd)
{
    uint64_t count;

    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
}

bool pd_loop_poll(pd_loop *loop, int64_t until, bool *woken, pd_err *err)
{
    struct pollfd only_wake;
    struct pollfd *fds = loop->fds ? loop->fds : &only_wake;
    struct timespec left;
    nfds_t n = 1;

    *woken = false;
    fds[0] = (struct pollfd){.fd = loop->wake_fd, .events = POLLIN};
    for (size_t i = 0; i < loop->count; i++) {
        const pd_wait *wait = loop->waits[i];
        if (wait->fd >= 0)
            fds[n++] = (struct pollfd){.fd = wait->fd, .events = wait->events};
        if (wait->deadline < until)
            until = wait->deadline;
    }
    timeout_until(pd_clock_now(), until, &left);
    int ready = ppoll(fds, n, until == PD_FOREVER ? NULL : &left, NULL);
    if (ready < 0 && errno != EINTR)
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot wait for the server: %s", strerror(errno));
    loop->now = pd_clock_now();
    n = 1; /* after EINTR, too: nothing was reported then, and the loop above set revents to 0 */
    for (size_t i = 0; i < loop->count; i++)
        loop->waits[i]->fired = loop->waits[i]->fd >= 0 ? fds[n++].revents : 0;
    if (fds[0].revents != 0) {
        empty_wake_fd(loop->wake_fd);
        *woken = true;
    }
    loop->scan = loop->count;
    return true;
}

pd_wait *pd_loop_on(const pd_loop *loop, int fd)
{
    for (size_t i = 0; i < loop->count; i++)
        if (loop->waits[i]->fd == fd)
            return loop->waits[i];
    return NULL;
}

pd_wait *pd_loop_next(pd_loop *loop)
{
    /* Downwards: removing a wait moves the last one, already looked at, into its place. */
    while (loop->scan > 0) {
        if (--loop->scan >= loop->count)
            continue;
        pd_wait *wait = loop->waits[loop->scan];
        if (wait->fired != 0 || wait->deadline <= loop->now) {
            pd_loop_remove(loop, wait);
            return wait;
        }
    }
    return NULL;
}

int pd_loop_wait_one(int fd, short events, int64_t deadline, int wake_fd)
{
    struct pollfd fds[2] = {{.fd = fd, .events = events}, {.fd = wake_fd, .events = POLLIN}};
    struct timespec left;

    timeout_until(pd_clock_now(), deadline, &left);
    int ready = ppoll(fds, 2, deadline == PD_FOREVER ? NULL : &left, NULL);
    if (ready < 0)
        return -1;
    if (fds[1].revents != 0) {
        empty_wake_fd(wake_fd);
        errno = EINTR;
        return -1;
    }
    return fds[0].revents;
}

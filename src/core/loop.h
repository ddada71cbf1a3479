/*
 * The wait loop under every scheduler: sockets and timers, one poll(2) a turn over all that is
 * waited for. The array is rebuilt each turn, because libpq may change a connection's socket while
 * it connects. Nobody owns a socket here; a wait belongs to whoever added it and lives there.
 */
#ifndef PD_CORE_LOOP_H
#define PD_CORE_LOOP_H

#include "core/err.h"

#include <stdint.h>

typedef struct pd_loop pd_loop;

typedef struct pd_wait {
    int fd;           /* -1: wait for the deadline alone */
    short events;     /* POLLIN, POLLOUT */
    short fired;      /* out: what poll reported; 0 = the deadline passed */
    int64_t deadline; /* pd_clock_now() time, or PD_FOREVER */
    size_t slot;      /* the loop's; 0 = not in it */
} pd_wait;

/* wake_fd: an eventfd that a signal handler writes to, read empty when it wakes the loop; -1 =
 * none. NULL when memory ran out. */
pd_loop *pd_loop_new(int wake_fd);
void pd_loop_free(pd_loop *loop);

/* False when memory ran out. The wait must stay where it is until it has fired or was removed. */
bool pd_loop_add(pd_loop *loop, pd_wait *wait, pd_err *err);
void pd_loop_remove(pd_loop *loop, pd_wait *wait);

/* A wait for that socket, still in the loop; NULL when there is none. */
pd_wait *pd_loop_on(const pd_loop *loop, int fd);

/* Waits until a wait is due, `until` has come, or wake_fd was written to; *woken tells the last.
 * The waits that are due are taken out by pd_loop_next(). */
bool pd_loop_poll(pd_loop *loop, int64_t until, bool *woken, pd_err *err);

/* One wait that is due, removed from the loop; NULL when there is no more. */
pd_wait *pd_loop_next(pd_loop *loop);

/* Blocks on one socket without a loop: what fired, 0 at the deadline, -1 with errno (EINTR too). */
int pd_loop_wait_one(int fd, short events, int64_t deadline, int wake_fd);

#endif

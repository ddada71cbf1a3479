/*
 * The scheduler: Lua coroutines on one wait loop. A binding that has to wait returns
 * pd_sched_wait(); its continuation is called when what it waited for has come. In Lua's main
 * thread, or in a coroutine that a script made for itself, the same call polls in place.
 */
#ifndef PD_BIND_SCHED_H
#define PD_BIND_SCHED_H

#include "bind/bind.h"

#include <stdint.h>

/* What ended a wait; positive values are poll(2)'s events. */
enum { PD_FIRED_TIMEOUT = 0, PD_FIRED_INTERRUPT = -1 };

typedef enum pd_waitmode {
    PD_WAIT,      /* a signal ends the wait with PD_FIRED_INTERRUPT */
    PD_WAIT_QUIET /* teardown: only the socket or the deadline does */
} pd_waitmode;

/* Waits for fd (fd -1: only for the deadline), then calls k(L, LUA_YIELD, ctx) with the stack as it
 * was: `return pd_sched_wait(...)`. Raises when memory runs out. Only the main task and code
 * outside tasks see interrupts; the main task ends the others. */
int pd_sched_wait(lua_State *L, int fd, short events, int64_t deadline, pd_waitmode mode,
                  lua_KContext ctx, lua_KFunction k);

/* For code that waits again and again: waits in place where a wait cannot yield, or the signal is
 * there already. True: go on with pd_sched_fired(). False: `return pd_sched_wait(...)`. A
 * continuation that called pd_sched_wait() in place for each piece of an answer would pile up. */
bool pd_sched_wait_here(lua_State *L, int fd, short events, int64_t deadline, pd_waitmode mode);

/* True when a wait with PD_WAIT would end at once by a signal: nothing new is to be begun. */
bool pd_sched_interrupted(lua_State *L);

/* The socket is about to be closed: ends the waits for it, with POLLNVAL. */
void pd_sched_closing(lua_State *L, int fd);

/* What ended the last wait of this coroutine. */
int pd_sched_fired(lua_State *L);

/* Sets the scheduler of a new state up; wake_fd as in pd_loop_new(). */
bool pd_sched_install(lua_State *L, int wake_fd, pd_err *err);

#endif

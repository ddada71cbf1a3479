#include "bind/modules.h"
#include "bind/sched_impl.h"

#include "core/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define SCHED_META "partdemo.sched"

static const char sched_key; /* its address is a registry key */

sched *pd_sched_get(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &sched_key);
    sched *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

static int wait_in_place(lua_State *L, const sched *s, int fd, short events, int64_t deadline,
                         pd_waitmode mode)
{
    for (;;) {
        if (mode == PD_WAIT && pd_lua_interrupted(L))
            return PD_FIRED_INTERRUPT;
        int fired = pd_loop_wait_one(fd, events, deadline, mode == PD_WAIT ? s->wake_fd : -1);
        if (fired >= 0)
            return fired;
        if (errno != EINTR)
            luaL_error(L, "cannot wait for the server: %s", strerror(errno));
    }
}

bool pd_sched_wait_here(lua_State *L, int fd, short events, int64_t deadline, pd_waitmode mode)
{
    sched *s = pd_sched_get(L);
    task *t = pd_task_of(L);
    int fired = PD_FIRED_INTERRUPT;

    /* Not running: a script resumed the coroutine of a task by itself. */
    if (!t || t->state != TASK_RUNNING || !lua_isyieldable(L))
        fired = wait_in_place(L, s, fd, events, deadline, mode);
    else if (t != s->main || mode != PD_WAIT || !pd_lua_interrupted(L))
        return false;
    *(t ? &t->fired : &s->fired) = fired;
    return true;
}

int pd_sched_wait(lua_State *L, int fd, short events, int64_t deadline, pd_waitmode mode,
                  lua_KContext ctx, lua_KFunction k)
{
    task *t = pd_task_of(L);
    pd_err err;

    if (pd_sched_wait_here(L, fd, events, deadline, mode))
        return k(L, LUA_YIELD, ctx);
    t->wait = (pd_wait){.fd = fd, .events = events, .deadline = deadline};
    t->mode = mode;
    if (!pd_loop_add(pd_sched_get(L)->loop, &t->wait, &err)) {
        if (t->joining)
            t->joining->joiner = NULL;
        t->joining = NULL;
        return pd_lua_raise(L, &err);
    }
    t->state = TASK_WAITING;
    return lua_yieldk(L, 0, ctx, k);
}

int pd_sched_fired(lua_State *L)
{
    const task *t = pd_task_of(L);

    return t ? t->fired : pd_sched_get(L)->fired;
}

bool pd_sched_interrupted(lua_State *L)
{
    const task *t = pd_task_of(L);

    return (!t || t == pd_sched_get(L)->main) && pd_lua_interrupted(L);
}

void pd_sched_closing(lua_State *L, int fd)
{
    sched *s = pd_sched_get(L);

    if (fd < 0)
        return;
    for (pd_wait *wait = pd_loop_on(s->loop, fd); wait; wait = pd_loop_on(s->loop, fd))
        pd_task_wake(s, (task *)wait, POLLNVAL);
}

static void interrupt_main(lua_State *L, sched *s)
{
    if (s->main->mode == PD_WAIT && pd_lua_interrupted(L))
        pd_task_wake(s, s->main, PD_FIRED_INTERRUPT);
}

/* One look at the sockets, then each task once that is ready by then: a task that only yields must
 * keep neither the sockets nor a signal waiting. */
static void turn(lua_State *L, sched *s)
{
    bool woken;
    pd_err err;

    interrupt_main(L, s);
    if (!pd_loop_poll(s->loop, s->first ? 0 : PD_FOREVER, &woken, &err))
        pd_lua_raise(L, &err);
    for (pd_wait *due = pd_loop_next(s->loop); due; due = pd_loop_next(s->loop))
        pd_task_wake(s, (task *)due, due->fired);
    for (size_t n = s->ready; n > 0; n--) {
        task *t = pd_task_next(s);
        if (t) /* it may have been cancelled */
            pd_task_resume(L, s, t);
    }
}

/* Runs protected: whatever happens, run() leaves a scheduler that can run again. */
static int run_main(lua_State *L)
{
    sched *s = pd_sched_get(L);

    while (s->main->state != TASK_DONE && s->main->state != TASK_FAILED)
        turn(L, s);
    return 0;
}

/* run(f, ...) -> true, results | false, error. Runs f as the main task until it has ended; tasks
 * that are left then are cancelled. An error of a task that nobody joined is run()'s error. */
static int sched_run(lua_State *L)
{
    sched *s = pd_sched_get(L);

    luaL_checktype(L, 1, LUA_TFUNCTION);
    luaL_argcheck(L, !s->main, 1, "the scheduler runs already");
    task *t = pd_task_new(L, s, lua_gettop(L) - 1);
    s->main = t;
    lua_pushcfunction(L, run_main);
    bool broke = lua_pcall(L, 0, 0, 0) != LUA_OK;
    if (!broke && t->state == TASK_DONE && s->failed) {
        t = s->failed;
        pd_task_push(L, t); /* keeps it while its error is taken */
    }
    pd_task_cancel_all(L, s);
    s->main = NULL;
    pd_lua_grace(L);
    if (broke) {
        lua_pushboolean(L, false);
        lua_insert(L, -2);
        return 2;
    }
    luaL_checkstack(L, t->nargs + 1, "too many results");
    lua_pushboolean(L, t->state == TASK_DONE);
    lua_xmove(t->co, L, t->nargs);
    return t->nargs + 1;
}

static int sleep_over(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    if (pd_sched_fired(L) != PD_FIRED_INTERRUPT)
        return 0;
    pd_lua_push_interrupt(L);
    return lua_error(L);
}

/* sleep(seconds) */
static int sched_sleep(lua_State *L)
{
    return pd_sched_wait(L, -1, 0, pd_clock_after(luaL_checknumber(L, 1)), PD_WAIT, 0, sleep_over);
}

/* now() -> seconds of the monotonic clock */
static int sched_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)pd_clock_now() / 1e9);
    return 1;
}

static int sched_gc(lua_State *L)
{
    sched *s = lua_touserdata(L, 1);

    pd_loop_free(s->loop);
    s->loop = NULL;
    return 0;
}

bool pd_sched_install(lua_State *L, int wake_fd, pd_err *err)
{
    sched *s = lua_newuserdatauv(L, sizeof *s, 0);

    memset(s, 0, sizeof *s);
    s->wake_fd = wake_fd;
    if (luaL_newmetatable(L, SCHED_META)) {
        lua_pushcfunction(L, sched_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &sched_key);
    pd_task_install(L);
    *(task **)lua_getextraspace(L) = NULL;
    s->loop = pd_loop_new(wake_fd);
    return s->loop ? true : pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

int luaopen_partdemo_sched(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"run", sched_run}, {"spawn", pd_task_spawn}, {"sleep", sched_sleep}, {"now", sched_now},
        {NULL, NULL},
    };

    luaL_newlib(L, functions);
    return 1;
}

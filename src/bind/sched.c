#include "bind/sched.h"
#include "bind/modules.h"

#include "core/clock.h"
#include "core/loop.h"

#include <errno.h>
#include <string.h>

#define TASK_META  "partdemo.task"
#define SCHED_META "partdemo.sched"

typedef enum taskstate { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE, TASK_FAILED } taskstate;

/* A userdata whose user value is the coroutine; the registry keeps it while it is alive. */
typedef struct task {
    pd_wait wait; /* first: a due wait is its task */
    lua_State *co;
    struct task *next;    /* in the ready queue */
    struct task *joiner;  /* the task that waits for this one to end */
    struct task *joining; /* the task that this one waits for: alive, it is on our stack */
    taskstate state;
    pd_waitmode mode;
    int nargs; /* values on co's stack for the next resume; after the end: the results */
    int fired;
} task;

typedef struct sched {
    pd_loop *loop;
    task *first, *last; /* ready queue, first in first out */
    task *main;         /* the task of run(), NULL outside it */
    task *orphan;       /* the first task that failed and was not joined yet */
    int wake_fd;
    int fired; /* of the last wait that polled in place */
} sched;

static const char sched_key, tasks_key; /* their addresses are registry keys */

static sched *get_sched(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &sched_key);
    sched *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

/* The task that L is the coroutine of; NULL in the main thread and in a script's own coroutines,
 * which inherit the extra space of the main thread. */
static task *task_of(lua_State *L)
{
    return *(task **)lua_getextraspace(L);
}

static void push_ready(sched *s, task *t)
{
    t->state = TASK_READY;
    t->next = NULL;
    if (s->last)
        s->last->next = t;
    else
        s->first = t;
    s->last = t;
}

static task *pop_ready(sched *s)
{
    task *t = s->first;

    if (t && !(s->first = t->next))
        s->last = NULL;
    return t;
}

static void drop_ready(sched *s, const task *t)
{
    task *kept = s->first;

    s->first = s->last = NULL;
    while (kept) {
        task *next = kept->next;
        if (kept != t)
            push_ready(s, kept);
        kept = next;
    }
}

static void wake(sched *s, task *t, int fired)
{
    pd_loop_remove(s->loop, &t->wait);
    t->fired = fired;
    push_ready(s, t);
}

/* The registry's table of living tasks: tasks[task] = userdata. */
static void anchor(lua_State *L, task *t, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

static void release(lua_State *L, task *t)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_pushnil(L);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

static int wait_in_place(lua_State *L, sched *s, int fd, short events, int64_t deadline,
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

int pd_sched_wait(lua_State *L, int fd, short events, int64_t deadline, pd_waitmode mode,
                  lua_KContext ctx, lua_KFunction k)
{
    sched *s = get_sched(L);
    task *t = task_of(L);
    pd_err err;

    if (!t || !lua_isyieldable(L)) {
        s->fired = wait_in_place(L, s, fd, events, deadline, mode);
        if (t)
            t->fired = s->fired;
        return k(L, LUA_YIELD, ctx);
    }
    if (t == s->main && mode == PD_WAIT && pd_lua_interrupted(L)) {
        t->fired = PD_FIRED_INTERRUPT;
        return k(L, LUA_YIELD, ctx);
    }
    t->wait = (pd_wait){.fd = fd, .events = events, .deadline = deadline};
    t->mode = mode;
    if (!pd_loop_add(s->loop, &t->wait, &err))
        return pd_lua_raise(L, &err);
    t->state = TASK_WAITING;
    return lua_yieldk(L, 0, ctx, k);
}

int pd_sched_fired(lua_State *L)
{
    task *t = task_of(L);

    return t ? t->fired : get_sched(L)->fired;
}

/* Leaves the error of a failed coroutine on its stack as an error table that has a traceback. */
static void complete_error(lua_State *co)
{
    if (lua_type(co, -1) != LUA_TTABLE) {
        pd_err err;
        pd_err_set(&err, PD_ERR_NONE, "%s", luaL_tolstring(co, -1, NULL));
        lua_pop(co, 1);
        pd_lua_push_err(co, &err);
        lua_pushliteral(co, "lua");
        lua_setfield(co, -2, "kind");
    }
    if (lua_getfield(co, -1, "traceback") == LUA_TNIL) {
        luaL_traceback(co, co, NULL, 0);
        lua_setfield(co, -3, "traceback");
    }
    lua_pop(co, 1);
}

static void end_task(lua_State *L, sched *s, task *t, taskstate state, int results)
{
    t->state = state;
    t->nargs = results;
    if (t->joiner)
        wake(s, t->joiner, PD_FIRED_TIMEOUT);
    else if (state == TASK_FAILED && t != s->main && !s->orphan)
        s->orphan = t; /* stays anchored, so that run() can report it */
    if (s->orphan != t)
        release(L, t);
}

static void resume(lua_State *L, sched *s, task *t)
{
    int results = 0;

    t->state = TASK_RUNNING;
    int status = lua_resume(t->co, L, t->nargs, &results);
    t->nargs = 0;
    if (status == LUA_OK) {
        end_task(L, s, t, TASK_DONE, results);
    } else if (status != LUA_YIELD) {
        if (lua_checkstack(t->co, 8))
            complete_error(t->co);
        end_task(L, s, t, TASK_FAILED, 1);
    } else if (t->state == TASK_RUNNING) { /* a bare coroutine.yield(): let the others run */
        lua_pop(t->co, results);
        push_ready(s, t);
    }
}

static task *new_task(lua_State *L, sched *s, int nargs)
{
    task *t = lua_newuserdatauv(L, sizeof *t, 1);

    memset(t, 0, sizeof *t);
    t->state = TASK_DONE;
    luaL_setmetatable(L, TASK_META);
    t->co = lua_newthread(L);
    *(task **)lua_getextraspace(t->co) = t;
    lua_setiuservalue(L, -2, 1);
    anchor(L, t, -1);
    lua_insert(L, -nargs - 2); /* below the function and its arguments */
    if (!lua_checkstack(t->co, nargs + 1))
        luaL_error(L, "too many arguments");
    lua_xmove(L, t->co, nargs + 1);
    t->nargs = nargs;
    push_ready(s, t);
    return t;
}

/* Ends a task from outside: its to-be-closed variables are closed, in place. */
static void cancel(lua_State *L, sched *s, task *t)
{
    if (t->state == TASK_DONE || t->state == TASK_FAILED || t->state == TASK_RUNNING)
        return;
    if (t->state == TASK_READY)
        drop_ready(s, t);
    pd_loop_remove(s->loop, &t->wait);
    if (t->joining)
        t->joining->joiner = NULL;
    lua_resetthread(t->co);
    lua_settop(t->co, 0);
    end_task(L, s, t, TASK_DONE, 0);
}

static void cancel_all(lua_State *L, sched *s)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        cancel(L, s, lua_touserdata(L, -1));
    lua_pop(L, 1);
    s->orphan = NULL;
    lua_newtable(L); /* failed tasks that nobody joined are still in the old one */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &tasks_key);
}

static void interrupt_main(lua_State *L, sched *s)
{
    task *t = s->main;

    if (t->state == TASK_WAITING && t->mode == PD_WAIT && pd_lua_interrupted(L))
        wake(s, t, PD_FIRED_INTERRUPT);
}

static void turn(lua_State *L, sched *s)
{
    bool woken;
    pd_err err;

    interrupt_main(L, s);
    if (!s->first) {
        if (!pd_loop_poll(s->loop, PD_FOREVER, &woken, &err))
            pd_lua_raise(L, &err);
        for (pd_wait *due = pd_loop_next(s->loop); due; due = pd_loop_next(s->loop))
            wake(s, (task *)due, due->fired);
    }
    for (task *t = pop_ready(s); t; t = pop_ready(s))
        resume(L, s, t);
}

/* run(f, ...) -> true, results | false, error. Runs f as the main task until it has ended; tasks
 * that are left then are cancelled. An error of a task that nobody joined is run()'s error. */
static int sched_run(lua_State *L)
{
    sched *s = get_sched(L);

    luaL_checktype(L, 1, LUA_TFUNCTION);
    luaL_argcheck(L, !s->main, 1, "the scheduler runs already");
    task *t = new_task(L, s, lua_gettop(L) - 1);
    s->main = t;
    while (t->state != TASK_DONE && t->state != TASK_FAILED)
        turn(L, s);
    lua_State *from = t->co;
    bool failed = t->state == TASK_FAILED;
    if (!failed && s->orphan) {
        failed = true;
        lua_settop(from, 0);
        lua_pushvalue(s->orphan->co, -1);
        lua_xmove(s->orphan->co, from, 1);
        t->nargs = 1;
    }
    cancel_all(L, s);
    s->main = NULL;
    luaL_checkstack(L, t->nargs + 1, "too many results");
    lua_pushboolean(L, !failed);
    lua_xmove(from, L, t->nargs);
    return t->nargs + 1;
}

/* spawn(f, ...) -> task. f runs when the caller next waits. */
static int sched_spawn(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    new_task(L, get_sched(L), lua_gettop(L) - 1);
    return 1;
}

static int join_results(lua_State *L, int status, lua_KContext ctx)
{
    task *t = luaL_checkudata(L, 1, TASK_META);
    sched *s = get_sched(L);

    (void)status;
    (void)ctx;
    if (task_of(L))
        task_of(L)->joining = NULL;
    if (t->state != TASK_DONE && t->state != TASK_FAILED) { /* interrupted */
        t->joiner = NULL;
        pd_lua_push_interrupt(L);
        return lua_error(L);
    }
    if (s->orphan == t) {
        s->orphan = NULL;
        release(L, t);
    }
    int results = t->nargs;
    t->nargs = 0;
    luaL_checkstack(L, results, "too many results");
    lua_xmove(t->co, L, results);
    return t->state == TASK_FAILED ? lua_error(L) : results;
}

/* task:join() -> its results, once; raises its error. */
static int task_join(lua_State *L)
{
    task *t = luaL_checkudata(L, 1, TASK_META);
    task *self = task_of(L);

    if (t->state == TASK_DONE || t->state == TASK_FAILED)
        return join_results(L, LUA_OK, 0);
    if (!self || !lua_isyieldable(L) || self == t || t->joiner)
        return luaL_error(L, "cannot wait for this task here");
    t->joiner = self;
    self->joining = t;
    return pd_sched_wait(L, -1, 0, PD_FOREVER, PD_WAIT, 0, join_results);
}

/* task:cancel() ends the task where it waits. */
static int task_cancel(lua_State *L)
{
    cancel(L, get_sched(L), luaL_checkudata(L, 1, TASK_META));
    return 0;
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
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &tasks_key);
    *(task **)lua_getextraspace(L) = NULL;
    s->loop = pd_loop_new(wake_fd);
    return s->loop ? true : pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

int luaopen_partdemo_sched(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"run", sched_run}, {"spawn", sched_spawn}, {"sleep", sched_sleep},
        {"now", sched_now}, {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"join", task_join},
        {"cancel", task_cancel},
        {NULL, NULL},
    };

    luaL_newmetatable(L, TASK_META);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

/* Tasks: how they begin, run and end, and the methods join and cancel. */
#include "bind/modules.h"
#include "bind/sched_impl.h"

#include "core/clock.h"

#include <string.h>

static const char tasks_key; /* its address is a registry key: tasks[task] = userdata */

task *pd_task_of(lua_State *L)
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
    s->ready++;
}

task *pd_task_next(sched *s)
{
    task *t = s->first;

    if (!t)
        return NULL;
    if (!(s->first = t->next))
        s->last = NULL;
    s->ready--;
    return t;
}

static void drop_ready(sched *s, const task *t)
{
    task *kept = s->first;

    s->first = s->last = NULL;
    s->ready = 0;
    while (kept) {
        task *next = kept->next;
        if (kept != t)
            push_ready(s, kept);
        kept = next;
    }
}

void pd_task_wake(sched *s, task *t, int fired)
{
    if (t->state != TASK_WAITING)
        return;
    pd_loop_remove(s->loop, &t->wait);
    t->fired = fired;
    push_ready(s, t);
}

static void anchor(lua_State *L, const task *t, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

static void release(lua_State *L, const task *t)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_pushnil(L);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

void pd_task_push(lua_State *L, const task *t)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_rawgetp(L, -1, t);
    lua_remove(L, -2);
}

task *pd_task_new(lua_State *L, sched *s, int nargs)
{
    task *t = lua_newuserdatauv(L, sizeof *t, 1);

    memset(t, 0, sizeof *t);
    t->state = TASK_DONE;
    luaL_setmetatable(L, TASK_META);
    t->co = lua_newthread(L);
    *(task **)lua_getextraspace(t->co) = t;
    lua_setiuservalue(L, -2, 1);
    lua_insert(L, -nargs - 2); /* below the function and its arguments */
    if (!lua_checkstack(t->co, nargs + 1))
        luaL_error(L, "too many arguments");
    anchor(L, t, -nargs - 2);
    lua_xmove(L, t->co, nargs + 1);
    t->nargs = nargs;
    push_ready(s, t);
    return t;
}

static void add_failed(sched *s, task *t)
{
    task **end = &s->failed;

    while (*end)
        end = &(*end)->next;
    t->next = NULL;
    *end = t;
}

static void drop_failed(lua_State *L, sched *s, task *t)
{
    for (task **at = &s->failed; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            release(L, t);
            return;
        }
}

/* A failure stays anchored until somebody has taken its error. */
static void end_task(lua_State *L, sched *s, task *t, taskstate state, int results)
{
    t->state = state;
    t->nargs = results;
    if (t->joiner)
        pd_task_wake(s, t->joiner, PD_FIRED_TIMEOUT);
    t->joiner = NULL;
    if (state == TASK_FAILED && t != s->main)
        add_failed(s, t);
    else
        release(L, t);
}

/* error, coroutine -> an error table that has a traceback; called protected. Raw access: the error
 * may be a script's own table, with metamethods. */
static int complete_error(lua_State *L)
{
    lua_State *co = lua_touserdata(L, 2);
    pd_err err;

    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TTABLE) {
        pd_err_set(&err, PD_ERR_NONE, "%s", luaL_tolstring(L, 1, NULL));
        pd_lua_push_err(L, &err);
        lua_pushliteral(L, "lua");
        lua_setfield(L, -2, "kind");
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    lua_pushliteral(L, "traceback");
    if (lua_rawget(L, 1) == LUA_TNIL) {
        lua_pushliteral(L, "traceback");
        luaL_traceback(L, co, NULL, 0);
        lua_rawset(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

/* An error leaves the to-be-closed variables open, for the traceback to see: they are closed here,
 * and may replace the error. It is left on the coroutine's stack. */
static void fail_task(lua_State *L, sched *s, task *t)
{
    lua_pushcfunction(L, complete_error);
    lua_xmove(t->co, L, 1);
    lua_pushlightuserdata(L, t->co);
    lua_pcall(L, 2, 1, 0); /* when memory is out the error is that */
    lua_xmove(L, t->co, 1);
    lua_resetthread(t->co);
    end_task(L, s, t, TASK_FAILED, 1);
}

void pd_task_resume(lua_State *L, sched *s, task *t)
{
    int results = 0;

    t->state = TASK_RUNNING;
    int status = lua_resume(t->co, L, t->nargs, &results);
    t->nargs = 0;
    if (status == LUA_OK) {
        end_task(L, s, t, TASK_DONE, results);
    } else if (status != LUA_YIELD) {
        fail_task(L, s, t);
    } else if (t->state == TASK_RUNNING) { /* a bare coroutine.yield(): let the others run */
        lua_pop(t->co, results);
        push_ready(s, t);
    }
}

/* Ends a task from outside: its to-be-closed variables are closed, in place. */
static void cancel(lua_State *L, sched *s, task *t)
{
    if (t->state != TASK_READY && t->state != TASK_WAITING)
        return;
    if (t->state == TASK_READY)
        drop_ready(s, t);
    pd_loop_remove(s->loop, &t->wait);
    if (t->joining)
        t->joining->joiner = NULL;
    t->joining = NULL;
    t->state = TASK_RUNNING; /* so that its handlers can neither cancel it again nor yield */
    lua_resetthread(t->co);
    lua_settop(t->co, 0);
    end_task(L, s, t, TASK_DONE, 0);
}

void pd_task_cancel_all(lua_State *L, sched *s)
{
    s->ending = true; /* a new key would upset lua_next() */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tasks_key);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        task *t = lua_touserdata(L, -1);
        cancel(L, s, t);
        release(L, t); /* the failed ones */
    }
    lua_pop(L, 1);
    s->failed = NULL;
    s->ending = false;
}

int pd_task_spawn(lua_State *L)
{
    sched *s = pd_sched_get(L);

    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (s->ending)
        return luaL_error(L, "no new task: the scheduler is ending");
    pd_task_new(L, s, lua_gettop(L) - 1);
    return 1;
}

static int join_results(lua_State *L, int status, lua_KContext ctx)
{
    task *t = luaL_checkudata(L, 1, TASK_META);
    task *self = pd_task_of(L);

    (void)status;
    (void)ctx;
    if (self)
        self->joining = NULL;
    if (t->state == TASK_FAILED) {
        drop_failed(L, pd_sched_get(L), t);
        lua_pushvalue(t->co, -1); /* every join raises it */
        lua_xmove(t->co, L, 1);
        return lua_error(L);
    }
    if (t->state != TASK_DONE) { /* interrupted */
        t->joiner = NULL;
        pd_lua_push_interrupt(L);
        return lua_error(L);
    }
    int results = t->nargs;
    luaL_checkstack(L, results, "too many results");
    t->nargs = 0;
    lua_xmove(t->co, L, results);
    return results;
}

/* task:join() -> its results, once; raises its error. */
static int task_join(lua_State *L)
{
    task *t = luaL_checkudata(L, 1, TASK_META);
    task *self = pd_task_of(L);

    if (t->state == TASK_DONE || t->state == TASK_FAILED)
        return join_results(L, LUA_OK, 0);
    if (!self || self->state != TASK_RUNNING || !lua_isyieldable(L) || self == t || t->joiner)
        return luaL_error(L, "cannot wait for this task here");
    t->joiner = self;
    self->joining = t;
    return pd_sched_wait(L, -1, 0, PD_FOREVER, PD_WAIT, 0, join_results);
}

/* task:cancel() ends the task where it waits. */
static int task_cancel(lua_State *L)
{
    cancel(L, pd_sched_get(L), luaL_checkudata(L, 1, TASK_META));
    return 0;
}

void pd_task_install(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"join", task_join},
        {"cancel", task_cancel},
        {NULL, NULL},
    };

    luaL_newmetatable(L, TASK_META);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &tasks_key);
    lua_pop(L, 1);
}

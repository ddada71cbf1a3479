/* A worker of core/load.h seen from the Lua of its thread: for mixes with entries that are Lua
 * functions. src/lua/mixdrive.lua drives it. */
#include "bind/worker.h"

#include "bind/conn.h"
#include "bind/sched.h"
#include "core/clock.h"

#include <poll.h>
#include <string.h>

#define WORKER_META "partdemo.worker"

static const char worker_key; /* of the state's pd_worker in the registry */

typedef struct lworker {
    pd_worker *w; /* the thread's, which outlives this */
    bool begun;
} lworker;

static lworker *check_worker(lua_State *L)
{
    return luaL_checkudata(L, 1, WORKER_META);
}

static int stepping(lua_State *L, int status, lua_KContext waited)
{
    lworker *l = check_worker(L);
    int64_t now = pd_clock_now(), until;
    bool over = false;
    pd_err err;

    (void)status;
    if (waited)
        pd_worker_wait(l->w, now, now);
    if (!pd_worker_step(l->w, now, &until, &over, &err))
        return pd_lua_raise(L, &err);
    if (over || pd_worker_lends(l->w)) {
        lua_pushboolean(L, !over);
        return 1;
    }
    return pd_sched_wait(L, pd_worker_fd(l->w), POLLIN, until, PD_WAIT_QUIET, 1, stepping);
}

/* worker:step() -> true when there is something to take, false when the run is over */
static int worker_step(lua_State *L)
{
    lworker *l = check_worker(L);

    if (!l->begun)
        pd_worker_begin(l->w);
    l->begun = true;
    return stepping(L, LUA_OK, 0);
}

/* worker:take() -> client, entry (from 1), the client's number in the whole run | nil */
static int worker_take(lua_State *L)
{
    lworker *l = check_worker(L);
    size_t entry;
    int client = pd_worker_take(l->w, &entry);

    if (client < 0)
        return 0;
    lua_pushinteger(L, client);
    lua_pushinteger(L, (lua_Integer)entry + 1);
    lua_pushinteger(L, (lua_Integer)pd_worker_client_number(l->w, client));
    return 3;
}

/* worker:conn(client) -> the taken client's connection, until give_back() */
static int worker_conn(lua_State *L)
{
    lworker *l = check_worker(L);
    pd_lconn *c = lua_newuserdatauv(L, sizeof *c, 0);

    memset(c, 0, sizeof *c);
    luaL_setmetatable(L, PD_CONN_META);
    c->borrowed = true;
    c->conn = pd_worker_conn(l->w, (int)luaL_checkinteger(L, 2));
    return 1;
}

/* worker:give_back(client, conn, rows, retries, sqlstate, message): sqlstate "" = acknowledged */
static int worker_give_back(lua_State *L)
{
    lworker *l = check_worker(L);
    pd_lconn *c = luaL_checkudata(L, 3, PD_CONN_META);
    bool broken = !c->conn || c->busy;

    pd_lconn_close(c); /* the script may have kept it */
    pd_worker_give_back(l->w, (int)luaL_checkinteger(L, 2), (uint64_t)luaL_checkinteger(L, 4),
                        (uint64_t)luaL_checkinteger(L, 5), broken, luaL_checkstring(L, 6),
                        luaL_optstring(L, 7, ""));
    return 0;
}

#define LOOK_AFTER 100000 /* instructions of an entry */

/* A function that calculates and never waits does not see the end of the run: it is told. From then
 * on at each instruction, lest one that catches errors goes on for ever. */
static void stop_function(lua_State *L, lua_Debug *ar)
{
    pd_err err;

    (void)ar;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &worker_key);
    const pd_worker *w = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (!pd_worker_overdue(w))
        return;
    lua_sethook(L, stop_function, LUA_MASKCOUNT, 1);
    pd_err_set(&err, PD_ERR_INTERRUPT, "the run ended while the function was working");
    pd_lua_raise(L, &err);
}

static int guarded(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    lua_sethook(L, NULL, 0, 0);
    lua_pushboolean(L, status == LUA_OK || status == LUA_YIELD);
    lua_insert(L, 2);
    return lua_gettop(L) - 1;
}

/* worker:guard(f, ...) -> as pcall(f, ...); when the run has ended, f fails with the kind
 * "interrupt" even if it waits for nothing */
static int worker_guard(lua_State *L)
{
    check_worker(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_sethook(L, stop_function, LUA_MASKCOUNT, LOOK_AFTER);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, guarded);
    return guarded(L, status, 0);
}

/* worker:poke(): gives what is due to idle clients, without waiting for step() to wake up */
static int worker_poke(lua_State *L)
{
    lworker *l = check_worker(L);
    int64_t until;
    bool over;
    pd_err err;

    if (!pd_worker_step(l->w, pd_clock_now(), &until, &over, &err))
        return pd_lua_raise(L, &err);
    return 0;
}

/* worker:stop() ends the whole run */
static int worker_stop(lua_State *L)
{
    pd_worker_stop(check_worker(L)->w);
    return 0;
}

/* worker:finish() */
static int worker_finish(lua_State *L)
{
    pd_worker_end(check_worker(L)->w);
    return 0;
}

void pd_lua_push_worker(lua_State *L, pd_worker *w)
{
    static const luaL_Reg methods[] = {
        {"step", worker_step},           {"take", worker_take},     {"conn", worker_conn},
        {"give_back", worker_give_back}, {"finish", worker_finish}, {"stop", worker_stop},
        {"poke", worker_poke},           {"guard", worker_guard},   {NULL, NULL},
    };
    lworker *l = lua_newuserdatauv(L, sizeof *l, 0);

    *l = (lworker){.w = w};
    lua_pushlightuserdata(L, w);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &worker_key);
    if (luaL_newmetatable(L, WORKER_META)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
}

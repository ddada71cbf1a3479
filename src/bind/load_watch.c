/* What a watched load keeps and shows: bind/load.c starts it. */
#include "bind/load.h"
#include "bind/oplog.h"
#include "core/clock.h"

#include <math.h>
#include <stdlib.h>

void pd_lua_take_watch(lua_State *L, loadrun *r, int arg)
{
    if (lua_getfield(L, arg, "watch") == LUA_TTABLE) {
        r->watched = true;
        lua_getfield(L, -1, "slow");
        r->watch.slow = llround(luaL_optnumber(L, -1, 0) * 1e9);
        lua_getfield(L, -2, "expected");
        luaL_checktype(L, -1, LUA_TTABLE);
        size_t n = lua_rawlen(L, -1);
        r->expected = calloc(n + 1, sizeof *r->expected);
        if (!r->expected)
            luaL_error(L, "out of memory");
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            r->expected[i] = pd_state_pack(luaL_checkstring(L, -1));
            lua_pop(L, 1);
        }
        r->watch.expected = r->expected;
        r->watch.expected_count = n;
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

int pd_lua_load_watched(lua_State *L)
{
    const loadrun *r = pd_lua_check_load(L, 1);
    unsigned long long answered = 0, slow = 0, unexpected = 0;
    long long oldest = 0;

    for (int i = 0; r->threads && i < r->count; i++) {
        const pd_loadlive *live = &r->threads[i].live;
        long long due = atomic_load(&live->waiting_since);
        if (due > 0 && (oldest == 0 || due < oldest))
            oldest = due;
        answered += atomic_load(&live->answered);
        slow += atomic_load(&live->slow);
        unexpected += atomic_load(&live->unexpected);
    }
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)answered);
    lua_setfield(L, -2, "answered");
    lua_pushinteger(L, (lua_Integer)slow);
    lua_setfield(L, -2, "slow");
    lua_pushinteger(L, (lua_Integer)unexpected);
    lua_setfield(L, -2, "unexpected");
    lua_pushnumber(L, oldest > 0 ? (double)(pd_clock_now() - oldest) / PD_SECOND : 0);
    lua_setfield(L, -2, "waiting");
    return 1;
}

int pd_lua_load_log(lua_State *L)
{
    const loadrun *r = pd_lua_check_load(L, 1);
    const pd_oplog **logs = lua_newuserdatauv(L, (size_t)r->count * sizeof *logs, 0);
    int64_t begin = atomic_load(&r->shared.begin), end = begin;
    size_t n = 0, entries = 0;

    luaL_argcheck(L, r->watched && r->threads, 1, "there is no log of this load");
    for (int i = 0; i < r->count; i++) {
        const loadthread *t = &r->threads[i];
        luaL_argcheck(L, !t->started, 1, "the load has not ended: result() comes first");
        if (!t->log || !t->stats.entries)
            continue;
        logs[n++] = t->log;
        entries = t->stats.entry_count;
        if (t->stats.ended > end)
            end = t->stats.ended;
    }
    pd_lua_push_oplog(L, logs, n, entries, end - begin, 1);
    return 1;
}

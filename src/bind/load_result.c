#include "bind/load_result.h"

#include <string.h>

#define STATS_META "partdemo.loadstats"

static int stats_gc(lua_State *L)
{
    pd_loadstats_free(lua_touserdata(L, 1));
    return 0;
}

void pd_lua_open_load_result(lua_State *L)
{
    if (luaL_newmetatable(L, STATS_META)) {
        lua_pushcfunction(L, stats_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

pd_loadstats *pd_lua_new_loadstats(lua_State *L)
{
    pd_loadstats *stats = lua_newuserdatauv(L, sizeof *stats, 0);

    memset(stats, 0, sizeof *stats);
    luaL_setmetatable(L, STATS_META);
    return stats;
}

static void set_integer(lua_State *L, const char *key, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void set_times(lua_State *L, const char *key, const pd_hist *h)
{
    lua_createtable(L, 0, 6);
    set_integer(L, "count", h->count);
    set_number(L, "mean", h->count > 0 ? h->sum / (double)h->count / 1e9 : 0);
    set_number(L, "p50", (double)pd_hist_quantile(h, 0.5) / 1e9);
    set_number(L, "p95", (double)pd_hist_quantile(h, 0.95) / 1e9);
    set_number(L, "p99", (double)pd_hist_quantile(h, 0.99) / 1e9);
    set_number(L, "max", (double)h->max / 1e9);
    lua_setfield(L, -2, key);
}

static void push_entry(lua_State *L, const pd_entrystats *e)
{
    lua_createtable(L, 0, 8);
    set_integer(L, "ops", e->ops);
    set_integer(L, "rows", e->rows);
    set_integer(L, "retries", e->retries);
    set_integer(L, "failed", e->errors);
    lua_newtable(L);
    for (int i = 0; i < PD_LOAD_STATES && e->states[i].count > 0; i++)
        set_integer(L, e->states[i].sqlstate, e->states[i].count);
    lua_setfield(L, -2, "errors");
    set_times(L, "due", &e->due);
    set_times(L, "sent", &e->sent);
}

static void push_entries(lua_State *L, const pd_entrystats *entries, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_entry(L, &entries[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_stop(lua_State *L, const pd_loadstop *stop)
{
    if (!stop->set) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, 3);
    set_integer(L, "entry", stop->entry + 1);
    lua_pushstring(L, stop->sqlstate);
    lua_setfield(L, -2, "sqlstate");
    lua_pushstring(L, stop->message);
    lua_setfield(L, -2, "message");
}

int pd_lua_push_loadstats(lua_State *L, const pd_loadstats *stats)
{
    size_t count = stats->entries ? stats->entry_count : 0;
    pd_hist *all = lua_newuserdatauv(L, sizeof *all, 0);

    memset(all, 0, sizeof *all);
    for (size_t i = 0; i < count; i++)
        pd_hist_merge(all, &stats->entries[i].due);
    lua_createtable(L, 0, 12);
    set_integer(L, "unknown", stats->unknown);
    set_integer(L, "cancelled", stats->cancelled);
    set_integer(L, "unsent", stats->unsent);
    set_integer(L, "reconnects", stats->reconnects);
    set_number(L, "cpu", stats->cpu);
    set_times(L, "lag", &stats->lag);
    set_times(L, "due", all);
    push_entries(L, stats->entries, count);
    lua_setfield(L, -2, "entries");
    push_stop(L, &stats->stop);
    lua_setfield(L, -2, "stopped");
    return 1;
}

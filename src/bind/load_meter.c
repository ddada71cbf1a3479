/* Meters: how a load goes, read while its threads run. Each remembers what it has read last, so
 * that several readers with intervals of their own do not disturb each other. */
#include "bind/load.h"
#include "core/clock.h"

#include <string.h>

#define METER_META "partdemo.meter"

/* The run is the user value. Counters wrap around without harm: only differences are used. */
typedef struct meter {
    int64_t at;
    unsigned long long ops;
    unsigned times[PD_HIST_COARSE]; /* of all threads */
    pd_hist interval;
} meter;

/* The counters of all threads together. */
typedef struct reading {
    unsigned long long ops, errors, retries, reconnects, backlog;
    int connected;
    int64_t oldest;
} reading;

static void read_counters(const loadrun *r, reading *now)
{
    *now = (reading){.oldest = PD_FOREVER};
    for (int i = 0; i < r->count; i++) {
        const pd_loadlive *live = &r->threads[i].live;
        now->ops += atomic_load_explicit(&live->ops, memory_order_relaxed);
        now->errors += atomic_load_explicit(&live->errors, memory_order_relaxed);
        now->retries += atomic_load_explicit(&live->retries, memory_order_relaxed);
        now->reconnects += atomic_load_explicit(&live->reconnects, memory_order_relaxed);
        now->backlog += atomic_load_explicit(&live->backlog, memory_order_relaxed);
        now->connected += atomic_load_explicit(&live->connected, memory_order_relaxed);
        int64_t oldest = atomic_load_explicit(&live->oldest, memory_order_relaxed);
        if (oldest > 0 && oldest < now->oldest)
            now->oldest = oldest;
    }
}

/* The latencies since the last reading. */
static void read_times(const loadrun *r, meter *m)
{
    memset(&m->interval, 0, sizeof m->interval);
    for (unsigned i = 0; i < PD_HIST_COARSE; i++) {
        unsigned sum = 0;
        for (int k = 0; k < r->count; k++)
            sum += atomic_load_explicit(&r->threads[k].live.times[i], memory_order_relaxed);
        pd_hist_add_coarse(&m->interval, i, sum - m->times[i]);
        m->times[i] = sum;
    }
}

static void set_integer(lua_State *L, const char *key, unsigned long long value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

static void set_seconds(lua_State *L, const char *key, int64_t ns)
{
    lua_pushnumber(L, (double)ns / PD_SECOND);
    lua_setfield(L, -2, key);
}

/* meter:read() -> { ops, errors, retries, reconnects, connected, backlog, lag; seconds, rate, p50,
 * p99, max since the last reading }; the last three are absent when nothing was acknowledged */
static int meter_read(lua_State *L)
{
    meter *m = luaL_checkudata(L, 1, METER_META);
    int64_t at = pd_clock_now();
    reading now;

    lua_getiuservalue(L, 1, 1);
    const loadrun *r = pd_lua_check_load(L, -1);
    luaL_argcheck(L, r->threads, 1, "the load is closed");
    read_counters(r, &now);
    read_times(r, m);
    double seconds = (double)(at - m->at) / PD_SECOND;
    lua_createtable(L, 0, 12);
    set_integer(L, "ops", now.ops);
    set_integer(L, "errors", now.errors);
    set_integer(L, "retries", now.retries);
    set_integer(L, "reconnects", now.reconnects);
    set_integer(L, "backlog", now.backlog);
    set_integer(L, "connected", (unsigned long long)now.connected);
    set_seconds(L, "lag", now.oldest < at ? at - now.oldest : 0);
    set_seconds(L, "seconds", at - m->at);
    lua_pushnumber(L, seconds > 0 ? (double)(now.ops - m->ops) / seconds : 0);
    lua_setfield(L, -2, "rate");
    if (m->interval.count > 0) {
        set_seconds(L, "p50", pd_hist_quantile(&m->interval, 0.5));
        set_seconds(L, "p99", pd_hist_quantile(&m->interval, 0.99));
        set_seconds(L, "max", m->interval.max);
    }
    m->at = at;
    m->ops = now.ops;
    return 1;
}

int pd_lua_new_meter(lua_State *L)
{
    const loadrun *r = pd_lua_check_load(L, 1);
    reading now;

    luaL_argcheck(L, r->threads, 1, "the load is closed");
    meter *m = lua_newuserdatauv(L, sizeof *m, 1);
    memset(m, 0, sizeof *m);
    luaL_setmetatable(L, METER_META);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    read_counters(r, &now);
    read_times(r, m);
    m->at = pd_clock_now();
    m->ops = now.ops;
    return 1;
}

void pd_lua_open_meter(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", meter_read},
        {NULL, NULL},
    };

    if (luaL_newmetatable(L, METER_META)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

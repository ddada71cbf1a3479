#include "bind/oplog.h"

#include "core/clock.h"
#include "core/impact.h"

#include <math.h>
#include <string.h>

#define OPLOG_META  "partdemo.oplog"
#define ERROR_KINDS 256 /* different pairs of entry and SQLSTATE in one answer */

typedef struct oplog {
    pd_oplist list;
    const pd_oplog **logs;
    size_t log_count, entry_count, dropped;
} oplog;

static oplog *check_log(lua_State *L)
{
    return luaL_checkudata(L, 1, OPLOG_META);
}

static int oplog_gc(lua_State *L)
{
    pd_oplist_free(&check_log(L)->list);
    return 0;
}

static int64_t check_time(lua_State *L, int arg)
{
    double seconds = luaL_checknumber(L, arg);

    return seconds >= 9e9 ? PD_FOREVER : llround(seconds * 1e9);
}

static pd_span check_span(lua_State *L, int arg)
{
    return (pd_span){check_time(L, arg), check_time(L, arg + 1)};
}

static void set_seconds(lua_State *L, const char *key, int64_t ns)
{
    lua_pushnumber(L, (double)ns / 1e9);
    lua_setfield(L, -2, key);
}

static void set_count(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

/* A table of booleans by the entry's number, or nil for all of them: NULL. */
static const bool *check_entries(lua_State *L, int arg)
{
    const oplog *log = check_log(L);

    if (lua_isnoneornil(L, arg))
        return NULL;
    luaL_checktype(L, arg, LUA_TTABLE);
    bool *of = lua_newuserdatauv(L, log->entry_count + 1, 0);
    for (size_t i = 0; i < log->entry_count; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1);
        of[i] = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    return of;
}

static pd_choice check_choice(lua_State *L)
{
    static const char *const parts[] = {"met", "over", "due", NULL};

    return (pd_choice){
        .span = check_span(L, 2),
        .part = (pd_part)luaL_checkoption(L, 4, "met", parts),
        .of = check_entries(L, 5),
    };
}

/* log:waits(from, to, part [, entries]) -> { count, acknowledged, failed, unknown, unsent, retries,
 * p50, p99, max, worst_due } */
static int oplog_waits(lua_State *L)
{
    oplog *log = check_log(L);
    pd_choice choice = check_choice(L);
    pd_waits w;
    pd_err err;

    if (!pd_impact_waits(&log->list, &choice, &w, &err))
        return pd_lua_raise(L, &err);
    lua_createtable(L, 0, 10);
    set_count(L, "count", w.count);
    set_count(L, "acknowledged", w.outcomes[PD_OP_ACKNOWLEDGED]);
    set_count(L, "failed", w.outcomes[PD_OP_FAILED]);
    set_count(L, "unknown", w.outcomes[PD_OP_UNKNOWN]);
    set_count(L, "unsent", w.outcomes[PD_OP_UNSENT]);
    set_count(L, "retries", w.retries);
    set_seconds(L, "p50", w.p50);
    set_seconds(L, "p99", w.p99);
    set_seconds(L, "max", w.max);
    if (w.worst_due >= 0)
        set_seconds(L, "worst_due", w.worst_due);
    return 1;
}

/* log:stalls({ { from, to }, ... } [, entries]) -> { { wait, due }, ... }, one for each span */
static int oplog_stalls(lua_State *L)
{
    oplog *log = check_log(L);

    luaL_checktype(L, 2, LUA_TTABLE);
    size_t n = lua_rawlen(L, 2);
    const bool *of = check_entries(L, 3);
    pd_span *spans = lua_newuserdatauv(L, n * sizeof *spans + 1, 0);
    pd_stall *stalls = lua_newuserdatauv(L, n * sizeof *stalls + 1, 0);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        spans[i] = check_span(L, lua_absindex(L, -2));
        lua_pop(L, 3);
    }
    pd_impact_stalls(&log->list, spans, n, of, stalls);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 2);
        set_seconds(L, "wait", stalls[i].wait);
        if (stalls[i].due >= 0)
            set_seconds(L, "due", stalls[i].due);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* log:errors(from, to, part [, entries]) -> { { entry, sqlstate, count }, ... } */
static int oplog_errors(lua_State *L)
{
    oplog *log = check_log(L);
    pd_choice choice = check_choice(L);
    pd_errors rows[ERROR_KINDS];
    size_t n = pd_impact_errors(&log->list, &choice, rows, ERROR_KINDS);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        char state[6];
        pd_state_unpack(rows[i].state, state);
        lua_createtable(L, 0, 3);
        set_count(L, "entry", rows[i].entry + 1U);
        lua_pushstring(L, state);
        lua_setfield(L, -2, "sqlstate");
        set_count(L, "count", rows[i].count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* log:gap(from, to, entries or nil [, within]) -> begin, end of the longest time without an
 * acknowledged operation */
static int oplog_gap(lua_State *L)
{
    oplog *log = check_log(L);
    pd_span gap =
        pd_impact_gap(&log->list, check_span(L, 2), lua_toboolean(L, 5), check_entries(L, 4));

    lua_pushnumber(L, (double)gap.from / 1e9);
    lua_pushnumber(L, (double)gap.to / 1e9);
    return 2;
}

/* log:backlog(from, to, calm) -> { peak, peak_at, drained } */
static int oplog_backlog(lua_State *L)
{
    oplog *log = check_log(L);
    lua_Integer calm = luaL_checkinteger(L, 4);
    pd_backlog b = pd_impact_backlog(&log->list, check_span(L, 2), calm > 0 ? (size_t)calm : 0);

    lua_createtable(L, 0, 3);
    set_count(L, "peak", b.peak);
    set_seconds(L, "peak_at", b.peak_at);
    if (b.drained >= 0)
        set_seconds(L, "drained", b.drained);
    return 1;
}

/* log:timeline(width [, entries]) -> { { acknowledged, failed, wait }, ... } to the end of the run
 */
static int oplog_timeline(lua_State *L)
{
    oplog *log = check_log(L);
    int64_t width = check_time(L, 2);

    luaL_argcheck(L, width > 0, 2, "a positive width");
    size_t n = (size_t)(log->list.end / width) + 1;
    const bool *of = check_entries(L, 3);
    pd_bucket *buckets = lua_newuserdatauv(L, n * sizeof *buckets, 0);
    pd_impact_timeline(&log->list, width, of, buckets, n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 3);
        set_count(L, "acknowledged", buckets[i].acknowledged);
        set_count(L, "failed", buckets[i].failed);
        set_seconds(L, "wait", buckets[i].wait);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* log:ledger(entry) -> what it returned, as lines of COPY's text format */
static int oplog_ledger(lua_State *L)
{
    oplog *log = check_log(L);
    lua_Integer entry = luaL_checkinteger(L, 2);
    luaL_Buffer lines;

    luaL_argcheck(L, entry >= 1 && (size_t)entry <= log->entry_count, 2, "no such entry");
    luaL_buffinit(L, &lines);
    for (size_t i = 0; i < log->log_count; i++) {
        const pd_buf *part = pd_oplog_ledger(log->logs[i], (size_t)entry - 1);
        luaL_addlstring(&lines, part->data ? part->data : "", part->len);
    }
    luaL_pushresult(&lines);
    return 1;
}

/* log:size() -> operations, operations that there was no memory for, seconds from begin to end */
static int oplog_size(lua_State *L)
{
    const oplog *log = check_log(L);

    lua_pushinteger(L, (lua_Integer)log->list.count);
    lua_pushinteger(L, (lua_Integer)log->dropped);
    lua_pushnumber(L, (double)log->list.end / 1e9);
    return 3;
}

void pd_lua_push_oplog(lua_State *L, const pd_oplog *const *logs, size_t count, size_t entries,
                       int64_t end, int owner)
{
    static const luaL_Reg methods[] = {
        {"waits", oplog_waits},     {"errors", oplog_errors},     {"gap", oplog_gap},
        {"backlog", oplog_backlog}, {"timeline", oplog_timeline}, {"ledger", oplog_ledger},
        {"size", oplog_size},       {"stalls", oplog_stalls},     {NULL, NULL},
    };
    pd_err err;

    owner = lua_absindex(L, owner);
    oplog *log = lua_newuserdatauv(L, sizeof *log, 2);
    memset(log, 0, sizeof *log);
    if (luaL_newmetatable(L, OPLOG_META)) {
        lua_pushcfunction(L, oplog_gc);
        lua_setfield(L, -2, "__gc");
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    lua_pushvalue(L, owner);
    lua_setiuservalue(L, -2, 1);
    log->logs = lua_newuserdatauv(L, (count + 1) * sizeof *log->logs, 0);
    lua_setiuservalue(L, -2, 2);
    log->log_count = count;
    log->entry_count = entries;
    for (size_t i = 0; i < count; i++) {
        log->logs[i] = logs[i];
        log->dropped += pd_oplog_dropped(logs[i]);
    }
    if (!pd_oplist_make(&log->list, logs, count, end, &err))
        pd_lua_raise(L, &err);
}

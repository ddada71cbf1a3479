/* partdemo.load: the threads of a load run. Each worker thread has a Lua state of its own, in which
 * the mix is loaded and its rows are made; then core/load.h runs without Lua. */
#include "bind/load.h"
#include "bind/load_result.h"
#include "bind/modules.h"
#include "bind/worker.h"
#include "core/clock.h"
#include "host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_META "partdemo.load"

/* The entries in the table on the top of the stack: { name, weight, sql, row, batch, stop_on_error,
 * writes, ledger } each. Rows stay alive with that table. */
static pd_entry *check_entries(lua_State *L, size_t *count)
{
    *count = lua_rawlen(L, -1);
    pd_entry *entries = lua_newuserdatauv(L, *count * sizeof *entries + 1, 0);

    memset(entries, 0, *count * sizeof *entries);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        lua_getfield(L, -1, "name");
        entries[i].name = luaL_checkstring(L, -1);
        lua_getfield(L, -2, "sql");
        entries[i].sql = luaL_optstring(L, -1, NULL);
        lua_getfield(L, -3, "weight");
        entries[i].weight = luaL_checknumber(L, -1);
        if (lua_getfield(L, -4, "row") != LUA_TNIL)
            entries[i].row = pd_lua_check_row(L, -1);
        lua_getfield(L, -5, "stop_on_error");
        entries[i].stop_on_error = lua_toboolean(L, -1);
        lua_getfield(L, -6, "ledger");
        entries[i].ledger = lua_toboolean(L, -1);
        lua_getfield(L, -7, "batch");
        entries[i].batch = (int)luaL_optinteger(L, -1, 1);
        lua_getfield(L, -8, "writes");
        entries[i].writes = lua_toboolean(L, -1);
        lua_pop(L, 9);
    }
    return entries;
}

/* A mix with Lua functions is driven by Lua, any other runs without it. The stack: mix module,
 * entries, C entries. */
static bool run(lua_State *L, loadthread *t, pd_worker *w)
{
    bool lua = false;

    for (size_t i = 0; i < t->spec.entry_count; i++)
        lua = lua || !t->spec.entries[i].sql;
    if (!lua)
        return pd_worker_run(w, &t->err);
    lua_getfield(L, -3, "drive");
    pd_lua_push_worker(L, w);
    lua_pushvalue(L, -4);
    lua_pushinteger(L, (lua_Integer)t->spec.seed);
    if (lua_pcall(L, 3, 0, 0) == LUA_OK)
        return true;
    pd_err_set(&t->err, PD_ERR_INPUT, "%s", luaL_tolstring(L, -1, NULL));
    return false;
}

/* Runs in the worker's state, protected: argument 1 is its loadthread. */
static int work(lua_State *L)
{
    loadthread *t = lua_touserdata(L, 1);

    pd_host_open_libraries(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "partdemo.mixdrive");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "worker");
    lua_pushstring(L, t->run->job);
    lua_call(L, 1, 1);
    t->spec.entries = check_entries(L, &t->spec.entry_count);
    pd_worker *w = pd_worker_new(&t->spec, &t->run->shared, &t->live, &t->err);
    bool ok = w && pd_worker_connect(w, &t->err);
    if (ok) {
        atomic_store(&t->state, THREAD_READY);
        while (atomic_load(&t->run->shared.phase) == PD_LOAD_WAIT)
            nanosleep(&(struct timespec){.tv_nsec = PD_SECOND / 2000}, NULL);
        ok = run(L, t, w);
    }
    pd_err err;
    bool kept = w && pd_loadstats_init(&t->stats, t->spec.entry_count, &err);
    if (kept) {
        pd_loadstats_merge(&t->stats, pd_worker_stats(w));
        t->log = pd_worker_take_log(w);
    }
    if (ok && !kept)
        t->err = err;
    ok = ok && kept;
    pd_worker_free(w);
    lua_pushboolean(L, ok);
    return 1;
}

static void *thread_main(void *arg)
{
    loadthread *t = arg;
    lua_State *L = luaL_newstate();
    bool ok = false;

    if (!L) {
        pd_err_set(&t->err, PD_ERR_SYSTEM, "out of memory");
    } else {
        lua_pushcfunction(L, work);
        lua_pushlightuserdata(L, t);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK)
            ok = lua_toboolean(L, -1);
        else
            pd_err_set(&t->err, PD_ERR_INPUT, "%s", luaL_tolstring(L, -1, NULL));
        lua_close(L);
    }
    atomic_store(&t->state, ok ? THREAD_DONE : THREAD_FAILED);
    return NULL;
}

loadrun *pd_lua_check_load(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, LOAD_META);
}

static loadrun *check_run(lua_State *L)
{
    return pd_lua_check_load(L, 1);
}

static void join(loadrun *r)
{
    for (int i = 0; r->threads && i < r->count; i++) {
        if (r->threads[i].started)
            pthread_join(r->threads[i].id, NULL);
        r->threads[i].started = false;
    }
}

static void free_strings(const char **list)
{
    for (int i = 0; list && list[i]; i++) {
        explicit_bzero((char *)list[i], strlen(list[i])); /* one of them may be the password */
        free((char *)list[i]);
    }
    free(list);
}

static int load_close(lua_State *L)
{
    loadrun *r = check_run(L);

    atomic_store(&r->shared.phase, PD_LOAD_END);
    join(r);
    for (int i = 0; r->threads && i < r->count; i++) {
        pd_loadstats_free(&r->threads[i].stats);
        pd_oplog_free(r->threads[i].log);
    }
    free(r->expected);
    r->expected = NULL;
    free(r->threads);
    free(r->job);
    free_strings(r->keywords);
    free_strings(r->values);
    r->threads = NULL;
    r->job = NULL;
    r->keywords = r->values = NULL;
    return 0;
}

#define MOST_KEYWORDS 80

static void add_keyword(lua_State *L, loadrun *r, int *n, const char *name, const char *value)
{
    luaL_argcheck(L, *n < MOST_KEYWORDS, 1, "too many connection keywords");
    r->keywords[*n] = strdup(name);
    r->values[*n] = strdup(value);
    if (!r->keywords[*n] || !r->values[*n])
        luaL_error(L, "out of memory");
    ++*n;
}

/* settings: `params` of config.resolve(); more: a table of keywords, which win. */
static void copy_keywords(lua_State *L, loadrun *r, int settings, int more)
{
    const pd_config *config = pd_lua_check_config(L, settings);
    int n = 0;

    r->keywords = calloc(MOST_KEYWORDS + 1, sizeof *r->keywords);
    r->values = calloc(MOST_KEYWORDS + 1, sizeof *r->values);
    if (!r->keywords || !r->values)
        luaL_error(L, "out of memory");
    for (size_t i = 0; config->keywords[i]; i++)
        add_keyword(L, r, &n, config->keywords[i], config->values[i]);
    luaL_checktype(L, more, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, more) != 0; lua_pop(L, 1))
        add_keyword(L, r, &n, luaL_checkstring(L, -2), luaL_checkstring(L, -1));
}

static lua_Integer integer_field(lua_State *L, int arg, const char *name, lua_Integer least)
{
    lua_getfield(L, arg, name);
    lua_Integer value = luaL_checkinteger(L, -1);
    luaL_argcheck(L, value >= least, arg, name);
    lua_pop(L, 1);
    return value;
}

/* 0 when it is not there. */
static double number_field(lua_State *L, int arg, const char *name)
{
    lua_getfield(L, arg, name);
    double value = luaL_optnumber(L, -1, 0);
    luaL_argcheck(L, value >= 0 && value <= 1e9, arg, name);
    lua_pop(L, 1);
    return value;
}

/* Shares clients and rate out: a thread's rate is proportional to its clients. */
static void share_out(lua_State *L, loadrun *r, int arg)
{
    lua_Integer clients = integer_field(L, arg, "clients", 1);
    double rate = number_field(L, arg, "rate");
    int first = 0;

    for (int i = 0; i < r->count; i++) {
        loadthread *t = &r->threads[i];
        int n = (int)(clients / r->count + (i < clients % r->count));
        t->run = r;
        t->spec = (pd_loadspec){
            .keywords = r->keywords,
            .values = r->values,
            .clients = n,
            .first_client = first,
            .seed = (uint64_t)integer_field(L, arg, "seed", LUA_MININTEGER),
            .run = (uint64_t)integer_field(L, arg, "run", LUA_MININTEGER),
            .rate = rate * n / (double)clients,
            .offset = rate > 0 ? i / rate : 0,
            .pipeline = (int)integer_field(L, arg, "pipeline", 1),
            .watch = r->watched ? &r->watch : NULL,
        };
        lua_getfield(L, arg, "poisson");
        t->spec.poisson = lua_toboolean(L, -1);
        lua_pop(L, 1);
        first += n;
    }
}

/* start(settings, keywords, job, { clients, jobs, seed, run, rate, poisson, pipeline, ops, watch })
 * -> run. The threads connect; run:state() says when they are ready. rate 0 = closed loop, ops 0 =
 * no limit, watch nil = no log. */
static int load_start(lua_State *L)
{
    const char *job = luaL_checkstring(L, 3);

    luaL_checktype(L, 4, LUA_TTABLE);
    lua_settop(L, 4);
    loadrun *r = lua_newuserdatauv(L, sizeof *r, 0);
    memset(r, 0, sizeof *r);
    luaL_setmetatable(L, LOAD_META);
    copy_keywords(L, r, 1, 2);
    r->job = strdup(job);
    r->count = (int)integer_field(L, 4, "jobs", 1);
    r->threads = calloc((size_t)r->count, sizeof *r->threads);
    if (!r->job || !r->threads)
        return luaL_error(L, "out of memory");
    pd_lua_take_watch(L, r, 4);
    share_out(L, r, 4);
    atomic_store(&r->shared.end, PD_FOREVER);
    lua_Integer ops = integer_field(L, 4, "ops", 0);
    r->shared.limited = ops > 0;
    atomic_store(&r->shared.ops_left, (unsigned long long)ops);
    for (int i = 0; i < r->count; i++) {
        int why = pthread_create(&r->threads[i].id, NULL, thread_main, &r->threads[i]);
        if (why != 0)
            return luaL_error(L, "cannot start a thread: %s", strerror(why));
        r->threads[i].started = true;
    }
    return 1;
}

/* run:state() -> "starting", "ready", "done" | "failed", error: of all threads together */
static int load_state(lua_State *L)
{
    loadrun *r = check_run(L);
    int seen[4] = {0};

    for (int i = 0; i < r->count; i++) {
        int state = atomic_load(&r->threads[i].state);
        if (state == THREAD_FAILED) {
            lua_pushliteral(L, "failed");
            pd_lua_push_err(L, &r->threads[i].err);
            return 2;
        }
        seen[state]++;
    }
    lua_pushstring(L, seen[THREAD_STARTING] ? "starting" : seen[THREAD_READY] ? "ready" : "done");
    return 1;
}

/* run:go([seconds]) begins, for so long -> the moment, on the clock of sched.now() */
static int load_go(lua_State *L)
{
    loadrun *r = check_run(L);
    int64_t now = pd_clock_now();
    double seconds = luaL_optnumber(L, 2, 1e10);

    /* To the nanosecond: whether an operation is due at the very end decides how many there are. */
    atomic_store(&r->shared.begin, now);
    if (seconds <= 1e9)
        atomic_store(&r->shared.end, now + llround(seconds * 1e9));
    atomic_store(&r->shared.phase, PD_LOAD_GO);
    lua_pushnumber(L, (double)now / PD_SECOND);
    return 1;
}

/* run:drain(): nothing more becomes due. run:stop(): ends at once. */
static int load_drain(lua_State *L)
{
    loadrun *r = check_run(L);
    int go = PD_LOAD_GO;

    atomic_compare_exchange_strong(&r->shared.phase, &go, PD_LOAD_DRAIN);
    return 0;
}

static int load_stop(lua_State *L)
{
    atomic_store(&check_run(L)->shared.phase, PD_LOAD_END);
    return 0;
}

/* run:result() -> the statistics of all threads, when state() is "done" or "failed"; `elapsed` is
 * from go() until the last thread had finished its operations. */
static int load_result(lua_State *L)
{
    loadrun *r = check_run(L);
    pd_loadstats *sum = pd_lua_new_loadstats(L);
    pd_err err;

    join(r);
    for (int i = 0; i < r->count; i++) {
        const loadthread *t = &r->threads[i];
        if (!t->stats.entries)
            continue;
        if (!sum->entries && !pd_loadstats_init(sum, t->stats.entry_count, &err))
            return pd_lua_raise(L, &err);
        pd_loadstats_merge(sum, &t->stats);
    }
    pd_lua_push_loadstats(L, sum);
    long long ns = sum->ended - atomic_load(&r->shared.begin);
    lua_pushnumber(L, sum->ended > 0 ? (double)ns / PD_SECOND : 0);
    lua_setfield(L, -2, "elapsed");
    return 1;
}

int luaopen_partdemo_load(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"start", load_start},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"state", load_state},       {"go", load_go},
        {"drain", load_drain},       {"stop", load_stop},
        {"close", load_close},       {"result", load_result},
        {"meter", pd_lua_new_meter}, {"watched", pd_lua_load_watched},
        {"log", pd_lua_load_log},    {NULL, NULL},
    };
    static const luaL_Reg meta[] = {
        {"__gc", load_close},
        {"__close", load_close},
        {NULL, NULL},
    };

    pd_lua_open_load_result(L);
    pd_lua_open_meter(L);
    luaL_newmetatable(L, LOAD_META);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

/*
 * The bindings that need no server, driven by the scripts in tests/unit/bind: as they are, with a
 * collector that runs all the time, and with every allocation of Lua failing in turn (asan tells
 * what leaks then).
 */
#include "bind/bind.h"
#include "bind/interrupt.h"
#include "bind/modules.h"
#include "bind/sched.h"

#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "tests/unit/bind/"

typedef struct budget {
    long left;     /* allocations until one fails, negative = never */
    long failures; /* how many fail then */
} budget;

/* Lua tries each allocation twice, with a collection in between: two failures are one to it. */
static void *allocate(void *ud, void *p, size_t old, size_t size)
{
    budget *b = ud;

    if (size == 0) {
        free(p);
        return NULL;
    }
    if (b->left == 0 && (!p || size > old)) {
        if (--b->failures == 0)
            b->left = -1;
        return NULL;
    }
    if (b->left > 0)
        b->left--;
    return realloc(p, size);
}

static void interrupt_later(int signal)
{
    (void)signal;
    raise(SIGINT);
}

/* signal([seconds]): sends SIGINT, at once or later */
static int send_signal(lua_State *L)
{
    double seconds = luaL_optnumber(L, 1, 0);
    struct itimerval at = {.it_value = {.tv_usec = (suseconds_t)(seconds * 1e6)}};

    if (seconds == 0) {
        raise(SIGINT);
        return 0;
    }
    signal(SIGALRM, interrupt_later);
    setitimer(ITIMER_REAL, &at, NULL);
    return 0;
}

typedef struct job {
    const char *script, *argument;
    bool stress, interrupts;
} job;

static int run(lua_State *L)
{
    const job *j = lua_touserdata(L, 1);
    int wake_fd = j->interrupts ? pd_interrupt_install(L) : -1;
    pd_err err;

    luaL_openlibs(L);
    luaL_requiref(L, "partdemo.sched", luaopen_partdemo_sched, 0);
    luaL_requiref(L, "partdemo.interrupt", luaopen_partdemo_interrupt, 0);
    luaL_requiref(L, "partdemo.json", luaopen_partdemo_json, 0);
    luaL_requiref(L, "partdemo.table", luaopen_partdemo_table, 0);
    luaL_requiref(L, "partdemo.bound", luaopen_partdemo_bound, 0);
    if (!pd_sched_install(L, wake_fd, &err))
        return luaL_error(L, "%s", err.message);
    if (j->stress)
        lua_gc(L, LUA_GCINC, 1, 1000, 0);
    lua_settop(L, 0);
    if (luaL_loadfile(L, j->script) != LUA_OK)
        return lua_error(L);
    lua_pushcfunction(L, send_signal);
    lua_pushstring(L, j->argument);
    lua_call(L, 2, 0);
    return 0;
}

static void describe(lua_State *L, char *message, size_t size)
{
    if (lua_istable(L, -1) && lua_getfield(L, -1, "message") != LUA_TSTRING)
        lua_pop(L, 1);
    snprintf(message, size, "%s", lua_isstring(L, -1) ? lua_tostring(L, -1) : "not a text");
}

static int traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

static int start(const job *j, budget *b, char *message, size_t size)
{
    lua_State *L = lua_newstate(allocate, b);

    if (!L)
        return LUA_ERRMEM;
    if (b->left < 0)
        lua_pushcfunction(L, traceback);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, (void *)j);
    int status = lua_pcall(L, 1, 0, b->left < 0 ? 1 : 0);
    if (status != LUA_OK)
        describe(L, message, size);
    lua_close(L);
    return status;
}

static void run_well(const char *script, bool stress)
{
    budget b = {.left = -1};
    char message[2000] = "";

    if (start(&(job){.script = script, .stress = stress}, &b, message, sizeof message) != LUA_OK)
        fail_msg("%s", message);
}

static void run_without_memory(const char *script)
{
    const job j = {.script = script, .argument = "without memory"};
    long failures = 0;

    for (long n = 0, enough = 0; !enough; n++) {
        /* Two alone: without memory Lua cannot even call a finalizer, and forgets it. */
        budget b = {.left = n, .failures = 2};
        char message[2000] = "";
        int status = start(&j, &b, message, sizeof message);
        enough = b.left > 0;
        failures += status != LUA_OK;
        if (status != LUA_OK && status != LUA_ERRMEM && !strstr(message, "memory") &&
            !strstr(message, "stack overflow")) /* as luaL_checkstack says it */
            fail_msg("allocation %ld: %s", n, message);
    }
    assert_true(failures > 200);
}

static void test_json(void **state)
{
    (void)state;
    run_well(FOLDER "json.lua", false);
    run_well(FOLDER "json.lua", true);
    run_without_memory(FOLDER "json.lua");
}

static void test_table(void **state)
{
    (void)state;
    run_well(FOLDER "table.lua", false);
    run_well(FOLDER "table.lua", true);
    run_without_memory(FOLDER "table.lua");
}

static void test_bound(void **state)
{
    (void)state;
    run_well(FOLDER "bound.lua", false);
    run_well(FOLDER "bound.lua", true);
    run_without_memory(FOLDER "bound.lua");
}

static void test_sched(void **state)
{
    (void)state;
    run_well(FOLDER "sched.lua", false);
    run_well(FOLDER "sched.lua", true);
}

/* The scheduler is asked again, with memory, in the state that the failure left. */
static int still_runs(lua_State *L)
{
    static const char script[] =
        "local sched = require 'partdemo.sched'\n"
        "local ok, n = sched.run(function()\n"
        "  local t = sched.spawn(function() sched.sleep(0) return 40 end)\n"
        "  return t:join() + 2\n"
        "end)\n"
        "assert(ok and n == 42, tostring(n))\n";

    luaL_openlibs(L);
    if (luaL_loadstring(L, script) != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static int tasks(lua_State *L)
{
    static const char script[] =
        "local sched = require 'partdemo.sched'\n"
        "local function closing() return setmetatable({}, { __close = function() sched.sleep(0)\n"
        "  pcall(sched.spawn, tostring, 1) end }) end\n"
        "return sched.run(function(...)\n"
        "  local c <close> = closing()\n"
        "  local list = {}\n"
        "  for i = 1, 20 do list[i] = sched.spawn(function(...)\n"
        "    local d <close> = closing()\n"
        "    sched.sleep(0) coroutine.yield()\n"
        "    if i == 4 then error { 'table' } elseif i == 5 then error 'text' end\n"
        "    return ... end, i, 'x') end\n"
        "  for i = 1, 10 do pcall(list[i].join, list[i]) end\n"
        "  list[11]:cancel() list[12]:cancel()\n"
        "  return #list, ...\n"
        "end, 'a', 'b')\n";

    if (luaL_loadstring(L, script) != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    return 1;
}

static int set_up(lua_State *L)
{
    pd_err err;

    luaL_openlibs(L);
    luaL_requiref(L, "partdemo.sched", luaopen_partdemo_sched, 0);
    return pd_sched_install(L, -1, &err) ? 0 : luaL_error(L, "%s", err.message);
}

/* Allocations fail: what a task's failure is then is anybody's guess,
 * but the scheduler must stay whole. */
static void test_sched_without_memory(void **state)
{
    (void)state;
    for (long i = 0, enough = 0; !enough; i++) {
        /* all from the n-th on, or the n-th alone, which is what can be survived */
        budget b = {.left = -1, .failures = i % 2 ? 2 : LONG_MAX};
        lua_State *L = lua_newstate(allocate, &b);
        assert_non_null(L);
        lua_pushcfunction(L, set_up);
        assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_OK);
        lua_pushcfunction(L, tasks);
        b.left = i / 2;
        lua_pcall(L, 0, 1, 0);
        enough = b.left > 0;
        b.left = -1;
        lua_pushcfunction(L, still_runs);
        if (lua_pcall(L, 0, 0, 0) != LUA_OK)
            fail_msg("allocation %ld: %s", i / 2, lua_tostring(L, -1));
        lua_close(L);
        assert_true(i < 5000);
    }
}

static void test_interrupt(void **state)
{
    static const char *const cases[] = {
        "pcall_loop", "wait_loop", "coroutines", "teardown", "close_handler", "second",
        "nested",     "main_only", "join_race",  "in_place", "asleep",
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        job j = {FOLDER "interrupt.lua", cases[i / 2], .stress = i % 2, .interrupts = true};
        int status;
        fflush(NULL);
        pid_t child = fork(); /* a process each: the signals are counted, and the third ends it */
        assert_true(child >= 0);
        if (child == 0) {
            budget b = {.left = -1};
            char message[2000] = "";
            alarm(60);
            if (start(&j, &b, message, sizeof message) == LUA_OK)
                _exit(0);
            fprintf(stderr, "%s: %s\n", j.argument, message);
            _exit(1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);

        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("%s: status %#x", j.argument, (unsigned)status);
    }
}

/* The third signal ends the process, whatever it does. */
static void test_third_signal(void **state)
{
    int status;

    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        lua_State *L = luaL_newstate();
        alarm(60);
        if (!L || pd_interrupt_install(L) < 0)
            _exit(1);
        raise(SIGTERM);
        raise(SIGINT);
        if (pd_interrupt_signal() != SIGTERM)
            _exit(1);
        raise(SIGINT);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_sched),
        cmocka_unit_test(test_sched_without_memory),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_third_signal),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "host.h"

#include "bind/bind.h"
#include "bind/conn.h"
#include "bind/interrupt.h"
#include "bind/modules.h"
#include "bind/sched.h"
#include "embedded.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_BROKEN 70 /* the program itself is broken: never expected, no documented code */

/* The loader of an embedded module; upvalue 1 is its row in pd_embedded_files. */
static int load_embedded(lua_State *L)
{
    const struct pd_embedded *file = lua_touserdata(L, lua_upvalueindex(1));

    lua_pushfstring(L, "@partdemo/%s", file->name);
    if (luaL_loadbufferx(L, file->data, file->len, lua_tostring(L, -1), "t") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);

    return len >= tail && strcmp(text + len - tail, end) == 0;
}

/* package.preload: "partdemo.<name>" for every binding and every embedded Lua file. */
static void preload(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const luaL_Reg *module = pd_lua_modules; module->name; module++) {
        lua_pushcfunction(L, module->func);
        lua_setfield(L, -2, module->name);
    }
    for (const struct pd_embedded *file = pd_embedded_files; file->name; file++) {
        if (!ends_with(file->name, ".lua"))
            continue;
        lua_pushlstring(L, file->name, strlen(file->name) - 4);
        lua_pushfstring(L, "partdemo.%s", lua_tostring(L, -1));
        lua_pushlightuserdata(L, (void *)file);
        lua_pushcclosure(L, load_embedded, 1);
        lua_settable(L, -4);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Modules come from the program alone, never from LUA_PATH or the working directory. */
static void close_search_paths(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
}

/* PARTDEMO_GC_STRESS makes the collector run all the time, for the tests. */
static void set_up_collector(lua_State *L)
{
    if (getenv("PARTDEMO_GC_STRESS"))
        lua_gc(L, LUA_GCINC, 1, 1000, 0);
    else
        lua_gc(L, LUA_GCGEN, 0, 0);
}

static void set_arguments(lua_State *L, int argc, char **argv)
{
    lua_createtable(L, argc, 0);
    for (int i = 1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
}

/* A -d/--dsn may hold a password, which `ps` is not to show. Short options may stand together, so
 * whatever follows a d is hidden: rather too much than too little. Backwards, because a word that
 * is hidden no longer tells what the next one is. */
static void hide_dsn(int argc, char **argv)
{
    for (int i = argc - 1; i > 0; i--) {
        char *value = NULL;
        if (strcmp(argv[i], "--dsn") == 0)
            value = argv[i + 1];
        else if (strncmp(argv[i], "--dsn=", 6) == 0)
            value = argv[i] + 6;
        else if (argv[i][0] == '-' && argv[i][1] != '-' && (value = strchr(argv[i], 'd')))
            value = value[1] != '\0' ? value + 1 : argv[i + 1];
        if (value)
            pd_config_scrub_arg(value);
    }
}

static void open_libraries(lua_State *L, int wake_fd)
{
    pd_err err;

    luaL_openlibs(L);
    close_search_paths(L);
    set_up_collector(L);
    if (!pd_sched_install(L, wake_fd, &err))
        luaL_error(L, "%s", err.message);
    preload(L);
}

void pd_host_open_libraries(lua_State *L)
{
    open_libraries(L, -1);
}

/* Upvalues of the protected part: argc and argv as light userdata. */
static int run(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);

    set_arguments(L, argc, argv);
    int words = lua_gettop(L);
    hide_dsn(argc, argv);
    open_libraries(L, pd_interrupt_install(L));
    lua_getglobal(L, "require");
    lua_pushliteral(L, "partdemo.cli");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "main");
    lua_pushvalue(L, words);
    lua_call(L, 1, 1);
    return 1;
}

static int add_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

int pd_host_main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int code = EXIT_BROKEN;

    if (!L) {
        fputs("partdemo: out of memory\n", stderr);
        return EXIT_BROKEN;
    }
    lua_pushcfunction(L, add_traceback);
    lua_pushcfunction(L, run);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    if (lua_pcall(L, 2, 1, 1) == LUA_OK) {
        code = (int)lua_tointeger(L, -1);
    } else if (pd_interrupt_signal() != 0) { /* it came while no task was there to take it */
        fputs("partdemo: interrupted\n", stderr);
        code = 128 + pd_interrupt_signal();
    } else {
        const char *message = lua_tostring(L, -1);
        fprintf(stderr, "partdemo: internal error: %s\n", message ? message : "unknown");
    }
    lua_close(L);
    return code;
}

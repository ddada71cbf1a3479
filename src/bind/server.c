/* partdemo.server: start, status, stop and destroy of the private PostgreSQL. Each takes an
 * optional table { state =, pg_bin = } and returns nil and an error, or the server's table: status
 * (the word), state (the directory), data, socket, log, owner, version, port, user, database, pid,
 * uptime, started, created. */
#include "core/server.h"

#include "bind/bind.h"
#include "bind/modules.h"

typedef bool server_call(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

static bool interrupted(void *arg)
{
    return pd_lua_interrupted(arg);
}

/* The string stays on the stack, and so alive, until the call returns. */
static const char *string_option(lua_State *L, const char *name)
{
    int type = lua_getfield(L, 1, name);

    if (type == LUA_TNIL)
        return NULL;
    if (type != LUA_TSTRING)
        luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a string", name));
    return lua_tostring(L, -1);
}

static void set_string(lua_State *L, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void push_info(lua_State *L, const pd_server_info *info)
{
    lua_createtable(L, 0, 14);
    set_string(L, "status", pd_server_state_name(info->state));
    set_string(L, "state", info->root);
    set_string(L, "data", info->data);
    set_string(L, "socket", info->socket);
    set_string(L, "log", info->log);
    set_string(L, "owner", info->owner);
    set_string(L, "version", info->version);
    set_string(L, "port", PD_SERVER_PORT);
    set_string(L, "user", PD_SERVER_USER);
    set_string(L, "database", PD_SERVER_DATABASE);
    if (info->pid > 0) {
        lua_pushinteger(L, info->pid);
        lua_setfield(L, -2, "pid");
        lua_pushinteger(L, info->uptime);
        lua_setfield(L, -2, "uptime");
    }
    lua_pushboolean(L, info->started);
    lua_setfield(L, -2, "started");
    lua_pushboolean(L, info->created);
    lua_setfield(L, -2, "created");
}

static int call(lua_State *L, server_call *f)
{
    pd_server_opts opts = {.stop = {.poll = interrupted, .arg = L}};
    pd_server_info info;
    pd_err err = {0};

    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        opts.state = string_option(L, "state");
        opts.pg_bin = string_option(L, "pg_bin");
    }
    if (!f(&opts, &info, &err))
        return pd_lua_fail(L, &err);
    push_info(L, &info);
    return 1;
}

static int server_start(lua_State *L)
{
    return call(L, pd_server_start);
}

static int server_status(lua_State *L)
{
    return call(L, pd_server_status);
}

static int server_stop(lua_State *L)
{
    return call(L, pd_server_stop);
}

static int server_destroy(lua_State *L)
{
    return call(L, pd_server_destroy);
}

int luaopen_partdemo_server(lua_State *L)
{
    static const luaL_Reg functions[] = {{"start", server_start},
                                         {"status", server_status},
                                         {"stop", server_stop},
                                         {"destroy", server_destroy},
                                         {NULL, NULL}};

    luaL_newlib(L, functions);
    return 1;
}

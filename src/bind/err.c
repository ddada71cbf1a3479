#include "bind/bind.h"

#define ERR_META "partdemo.error"

static int err_tostring(lua_State *L)
{
    lua_getfield(L, 1, "message");
    const char *message = luaL_tolstring(L, -1, NULL);
    if (lua_getfield(L, 1, "sqlstate") == LUA_TSTRING)
        lua_pushfstring(L, "%s (%s)", message, lua_tostring(L, -1));
    else
        lua_pushstring(L, message);
    return 1;
}

static void set_text(lua_State *L, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void set_positive(lua_State *L, const char *key, int value)
{
    if (value <= 0)
        return;
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

void pd_lua_push_err(lua_State *L, const pd_err *err)
{
    lua_createtable(L, 0, 8);
    set_text(L, "kind", pd_err_kind_name(err->kind));
    set_text(L, "message", err->message);
    set_text(L, "sqlstate", err->sqlstate);
    set_text(L, "detail", err->detail);
    set_text(L, "hint", err->hint);
    set_text(L, "context", err->context);
    set_positive(L, "position", err->position);
    set_positive(L, "line", err->line);
    if (luaL_newmetatable(L, ERR_META)) {
        lua_pushcfunction(L, err_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setmetatable(L, -2);
}

int pd_lua_raise(lua_State *L, const pd_err *err)
{
    pd_lua_push_err(L, err);
    return lua_error(L);
}

int pd_lua_fail(lua_State *L, const pd_err *err)
{
    lua_pushnil(L);
    pd_lua_push_err(L, err);
    return 2;
}

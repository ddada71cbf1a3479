/*
 * partdemo.config
 *
 * config.resolve { dsn =, host =, port =, user =, dotenv = } -> settings | nil, err
 *   All fields are optional strings (port may be an integer). dotenv is the path of the .env file.
 *   The process environment is read too. settings: { private, target, origin, settings, warnings,
 *   options, params }, where params is for connecting and holds the password, which nothing else
 *   does. err.problems lists every wrong setting.
 */
#include "bind/bind.h"
#include "bind/modules.h"

#include <string.h>
#include <unistd.h>

#define CONFIG_META "partdemo.config"

/* Owns what a raised Lua error would otherwise leak. */
typedef struct box {
    pd_config *cfg;
    pd_notes problems;
} box;

static int box_gc(lua_State *L)
{
    box *b = luaL_checkudata(L, 1, CONFIG_META);

    pd_config_free(b->cfg);
    b->cfg = NULL;
    pd_notes_free(&b->problems);
    return 0;
}

static int box_tostring(lua_State *L)
{
    luaL_checkudata(L, 1, CONFIG_META);
    lua_pushliteral(L, "partdemo.config params");
    return 1;
}

const pd_config *pd_lua_check_config(lua_State *L, int arg)
{
    const box *b = luaL_checkudata(L, arg, CONFIG_META);

    luaL_argcheck(L, b->cfg, arg, "these connection settings are gone");
    return b->cfg;
}

static box *new_box(lua_State *L)
{
    box *b = lua_newuserdatauv(L, sizeof *b, 0);

    memset(b, 0, sizeof *b);
    luaL_setmetatable(L, CONFIG_META);
    return b;
}

static void set_text(lua_State *L, const char *key, const char *value)
{
    if (!value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

static void push_notes(lua_State *L, const pd_notes *notes)
{
    lua_createtable(L, (int)notes->count, 0);
    for (size_t i = 0; i < notes->count; i++) {
        const pd_note *n = &notes->items[i];
        if (n->hint[0] != '\0')
            lua_pushfstring(L, "%s (%s)", n->text, n->hint);
        else
            lua_pushstring(L, n->text);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_settings(lua_State *L, const pd_config *cfg)
{
    lua_createtable(L, (int)cfg->setting_count, 0);
    for (size_t i = 0; i < cfg->setting_count; i++) {
        const pd_setting *s = &cfg->settings[i];
        lua_createtable(L, 0, 7);
        set_text(L, "key", s->key);
        set_text(L, "name", s->name[0] != '\0' ? s->name : NULL);
        set_text(L, "value", s->value);
        set_text(L, "origin", s->origin);
        set_flag(L, "set", s->set);
        set_flag(L, "secret", s->secret);
        set_flag(L, "ignored", s->ignored);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_options(lua_State *L, const pd_config *cfg)
{
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, cfg->simulator_interval_ms);
    lua_setfield(L, -2, "SIMULATOR_INTERVAL_MS");
    set_text(L, "PARTDEMO_ROOT", cfg->root);
    set_text(L, "PARTDEMO_STATE", cfg->state);
    set_text(L, "PARTDEMO_PG_BIN", cfg->pg_bin);
}

static int push_result(lua_State *L, int params)
{
    const pd_config *cfg = pd_lua_check_config(L, params);

    lua_createtable(L, 0, 7);
    set_flag(L, "private", cfg->private_server);
    set_text(L, "target", cfg->target);
    set_text(L, "origin", cfg->origin);
    push_settings(L, cfg);
    lua_setfield(L, -2, "settings");
    push_notes(L, &cfg->warnings);
    lua_setfield(L, -2, "warnings");
    push_options(L, cfg);
    lua_setfield(L, -2, "options");
    lua_pushvalue(L, params);
    lua_setfield(L, -2, "params");
    return 1;
}

/* err.message is a fixed buffer and may have been cut; Lua gets every problem in full. */
static int fail(lua_State *L, const box *b, const pd_err *err)
{
    pd_lua_fail(L, err);
    push_notes(L, &b->problems);
    lua_setfield(L, -2, "problems");
    if (b->problems.count < 2)
        return 2;
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (size_t i = 0; i < b->problems.count; i++) {
        if (i > 0)
            luaL_addstring(&text, "; ");
        luaL_addstring(&text, b->problems.items[i].text);
    }
    luaL_pushresult(&text);
    lua_setfield(L, -2, "message");
    return 2;
}

/* Leaves the field on the stack, which keeps the returned text alive. */
static const char *field(lua_State *L, const char *key)
{
    int type = lua_getfield(L, 1, key);
    size_t len;

    if (type == LUA_TNIL)
        return NULL;
    if (type != LUA_TSTRING && !(lua_isinteger(L, -1) && strcmp(key, "port") == 0))
        luaL_argerror(L, 1, lua_pushfstring(L, "field '%s' is not a string", key));
    const char *text = lua_tolstring(L, -1, &len);
    if (strlen(text) != len)
        luaL_argerror(L, 1, lua_pushfstring(L, "field '%s' holds a NUL byte", key));
    return text;
}

static void refuse_unknown_fields(lua_State *L)
{
    static const char *const known[] = {"dsn", "host", "port", "user", "dotenv"};

    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(key, known[i]) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            luaL_argerror(L, 1, lua_pushfstring(L, "unknown field '%s'", key));
    }
}

static int config_resolve(lua_State *L)
{
    pd_err err;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    refuse_unknown_fields(L);
    pd_config_input in = {.dsn = field(L, "dsn"),
                          .host = field(L, "host"),
                          .port = field(L, "port"),
                          .user = field(L, "user"),
                          .env = environ,
                          .dotenv = field(L, "dotenv")};
    box *b = new_box(L);
    if (!pd_config_resolve(&in, &b->cfg, &b->problems, &err))
        return fail(L, b, &err);
    return push_result(L, lua_gettop(L));
}

static const luaL_Reg functions[] = {
    {"resolve", config_resolve},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", box_gc},
    {"__tostring", box_tostring},
    {NULL, NULL},
};

int luaopen_partdemo_config(lua_State *L)
{
    if (luaL_newmetatable(L, CONFIG_META)) {
        luaL_setfuncs(L, metamethods, 0);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}

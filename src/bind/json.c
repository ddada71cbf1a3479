#include "bind/bind.h"
#include "bind/modules.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST    2048 /* as deep as jansson reads; more is a table that contains itself */
#define JSON_META  "partdemo.json_value"
#define ARRAY_META "partdemo.json_array"

/* The box that owns what jansson made while Lua's API may raise. */
typedef struct box {
    json_t *value;
    char *text;
} box;

static box *new_box(lua_State *L)
{
    box *b = lua_newuserdatauv(L, sizeof *b, 0);

    *b = (box){0};
    luaL_setmetatable(L, JSON_META);
    return b;
}

static void empty_box(box *b)
{
    json_decref(b->value);
    free(b->text);
    *b = (box){0};
}

static int box_gc(lua_State *L)
{
    empty_box(lua_touserdata(L, 1));
    return 0;
}

static void push_json(lua_State *L, json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    luaL_checkstack(L, 4, "JSON is nested too deeply");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        lua_createtable(L, 0, (int)json_object_size(value));
        json_object_foreach(value, key, item)
        {
            push_json(L, item);
            lua_setfield(L, -2, key);
        }
        break;
    case JSON_ARRAY:
        lua_createtable(L, (int)json_array_size(value), 0);
        luaL_setmetatable(L, ARRAY_META);
        json_array_foreach(value, i, item)
        {
            push_json(L, item);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(value));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(value));
        break;
    case JSON_NULL:
        lua_pushnil(L);
    }
}

/* decode(text) -> value | nil, error. null becomes an absent key. */
static int json_decode(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    box *b = new_box(L);
    json_error_t why;
    pd_err err;

    b->value = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (!b->value) {
        pd_err_set(&err, PD_ERR_INPUT, "not JSON: %s", why.text);
        err.line = why.line;
        return pd_lua_fail(L, &err);
    }
    push_json(L, b->value);
    empty_box(b);
    return 1;
}

#define ARRAY_MARK 2 /* stack index of the metatable that json.array() sets, while encoding */

static bool is_array(lua_State *L, int index)
{
    if (lua_getmetatable(L, index)) {
        bool marked = lua_rawequal(L, -1, ARRAY_MARK);
        lua_pop(L, 1);
        if (marked)
            return true;
    }
    return lua_rawlen(L, index) > 0;
}

static json_t *to_json(lua_State *L, int index, int depth);

static json_t *array_to_json(lua_State *L, int index, int depth)
{
    json_t *array = json_array();
    lua_Integer n = (lua_Integer)lua_rawlen(L, index);

    for (lua_Integer i = 1; array && i <= n; i++) {
        lua_rawgeti(L, index, i);
        json_t *item = to_json(L, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
        if (!item || json_array_append_new(array, item) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* NULL when the key at that index cannot name a member: jansson would cut it at a NUL byte. */
static const char *member_name(lua_State *L, int index)
{
    size_t len;
    const char *key = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &len) : NULL;

    return key && strlen(key) == len ? key : NULL;
}

static json_t *object_to_json(lua_State *L, int index, int depth)
{
    json_t *object = json_object();

    if (!object)
        return NULL;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        const char *key = member_name(L, -2);
        json_t *item = key ? to_json(L, lua_gettop(L), depth + 1) : NULL;
        if (!item || json_object_set_new(object, key, item) != 0) {
            json_decref(object);
            lua_pop(L, 2);
            return NULL;
        }
        lua_pop(L, 1);
    }
    return object;
}

/* Calls nothing of Lua that can raise: the value under construction would leak. */
static json_t *to_json(lua_State *L, int index, int depth)
{
    size_t len;
    const char *text;

    if (depth > DEEPEST || !lua_checkstack(L, 8))
        return NULL;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return json_null();
    case LUA_TBOOLEAN:
        return json_boolean(lua_toboolean(L, index));
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            return json_integer(lua_tointeger(L, index));
        return isfinite(lua_tonumber(L, index)) ? json_real(lua_tonumber(L, index)) : json_null();
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        return json_stringn(text, len);
    case LUA_TTABLE:
        return is_array(L, index) ? array_to_json(L, index, depth)
                                  : object_to_json(L, index, depth);
    case LUA_TLIGHTUSERDATA: /* json.null */
        return json_null();
    default:
        return NULL;
    }
}

/* encode(value [, indent]) -> text, keys sorted. Tables with a sequence, or marked by array(),
 * become arrays, others objects with string keys. Raises when a value has no JSON form. */
static int json_encode(lua_State *L)
{
    int indent = (int)luaL_optinteger(L, 2, 0);

    lua_settop(L, 1);
    luaL_getmetatable(L, ARRAY_META);
    box *b = new_box(L);
    b->value = to_json(L, 1, 0);
    if (!b->value)
        return luaL_error(L, "cannot write this value as JSON");
    b->text = json_dumps(b->value, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(15) |
                                       JSON_INDENT((size_t)indent));
    if (!b->text)
        return luaL_error(L, "out of memory");
    lua_pushstring(L, b->text);
    empty_box(b);
    return 1;
}

/* array(t) -> t, marked to be written as an array even when it is empty */
static int json_mark_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_setmetatable(L, ARRAY_META);
    return 1;
}

int luaopen_partdemo_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"decode", json_decode},
        {"encode", json_encode},
        {"array", json_mark_array},
        {NULL, NULL},
    };

    if (luaL_newmetatable(L, JSON_META)) {
        lua_pushcfunction(L, box_gc);
        lua_setfield(L, -2, "__gc");
    }
    luaL_newmetatable(L, ARRAY_META);
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}

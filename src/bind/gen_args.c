/* Boxes and arguments of the generator module. */
#include "bind/gen_lua.h"

#include <math.h>
#include <string.h>

#define GEN_META  "partdemo.generator"
#define LIST_META "partdemo.generator.list"

pd_gen **pd_lua_box_gen(lua_State *L)
{
    pd_gen **box = lua_newuserdatauv(L, sizeof *box, 0);

    *box = NULL;
    luaL_setmetatable(L, GEN_META);
    return box;
}

pd_gen *pd_lua_check_gen(lua_State *L, int arg)
{
    pd_gen **box = luaL_checkudata(L, arg, GEN_META);

    luaL_argcheck(L, *box, arg, "the generator was not made");
    return *box;
}

static int gen_gc(lua_State *L)
{
    pd_gen **box = luaL_checkudata(L, 1, GEN_META);

    pd_gen_unref(*box);
    *box = NULL;
    return 0;
}

static int gen_tostring(lua_State *L)
{
    lua_pushfstring(L, "generator of %s", pd_type_name(pd_gen_type(pd_lua_check_gen(L, 1))));
    return 1;
}

static int list_gc(lua_State *L)
{
    pd_gen_list *list = luaL_checkudata(L, 1, LIST_META);

    while (list->n > 0)
        pd_gen_unref(list->v[--list->n]);
    return 0;
}

pd_gen_list *pd_lua_gen_list(lua_State *L, size_t room)
{
    pd_gen_list *list = lua_newuserdatauv(L, sizeof *list + room * sizeof list->v[0], 0);

    list->n = 0;
    luaL_setmetatable(L, LIST_META);
    return list;
}

int pd_lua_gen_fail(lua_State *L, int arg, const pd_err *err)
{
    if (err->kind != PD_ERR_INPUT)
        return luaL_error(L, "%s", err->message);
    if (err->hint[0])
        return luaL_argerror(L, arg, lua_pushfstring(L, "%s. %s", err->message, err->hint));
    return luaL_argerror(L, arg, err->message);
}

static pd_gen *constant(lua_State *L, int index, pd_err *err)
{
    size_t len;
    const char *s;

    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        return pd_gen_const_bool(lua_toboolean(L, index), err);
    case LUA_TNUMBER:
        return lua_isinteger(L, index) ? pd_gen_const_int(lua_tointeger(L, index), err)
                                       : pd_gen_const_float(lua_tonumber(L, index), err);
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &len);
        return pd_gen_const_text((pd_text){s, len}, err);
    default:
        pd_err_set(err, PD_ERR_INPUT, "a %s is neither a generator nor a constant",
                   luaL_typename(L, index));
        return NULL;
    }
}

void pd_lua_list_add(lua_State *L, pd_gen_list *list, int index, int arg, const char *what)
{
    pd_gen **box = luaL_testudata(L, index, GEN_META);
    pd_err err = {0};
    pd_gen *gen = box && *box ? pd_gen_ref(*box) : constant(L, index, &err);

    if (!gen && what && err.kind == PD_ERR_INPUT)
        luaL_argerror(L, arg, lua_pushfstring(L, "%s: %s", what, err.message));
    if (!gen)
        pd_lua_gen_fail(L, arg, &err);
    list->v[list->n++] = gen;
}

void pd_lua_class(lua_State *L, const char *name, const luaL_Reg *meta, const luaL_Reg *methods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, meta, 0);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

pd_text pd_lua_text(lua_State *L, int index, int arg, const char *what)
{
    pd_text text;

    if (lua_type(L, index) != LUA_TSTRING)
        luaL_argerror(
            L, arg, lua_pushfstring(L, "%s is a %s, not a string", what, luaL_typename(L, index)));
    text.s = lua_tolstring(L, index, &text.len);
    return text;
}

size_t pd_lua_list_size(lua_State *L, int arg)
{
    size_t n;

    luaL_checktype(L, arg, LUA_TTABLE);
    n = lua_rawlen(L, arg);
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (key < 1 || (lua_Unsigned)key > n) {
            lua_pop(L, 1);
            luaL_argerror(L, arg,
                          lua_pushfstring(L, "it is a list, but has the key '%s'",
                                          luaL_tolstring(L, -1, NULL)));
        }
    }
    return n;
}

void pd_lua_pair(lua_State *L, int arg, size_t i, const char *form)
{
    if (lua_rawgeti(L, arg, (lua_Integer)i) != LUA_TTABLE || lua_rawlen(L, -1) != 2)
        luaL_argerror(L, arg, lua_pushfstring(L, "entry %d is not of the form %s", (int)i, form));
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    lua_remove(L, -3);
}

void pd_lua_options(lua_State *L, int arg, const char *const *names)
{
    if (lua_isnoneornil(L, arg))
        return;
    luaL_checktype(L, arg, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0)
            name++;
        if (*name)
            continue;
        lua_pop(L, 1);
        luaL_argerror(L, arg,
                      lua_pushfstring(L, "unknown option '%s'", luaL_tolstring(L, -1, NULL)));
    }
}

/* Pushes the option; false (nothing pushed) if it is absent. */
static bool option(lua_State *L, int arg, const char *name)
{
    if (lua_isnoneornil(L, arg))
        return false;
    lua_pushstring(L, name);
    if (lua_rawget(L, arg) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

double pd_lua_number_option(lua_State *L, int arg, const char *name, double absent)
{
    double value;

    if (!option(L, arg, name)) {
        if (isnan(absent))
            luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is missing", name));
        return absent;
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is not a number", name));
    value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

lua_Integer pd_lua_integer_option(lua_State *L, int arg, const char *name, lua_Integer absent)
{
    lua_Integer value;
    int whole;

    if (!option(L, arg, name))
        return absent;
    value = lua_tointegerx(L, -1, &whole);
    if (lua_type(L, -1) != LUA_TNUMBER || !whole)
        luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is not an integer", name));
    lua_pop(L, 1);
    return value;
}

/* key:set(type, values): what the keys of gen.key are; type as PostgreSQL names it. */
static int key_set(lua_State *L)
{
    static const struct {
        const char *name;
        Oid type;
    } types[] = {
        {"smallint", PD_OID_INT2},
        {"integer", PD_OID_INT4},
        {"bigint", PD_OID_INT8},
        {"text", PD_OID_TEXT},
        {"uuid", PD_OID_UUID},
        {"character varying", PD_OID_VARCHAR},
        {"date", PD_OID_DATE},
        {"timestamp", PD_OID_TIMESTAMP},
        {"timestamp without time zone", PD_OID_TIMESTAMP},
        {"timestamp with time zone", PD_OID_TIMESTAMPTZ},
    };
    pd_gen *key = pd_lua_check_gen(L, 1);
    const char *name = luaL_checkstring(L, 2);
    size_t n = pd_lua_list_size(L, 3), i = 0;
    pd_err err = {0};
    pd_text *values;

    luaL_argcheck(L, pd_gen_is_key(key), 1, "not a generator of keys");
    while (i < sizeof types / sizeof types[0] && strcmp(types[i].name, name) != 0)
        i++;
    luaL_argcheck(L, i < sizeof types / sizeof types[0], 2, "keys cannot have that type");
    values = lua_newuserdatauv(L, (n + 1) * sizeof *values, 0);
    lua_createtable(L, (int)n, 0); /* anchors numbers that become strings */
    for (size_t k = 0; k < n; k++) {
        if (lua_rawgeti(L, 3, (lua_Integer)k + 1) == LUA_TNUMBER)
            lua_tostring(L, -1);
        values[k] = pd_lua_text(L, -1, 3, "a key");
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    if (!pd_gen_key_set(key, types[i].type, values, n, &err))
        return pd_lua_gen_fail(L, 3, &err);
    return 0;
}

static const luaL_Reg gen_meta[] = {{"__gc", gen_gc}, {"__tostring", gen_tostring}, {NULL, NULL}};
static const luaL_Reg gen_methods[] = {{"set", key_set}, {NULL, NULL}};
static const luaL_Reg list_meta[] = {{"__gc", list_gc}, {NULL, NULL}};
static const luaL_Reg list_methods[] = {{NULL, NULL}};

void pd_lua_open_boxes(lua_State *L)
{
    pd_lua_class(L, GEN_META, gen_meta, gen_methods);
    pd_lua_class(L, LIST_META, list_meta, list_methods);
}

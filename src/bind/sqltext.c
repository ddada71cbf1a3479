/* partdemo.sqltext: SQL files split into statements as psql does it (core/sqltext.h). */
#include "core/sqltext.h"

#include "bind/bind.h"
#include "bind/modules.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define META "partdemo.sqltext"

typedef struct box {
    pd_sqltext *text; /* NULL before the split and after close */
} box;

typedef struct variable {
    const char *name, *value;
    size_t name_len;
} variable;

typedef struct variables { /* sorted by name; the strings are Lua's */
    size_t count;
    variable list[];
} variables;

static int by_name(const void *a, const void *b)
{
    const variable *x = a, *y = b;
    size_t least = x->name_len < y->name_len ? x->name_len : y->name_len;
    int order = memcmp(x->name, y->name, least);

    return order ? order : (x->name_len > y->name_len) - (x->name_len < y->name_len);
}

typedef struct given {
    const variables *vars, *names;
} given;

static const char *find(const variables *vars, const char *name, size_t name_len)
{
    const variable key = {.name = name, .name_len = name_len};
    const variable *found = bsearch(&key, vars->list, vars->count, sizeof *vars->list, by_name);

    return found ? found->value : NULL;
}

/* Called during the split: these must not touch the Lua state, which could raise. */
static const char *lookup(void *ud, const char *name, size_t name_len)
{
    return find(((const given *)ud)->vars, name, name_len);
}

static const char *rename_identifier(void *ud, const char *name, size_t name_len)
{
    return find(((const given *)ud)->names, name, name_len);
}

/* The text of the value on top of the stack. Strings made here are anchored in the table keep. */
static const char *value_text(lua_State *L, int keep, const char *name)
{
    size_t len;

    if (lua_isboolean(L, -1))
        return lua_toboolean(L, -1) ? "true" : "false";
    if (!lua_isstring(L, -1))
        luaL_error(L, "variable '%s' is a %s, not a string, number or boolean", name,
                   luaL_typename(L, -1));
    lua_pushvalue(L, -1); /* converting the number itself would confuse lua_next */
    const char *text = lua_tolstring(L, -1, &len);
    if (strlen(text) != len)
        luaL_error(L, "the value of variable '%s' holds a NUL byte", name);
    lua_pushboolean(L, true);
    lua_rawset(L, keep);
    return text;
}

/* Pushes a userdata with the variables of the table at index `from`. */
static variables *push_variables(lua_State *L, int from, int keep)
{
    size_t count = 0, n = 0;

    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1))
        count++;
    variables *vars = lua_newuserdatauv(L, sizeof *vars + count * sizeof *vars->list, 0);
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        variable *v = &vars->list[n++];
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "the name of a variable is a %s, not a string", luaL_typename(L, -2));
        v->name = lua_tolstring(L, -2, &v->name_len);
        v->value = value_text(L, keep, v->name);
    }
    vars->count = n;
    qsort(vars->list, n, sizeof *vars->list, by_name);
    return vars;
}

/* split(text [, variables [, names]]) -> handle | nil, error */
static int l_split(lua_State *L)
{
    size_t len;
    const char *src = luaL_checklstring(L, 1, &len);
    given known;
    pd_sqltext_vars vars = {.lookup = lookup, .rename = rename_identifier, .ud = &known};
    pd_err err;

    lua_settop(L, 3);
    for (int i = 2; i <= 3; i++) {
        if (lua_isnil(L, i)) {
            lua_newtable(L);
            lua_replace(L, i);
        }
        luaL_checktype(L, i, LUA_TTABLE);
    }
    lua_newtable(L);
    known.vars = push_variables(L, 2, 4);
    known.names = push_variables(L, 3, 4);
    box *b = lua_newuserdatauv(L, sizeof *b, 0);
    b->text = NULL;
    luaL_setmetatable(L, META);
    if (!pd_sqltext_split(src, len, &vars, &b->text, &err))
        return pd_lua_fail(L, &err);
    return 1;
}

static const pd_sqltext *check_text(lua_State *L)
{
    box *b = luaL_checkudata(L, 1, META);

    luaL_argcheck(L, b->text, 1, "is closed");
    return b->text;
}

static size_t check_statement(lua_State *L, const pd_sqltext *text)
{
    lua_Integer i = luaL_checkinteger(L, 2);

    luaL_argcheck(L, i >= 1 && (lua_Unsigned)i <= pd_sqltext_count(text), 2,
                  "there is no such statement");
    return (size_t)i - 1;
}

static void set_integer(lua_State *L, const char *key, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

static void set_boolean(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

static void set_string(lua_State *L, const char *key, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

/* handle:statement(i) -> { sql, line, verb, comment } */
static int l_statement(lua_State *L)
{
    const pd_sqltext *text = check_text(L);
    pd_sqlstmt stmt = pd_sqltext_get(text, check_statement(L, text));

    lua_createtable(L, 0, 4);
    lua_pushlstring(L, stmt.text, stmt.len);
    lua_setfield(L, -2, "sql");
    set_integer(L, "line", stmt.line);
    set_string(L, "verb", stmt.verb);
    if (stmt.comment)
        set_string(L, "comment", stmt.comment);
    return 1;
}

/* handle:locate(i, position) -> { line, column, in_value, text, caret } | nil */
static int l_locate(lua_State *L)
{
    const pd_sqltext *text = check_text(L);
    size_t i = check_statement(L, text);
    lua_Integer position = luaL_checkinteger(L, 3);
    pd_sqlpos pos;

    if (position > INT_MAX || position < 1 || !pd_sqltext_locate(text, i, (int)position, &pos))
        return 0;
    lua_createtable(L, 0, 5);
    set_integer(L, "line", pos.line);
    set_integer(L, "column", pos.column);
    set_boolean(L, "in_value", pos.in_value);
    set_string(L, "text", pos.text);
    set_integer(L, "caret", pos.caret);
    return 1;
}

/* handle:variables() -> { { name, line, defined }, ... } */
static int l_variables(lua_State *L)
{
    size_t count;
    const pd_sqlvar *used = pd_sqltext_vars_used(check_text(L), &count);

    lua_createtable(L, count < INT_MAX ? (int)count : 0, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 3);
        set_string(L, "name", used[i].name);
        set_integer(L, "line", used[i].line);
        set_boolean(L, "defined", used[i].defined);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pd_sqltext_count(check_text(L)));
    return 1;
}

/* handle:close(), also when collected or at the end of its scope; twice is fine */
static int l_close(lua_State *L)
{
    box *b = luaL_checkudata(L, 1, META);

    pd_sqltext_free(b->text);
    b->text = NULL;
    return 0;
}

static const luaL_Reg functions[] = {
    {"split", l_split},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"statement", l_statement}, {"locate", l_locate}, {"variables", l_variables},
    {"close", l_close},         {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", l_len},
    {"__gc", l_close},
    {"__close", l_close},
    {NULL, NULL},
};

int luaopen_partdemo_sqltext(lua_State *L)
{
    luaL_newmetatable(L, META);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}

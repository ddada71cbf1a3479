/* Rows: ordered columns, and samples of them as plain tables. */
#include "bind/gen_lua.h"

#define ROW_META    "partdemo.row"
#define SAMPLE_META "partdemo.row.sample"

const pd_row *pd_lua_check_row(lua_State *L, int arg)
{
    pd_row **box = luaL_checkudata(L, arg, ROW_META);

    luaL_argcheck(L, *box, arg, "the row was not made");
    return *box;
}

static int row_gc(lua_State *L)
{
    pd_row **box = luaL_checkudata(L, 1, ROW_META);

    pd_row_free(*box);
    *box = NULL;
    return 0;
}

/* gen.row { { name, value }, ... }: the columns in that order; values are generators */
static int l_row(lua_State *L)
{
    size_t n = pd_lua_list_size(L, 1);
    pd_gen_list *list = pd_lua_gen_list(L, n);
    pd_text *names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
    pd_err err = {0};
    pd_row **box;

    for (size_t i = 0; i < n; i++) {
        pd_lua_pair(L, 1, i + 1, "{ column, generator }");
        names[i] = pd_lua_text(L, -2, 1, "the name of a column");
        pd_lua_list_add(L, list, -1, 1, names[i].s);
        lua_pop(L, 2);
    }
    box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, ROW_META);
    *box = pd_row_new(names, list->v, n, &err);
    return *box ? 1 : pd_lua_gen_fail(L, 1, &err);
}

/* row:describe(): { { name =, type = }, ... }; type is absent while keys are not set */
static int row_describe(lua_State *L)
{
    const pd_row *row = pd_lua_check_row(L, 1);
    size_t n = pd_row_columns(row);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, pd_row_name(row, i));
        lua_setfield(L, -2, "name");
        if (pd_row_type(row, i) != 0) {
            lua_pushstring(L, pd_type_name(pd_row_type(row, i)));
            lua_setfield(L, -2, "type");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

typedef struct sample {
    pd_stream *stream;
    pd_params params;
} sample;

static int sample_gc(lua_State *L)
{
    sample *s = luaL_checkudata(L, 1, SAMPLE_META);

    pd_stream_free(s->stream);
    s->stream = NULL;
    pd_params_free(&s->params);
    return 0;
}

static void push_row(lua_State *L, const pd_row *row, const pd_params *params)
{
    lua_createtable(L, 0, params->n);
    for (int i = 0; i < params->n; i++) {
        if (!params->values[i])
            continue;
        lua_pushlstring(L, params->values[i], (size_t)params->lengths[i]);
        lua_setfield(L, -2, pd_row_name(row, (size_t)i));
    }
}

/* row:sample(seed, client, n [, run = 0]): the first n rows of that client as tables of texts by
 * column; NULL is an absent key */
static int row_sample(lua_State *L)
{
    const pd_row *row = pd_lua_check_row(L, 1);
    lua_Integer seed = luaL_checkinteger(L, 2), client = luaL_checkinteger(L, 3);
    lua_Integer n = luaL_checkinteger(L, 4), run = luaL_optinteger(L, 5, 0);
    pd_err err = {0};
    sample *s;

    luaL_argcheck(L, client >= 0 && client <= UINT32_MAX, 3, "client is not from 0 to 4294967295");
    luaL_argcheck(L, n >= 0 && n <= 10000000, 4, "n is not from 0 to 10000000");
    s = lua_newuserdatauv(L, sizeof *s, 0);
    *s = (sample){0};
    luaL_setmetatable(L, SAMPLE_META);
    s->stream = pd_stream_new((uint64_t)seed, (uint32_t)client, (uint64_t)run, &err);
    if (!s->stream)
        return pd_lua_gen_fail(L, 1, &err);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= n; i++) {
        if (!pd_row_text(row, s->stream, &s->params, &err))
            return pd_lua_gen_fail(L, 1, &err);
        push_row(L, row, &s->params);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* row:keys(): { { table =, column =, key = generator }, ... } of the gen.key in it */
static int row_keys(lua_State *L)
{
    const pd_row *row = pd_lua_check_row(L, 1);
    size_t n = pd_row_keys(row, NULL, 0);
    pd_gen **keys = lua_newuserdatauv(L, (n + 1) * sizeof *keys, 0);
    const char *table, *column;

    /* Without room to compare with, one that is there twice was counted twice. */
    n = pd_row_keys(row, keys, n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        pd_gen_key_source(keys[i], &table, &column);
        lua_createtable(L, 0, 3);
        lua_pushstring(L, table);
        lua_setfield(L, -2, "table");
        lua_pushstring(L, column);
        lua_setfield(L, -2, "column");
        pd_gen **box = pd_lua_box_gen(L);
        *box = pd_gen_ref(keys[i]);
        lua_setfield(L, -2, "key");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

#define MOST_COLUMNS 1600 /* of a PostgreSQL table */

/* { { oid, modifier }, ... } at arg, one for each column, into types and mods. */
static void check_types(lua_State *L, int arg, size_t columns, Oid *types, int *mods)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_argcheck(L, columns <= MOST_COLUMNS && lua_rawlen(L, arg) == columns, arg,
                  "not one type for each column of the row");
    for (size_t i = 0; i < columns; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1);
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_rawgeti(L, -1, 1);
        types[i] = (Oid)luaL_checkinteger(L, -1);
        lua_rawgeti(L, -2, 2);
        mods[i] = (int)luaL_optinteger(L, -1, -1);
        lua_pop(L, 3);
    }
}

/* row:bound([types]): the row again with the keys that were set since and, given the `types` of a
 * result (bind/result.c), its columns sent as those types; an error if values might not fit. */
static int row_bound(lua_State *L)
{
    const pd_row *row = pd_lua_check_row(L, 1);
    bool typed = !lua_isnoneornil(L, 2);
    Oid types[MOST_COLUMNS];
    int mods[MOST_COLUMNS];
    pd_err err = {0};

    if (typed)
        check_types(L, 2, pd_row_columns(row), types, mods);
    pd_row **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, ROW_META);
    *box = pd_row_bind(row, typed ? types : NULL, typed ? mods : NULL, &err);
    return *box ? 1 : pd_lua_raise(L, &err);
}

static const luaL_Reg meta[] = {{"__gc", row_gc}, {NULL, NULL}};
static const luaL_Reg methods[] = {
    {"describe", row_describe}, {"sample", row_sample}, {"keys", row_keys},
    {"bound", row_bound},       {NULL, NULL},
};
static const luaL_Reg sample_meta[] = {{"__gc", sample_gc}, {NULL, NULL}};
static const luaL_Reg sample_methods[] = {{NULL, NULL}};

void pd_lua_open_rows(lua_State *L)
{
    pd_lua_class(L, ROW_META, meta, methods);
    pd_lua_class(L, SAMPLE_META, sample_meta, sample_methods);
    lua_pushcfunction(L, l_row);
    lua_setfield(L, -2, "row");
}

/* partdemo.bound: the bounds of a table's partitions (core/boundset.h). */
#include "core/boundset.h"

#include "bind/bind.h"
#include "bind/modules.h"

#include <limits.h>
#include <stdlib.h>

#define META      "partdemo.bound"
#define WORK_META "partdemo.bound.work"

/* What core makes while Lua's API may raise. */
typedef struct work {
    pd_tiling tiling;
    pd_buf text;
    size_t *order;
} work;

static int work_gc(lua_State *L)
{
    work *w = lua_touserdata(L, 1);

    pd_tiling_free(&w->tiling);
    pd_buf_free(&w->text);
    free(w->order);
    *w = (work){0};
    return 0;
}

static work *new_work(lua_State *L)
{
    work *w = lua_newuserdatauv(L, sizeof *w, 0);

    *w = (work){0};
    luaL_setmetatable(L, WORK_META);
    return w;
}

static pd_boundset *check_set(lua_State *L)
{
    return luaL_checkudata(L, 1, META);
}

static const pd_bound *check_bound(lua_State *L, const pd_boundset *set, int arg)
{
    lua_Integer i = luaL_checkinteger(L, arg);

    luaL_argcheck(L, i >= 1 && (lua_Unsigned)i <= set->count, arg, "there is no such bound");
    return &set->bounds[i - 1];
}

/* set { text, ... } -> set | nil, error */
static int l_set(lua_State *L)
{
    pd_err err;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    pd_boundset *set = lua_newuserdatauv(L, sizeof *set, 0);
    *set = (pd_boundset){0};
    luaL_setmetatable(L, META);
    for (lua_Integer i = 1; lua_rawgeti(L, 1, i) != LUA_TNIL; i++) {
        bool is_text = lua_type(L, -1) == LUA_TSTRING;
        if (!is_text || !pd_boundset_add(set, lua_tostring(L, -1), &err)) {
            pd_boundset_free(
                set); /* not left to a finalizer, which Lua may have no memory to call */
            return is_text
                       ? pd_lua_fail(L, &err)
                       : luaL_error(L, "bound %I is a %s, not a string", i, luaL_typename(L, -1));
        }
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    return 1;
}

/* Calls visit for each value of a key column; a list and a range of one column have column 1. */
static void each_value(lua_State *L, void (*visit)(lua_State *L, pd_datum *datum))
{
    pd_boundset *set = check_set(L);
    lua_Integer column = luaL_checkinteger(L, 2);

    luaL_argcheck(L, column >= 1, 2, "columns count from 1");
    for (size_t i = 0; i < set->count; i++) {
        pd_bound *b = &set->bounds[i];
        bool range = b->kind == PD_BOUND_RANGE;
        size_t first = range ? (size_t)column - 1 : 0;
        size_t end = range && b->count > (size_t)column ? (size_t)column : b->count;
        for (size_t n = first; n < end; n++) {
            if (b->from[n].kind == PD_DATUM_VALUE)
                visit(L, &b->from[n]);
            if (range && b->to[n].kind == PD_DATUM_VALUE)
                visit(L, &b->to[n]);
        }
    }
}

static void push_value(lua_State *L, pd_datum *datum)
{
    lua_pushstring(L, datum->text);
    lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
}

/* set:values(column) -> { text, ... } */
static int l_values(lua_State *L)
{
    lua_settop(L, 2);
    lua_newtable(L);
    each_value(L, push_value);
    return 1;
}

static void rank_value(lua_State *L, pd_datum *datum)
{
    lua_getfield(L, 3, datum->text);
    lua_Integer rank = lua_tointeger(L, -1);
    datum->rank = rank > 0 && rank <= LONG_MAX ? (long)rank : 0;
    lua_pop(L, 1);
}

/* set:rank(column, { [text] = rank, ... }) */
static int l_rank(lua_State *L)
{
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    each_value(L, rank_value);
    return 0;
}

/* set:order() -> { index, ... } */
static int l_order(lua_State *L)
{
    const pd_boundset *set = check_set(L);
    work *w = new_work(L);
    pd_err err;

    w->order = calloc(set->count + 1, sizeof *w->order);
    if (!w->order)
        return luaL_error(L, "out of memory");
    if (!pd_boundset_order(set, w->order, &err))
        return pd_lua_raise(L, &err);
    lua_createtable(L, set->count < INT_MAX ? (int)set->count : 0, 0);
    for (size_t i = 0; i < set->count; i++) {
        lua_pushinteger(L, (lua_Integer)w->order[i] + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static void set_index(lua_State *L, const char *key, size_t index)
{
    lua_pushinteger(L, (lua_Integer)index + 1);
    lua_setfield(L, -2, key);
}

static void set_row(lua_State *L, const char *key, work *w, const pd_datum *row, size_t count)
{
    pd_err err;

    w->text.len = 0;
    if (!pd_bound_print_row(row, count, &w->text, &err))
        pd_lua_raise(L, &err);
    lua_pushstring(L, w->text.data);
    lua_setfield(L, -2, key);
}

static void push_gaps(lua_State *L, const pd_boundset *set, work *w)
{
    lua_newtable(L);
    for (size_t i = 0; i < w->tiling.gap_count; i++) {
        const pd_boundpair *gap = &w->tiling.gaps[i];
        const pd_bound *before = &set->bounds[gap->a], *after = &set->bounds[gap->b];
        lua_createtable(L, 0, 4);
        set_index(L, "after", gap->a);
        set_index(L, "before", gap->b);
        set_row(L, "from", w, before->to, before->count);
        set_row(L, "to", w, after->from, after->count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_overlaps(lua_State *L, const pd_tiling *tiling)
{
    lua_newtable(L);
    for (size_t i = 0; i < tiling->overlap_count; i++) {
        lua_createtable(L, 2, 0);
        for (int n = 1; n <= 2; n++) {
            const pd_boundpair *pair = &tiling->overlaps[i];
            lua_pushinteger(L, (lua_Integer)(n == 1 ? pair->a : pair->b) + 1);
            lua_rawseti(L, -2, n);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_remainders(lua_State *L, const pd_tiling *tiling)
{
    lua_newtable(L);
    for (long i = 0; i < tiling->missing && i < PD_TILING_REMAINDERS; i++) {
        lua_pushinteger(L, tiling->remainders[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

/* set:tiling() -> { default, gaps, overlaps, modulus, missing, remainders, share } */
static int l_tiling(lua_State *L)
{
    const pd_boundset *set = check_set(L);
    work *w = new_work(L);
    pd_err err;

    if (!pd_boundset_tiling(set, &w->tiling, &err))
        return pd_lua_raise(L, &err);
    lua_createtable(L, 0, 7);
    lua_pushboolean(L, w->tiling.has_default);
    lua_setfield(L, -2, "default");
    push_gaps(L, set, w);
    lua_setfield(L, -2, "gaps");
    push_overlaps(L, &w->tiling);
    lua_setfield(L, -2, "overlaps");
    lua_pushinteger(L, w->tiling.modulus);
    lua_setfield(L, -2, "modulus");
    lua_pushinteger(L, w->tiling.missing);
    lua_setfield(L, -2, "missing");
    push_remainders(L, &w->tiling);
    lua_setfield(L, -2, "remainders");
    lua_pushnumber(L, w->tiling.share);
    lua_setfield(L, -2, "share");
    return 1;
}

/* set:text(i) -> the bound as PostgreSQL writes it */
static int l_text(lua_State *L)
{
    const pd_bound *bound = check_bound(L, check_set(L), 2);
    work *w = new_work(L);
    pd_err err;

    if (!pd_bound_print(bound, &w->text, &err))
        return pd_lua_raise(L, &err);
    lua_pushstring(L, w->text.data);
    return 1;
}

/* The row at the top's field `key`: a value is its text, MINVALUE, MAXVALUE and NULL are { keyword
 * }. */
static void set_datums(lua_State *L, const char *key, const pd_datum *row, size_t count)
{
    static const char *const keywords[] = {[PD_DATUM_MINVALUE] = "MINVALUE",
                                           [PD_DATUM_MAXVALUE] = "MAXVALUE",
                                           [PD_DATUM_NULL] = "NULL"};

    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        if (row[i].kind == PD_DATUM_VALUE) {
            lua_pushstring(L, row[i].text);
        } else {
            lua_createtable(L, 0, 1);
            lua_pushstring(L, keywords[row[i].kind]);
            lua_setfield(L, -2, "keyword");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

/* set:parts(i) -> { default } | { from, to } | { values } | { modulus, remainder } */
static int l_parts(lua_State *L)
{
    const pd_bound *bound = check_bound(L, check_set(L), 2);
    work *w = new_work(L);

    lua_createtable(L, 0, 4);
    switch (bound->kind) {
    case PD_BOUND_RANGE:
        set_datums(L, "from", bound->from, bound->count);
        set_datums(L, "to", bound->to, bound->count);
        set_row(L, "from_text", w, bound->from, bound->count);
        set_row(L, "to_text", w, bound->to, bound->count);
        break;
    case PD_BOUND_LIST:
        set_datums(L, "values", bound->from, bound->count);
        break;
    case PD_BOUND_HASH:
        lua_pushinteger(L, bound->modulus);
        lua_setfield(L, -2, "modulus");
        lua_pushinteger(L, bound->remainder);
        lua_setfield(L, -2, "remainder");
        break;
    case PD_BOUND_DEFAULT:
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "default");
        break;
    }
    return 1;
}

/* set:equal(i, j) -> whether the two are the same bound */
static int l_equal(lua_State *L)
{
    const pd_boundset *set = check_set(L);

    lua_pushboolean(L, pd_bound_equal(check_bound(L, set, 2), check_bound(L, set, 3)));
    return 1;
}

static int l_gc(lua_State *L)
{
    pd_boundset_free(lua_touserdata(L, 1));
    return 0;
}

static const luaL_Reg functions[] = {
    {"set", l_set},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"values", l_values}, {"rank", l_rank},   {"order", l_order}, {"tiling", l_tiling},
    {"text", l_text},     {"parts", l_parts}, {"equal", l_equal}, {NULL, NULL},
};

int luaopen_partdemo_bound(lua_State *L)
{
    luaL_newmetatable(L, WORK_META);
    lua_pushcfunction(L, work_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newmetatable(L, META);
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

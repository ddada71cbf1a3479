/*
 * Random numbers for scripts: gen.rng(seed, client, purpose) and, under the names of the data
 * generator's specification, random_element, random_int, random_date and random_price. Each is a
 * function that takes the stream first, and a method of it.
 */
#include "bind/gen_lua.h"
#include "core/civil.h"

#include <math.h>

#define RNG_META "partdemo.rng"

pd_rng *pd_lua_check_rng(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, RNG_META);
}

pd_rng *pd_lua_push_rng(lua_State *L)
{
    pd_rng *rng = lua_newuserdatauv(L, sizeof *rng, 0);

    *rng = (pd_rng){{0}};
    luaL_setmetatable(L, RNG_META);
    return rng;
}

/* gen.rng(seed [, client = 0 [, purpose = 4]]): the same arguments give the same numbers */
static int l_rng(lua_State *L)
{
    lua_Integer seed = luaL_checkinteger(L, 1), client = luaL_optinteger(L, 2, 0);
    lua_Integer purpose = luaL_optinteger(L, 3, PD_RNG_SCRIPT);

    pd_rng_init(pd_lua_push_rng(L), (uint64_t)seed, (uint64_t)client, (uint64_t)purpose);
    return 1;
}

static void check_order(lua_State *L, bool ordered)
{
    if (!ordered)
        luaL_argerror(L, 2, "min is above max");
}

/* rng:int(min, max): both included */
static int rng_int(lua_State *L)
{
    pd_rng *rng = pd_lua_check_rng(L, 1);
    lua_Integer min = luaL_checkinteger(L, 2), max = luaL_checkinteger(L, 3);

    check_order(L, min <= max);
    lua_pushinteger(L, pd_rng_int(rng, min, max));
    return 1;
}

/* rng:float(): from 0 to 1, 1 excluded */
static int rng_float(lua_State *L)
{
    lua_pushnumber(L, pd_rng_double(pd_lua_check_rng(L, 1)));
    return 1;
}

/* rng:random_element(list) */
static int rng_element(lua_State *L)
{
    pd_rng *rng = pd_lua_check_rng(L, 1);
    lua_Integer n;

    luaL_checktype(L, 2, LUA_TTABLE);
    n = luaL_len(L, 2);
    luaL_argcheck(L, n > 0, 2, "the list is empty");
    lua_geti(L, 2, pd_rng_int(rng, 1, n));
    return 1;
}

/* rng:random_date(from, to): "2024-01-31"; to is excluded */
static int rng_date(lua_State *L)
{
    pd_rng *rng = pd_lua_check_rng(L, 1);
    const char *from = luaL_checkstring(L, 2), *to = luaL_checkstring(L, 3);
    int32_t low, high;
    pd_err err;
    char text[32];

    if (!pd_civil_parse_date(from, &low, &err))
        return luaL_argerror(L, 2, err.message);
    if (!pd_civil_parse_date(to, &high, &err))
        return luaL_argerror(L, 3, err.message);
    luaL_argcheck(L, low < high, 2, "from is not before to");
    pd_civil c = pd_civil_from_days((int32_t)pd_rng_int(rng, low, high - 1));
    snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
    lua_pushstring(L, text);
    return 1;
}

/* rng:random_price(min, max): a number of whole cents, both ends included */
static int rng_price(lua_State *L)
{
    pd_rng *rng = pd_lua_check_rng(L, 1);
    double min = ceil(luaL_checknumber(L, 2) * 100 - 1e-6);
    double max = floor(luaL_checknumber(L, 3) * 100 + 1e-6);

    luaL_argcheck(L, fabs(min) < 1e15 && fabs(max) < 1e15, 2, "prices are out of range");
    check_order(L, min <= max);
    lua_pushnumber(L, (double)pd_rng_int(rng, (int64_t)min, (int64_t)max) / 100);
    return 1;
}

static const luaL_Reg meta[] = {{NULL, NULL}};
static const luaL_Reg methods[] = {
    {"int", rng_int},
    {"float", rng_float},
    {"random_element", rng_element},
    {"random_int", rng_int},
    {"random_date", rng_date},
    {"random_price", rng_price},
    {NULL, NULL},
};
static const luaL_Reg functions[] = {
    {"rng", l_rng},
    {"random_element", rng_element},
    {"random_int", rng_int},
    {"random_date", rng_date},
    {"random_price", rng_price},
    {NULL, NULL},
};

void pd_lua_open_rng(lua_State *L)
{
    pd_lua_class(L, RNG_META, meta, methods);
    luaL_setfuncs(L, functions, 0);
}

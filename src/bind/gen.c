/*
 * require "partdemo.gen": generators of columns. Wherever a generator is an argument, a string, a
 * number or a boolean stands for a constant. Ranges of numbers include both ends; ranges of dates
 * and times are those of a partition: from included, to excluded.
 */
#include "bind/gen_lua.h"
#include "bind/modules.h"

#include <math.h>
#include <string.h>

/* Ends a constructor: the box is on top of the stack. */
static int made(lua_State *L, const pd_gen *gen, const pd_err *err)
{
    return gen ? 1 : pd_lua_gen_fail(L, 1, err);
}

/* Pushes a box and runs the constructor into it. */
#define MAKE(L, call)                                                                              \
    pd_err err = {0};                                                                              \
    pd_gen **box = pd_lua_box_gen(L);                                                              \
    *box = (call);                                                                                 \
    return made(L, *box, &err)

/* gen.constant(value) */
static int l_constant(lua_State *L)
{
    pd_gen_list *list;
    pd_gen **box;

    luaL_checkany(L, 1);
    list = pd_lua_gen_list(L, 1);
    pd_lua_list_add(L, list, 1, 1, NULL);
    box = pd_lua_box_gen(L);
    *box = pd_gen_ref(list->v[0]);
    return 1;
}

/* gen.int(min, max): integer */
static int l_int(lua_State *L)
{
    lua_Integer min = luaL_checkinteger(L, 1), max = luaL_checkinteger(L, 2);
    MAKE(L, pd_gen_int(min, max, &err));
}

/* gen.bigint(min, max): bigint */
static int l_bigint(lua_State *L)
{
    lua_Integer min = luaL_checkinteger(L, 1), max = luaL_checkinteger(L, 2);
    MAKE(L, pd_gen_bigint(min, max, &err));
}

/* gen.float(min, max): double precision */
static int l_float(lua_State *L)
{
    double min = luaL_checknumber(L, 1), max = luaL_checknumber(L, 2);
    MAKE(L, pd_gen_float(min, max, &err));
}

/* A number as units of 10^-scale: an error if it is not a whole number of them. */
static int64_t units(lua_State *L, int arg, lua_Integer scale)
{
    double value = luaL_checknumber(L, arg), unit = pow(10, (double)scale);
    double scaled = value * unit, whole = nearbyint(scaled);

    luaL_argcheck(L, fabs(scaled) <= 1e18, arg, "number of more than 18 digits");
    if (fabs(scaled - whole) > 1e-6 * fmax(1, fabs(scaled) * 1e-9))
        luaL_argerror(
            L, arg,
            lua_pushfstring(L, "%f has more than %d digits after the point", value, (int)scale));
    if (lua_isinteger(L, arg) && fabs(scaled) < 9e17)
        return lua_tointeger(L, arg) * (int64_t)unit;
    return (int64_t)whole;
}

static int decimal(lua_State *L, lua_Integer scale)
{
    luaL_argcheck(L, scale >= 0 && scale <= 15, 3, "scale is not from 0 to 15");
    int64_t min = units(L, 1, scale), max = units(L, 2, scale);
    MAKE(L, pd_gen_decimal(min, max, (int)scale, &err));
}

/* gen.decimal(min, max [, scale = 2]): numeric */
static int l_decimal(lua_State *L)
{
    return decimal(L, luaL_optinteger(L, 3, 2));
}

/* gen.price(min, max): numeric with two digits after the point */
static int l_price(lua_State *L)
{
    return decimal(L, 2);
}

/* gen.bool([p = 0.5]): true with probability p */
static int l_bool(lua_State *L)
{
    double p = luaL_optnumber(L, 1, 0.5);
    MAKE(L, pd_gen_bool(p, &err));
}

/* Item i of gen.pick: a value, or { value, weight }. Leaves the value on top. */
static bool weighted(lua_State *L, size_t i, double *weight)
{
    if (lua_rawgeti(L, 1, (lua_Integer)i) != LUA_TTABLE)
        return false;
    lua_pop(L, 1);
    pd_lua_pair(L, 1, i, "{ value, weight }");
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_argerror(L, 1, lua_pushfstring(L, "the weight of item %d is not a number", (int)i));
    *weight = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return true;
}

/* gen.pick { "a", "b" } or gen.pick { { "US", 30 }, { "CA", 10 } } */
static int l_pick(lua_State *L)
{
    size_t n = pd_lua_list_size(L, 1), weights_given = 0;
    pd_gen_list *list = pd_lua_gen_list(L, n);
    double *weights = lua_newuserdatauv(L, (n + 1) * sizeof *weights, 0);

    for (size_t i = 1; i <= n; i++) {
        weights_given += weighted(L, i, &weights[i - 1]);
        if (weights_given != 0 && weights_given != i)
            luaL_argerror(L, 1, "some items have a weight and some have none");
        const char *what = lua_pushfstring(L, "item %d", (int)i);
        pd_lua_list_add(L, list, -2, 1, what);
        lua_pop(L, 2);
    }
    MAKE(L, pd_gen_pick(list->v, weights_given > 0 ? weights : NULL, n, &err));
}

/* gen.null_some(p, generator): NULL with probability p */
static int l_null_some(lua_State *L)
{
    double p = luaL_checknumber(L, 1);
    pd_gen_list *list = pd_lua_gen_list(L, 1);

    pd_lua_list_add(L, list, 2, 2, NULL);
    MAKE(L, pd_gen_null_some(p, list->v[0], &err));
}

/* gen.date(from, to [, { recent = 0 }]): recent = k makes it the latest of 1 + k uniform dates */
static int l_date(lua_State *L)
{
    static const char *const names[] = {"recent", NULL};
    const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);

    pd_lua_options(L, 3, names);
    double recent = pd_lua_number_option(L, 3, "recent", 0);
    MAKE(L, pd_gen_date(from, to, recent, &err));
}

static int timestamp(lua_State *L, bool zoned)
{
    static const char *const names[] = {"recent", "precision", NULL};
    const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);

    pd_lua_options(L, 3, names);
    double recent = pd_lua_number_option(L, 3, "recent", 0);
    lua_Integer precision = pd_lua_integer_option(L, 3, "precision", 6);
    luaL_argcheck(L, precision >= 0 && precision <= 6, 3, "precision is not from 0 to 6");
    MAKE(L, pd_gen_timestamp(from, to, recent, (int)precision, zoned, &err));
}

/* gen.timestamp(from, to [, { recent = 0, precision = 6 }]) */
static int l_timestamp(lua_State *L)
{
    return timestamp(L, false);
}

/* gen.timestamptz: the same, in UTC */
static int l_timestamptz(lua_State *L)
{
    return timestamp(L, true);
}

/* gen.inet([network]): an address of "10.0.0.0/8", "2001:db8::/32"; else a public-looking one */
static int l_inet(lua_State *L)
{
    const char *network = luaL_optstring(L, 1, NULL);
    MAKE(L, pd_gen_inet(network, &err));
}

/* gen.uuid() */
static int l_uuid(lua_State *L)
{
    MAKE(L, pd_gen_uuid(&err));
}

static int words(lua_State *L, lua_Integer min, lua_Integer max)
{
    size_t n = pd_lua_list_size(L, 3);
    pd_text *list = lua_newuserdatauv(L, (n + 1) * sizeof *list, 0);

    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        list[i] = pd_lua_text(L, -1, 3, "a word");
        lua_pop(L, 1); /* the table keeps the string */
    }
    MAKE(L, pd_gen_words(min, max, list, n, &err));
}

/* gen.text(min, max [, alphabet]): min..max letters of the alphabet (a string, default a-z), or
 * words of it (a list), with blanks between */
static int l_text(lua_State *L)
{
    lua_Integer min = luaL_checkinteger(L, 1), max = luaL_checkinteger(L, 2);
    size_t len = 0;

    if (lua_istable(L, 3))
        return words(L, min, max);
    const char *alphabet = luaL_optlstring(L, 3, NULL, &len);
    luaL_argcheck(L, !alphabet || !memchr(alphabet, '\0', len), 3, "the alphabet has a zero byte");
    MAKE(L, pd_gen_text(min, max, alphabet, &err));
}

/* gen.format(format, ...): %s takes any generator, %d and %05d integers; NULL if one is NULL */
static int l_format(lua_State *L)
{
    int n = lua_gettop(L) - 1;
    pd_text format = pd_lua_text(L, 1, 1, "the format");
    pd_gen_list *list = pd_lua_gen_list(L, (size_t)n);

    for (int i = 0; i < n; i++)
        pd_lua_list_add(L, list, i + 2, i + 2, NULL);
    MAKE(L, pd_gen_format(format, list->v, list->n, &err));
}

/* gen.json { { key, value }, ... }: jsonb, the keys in that order; values are generators */
static int l_json(lua_State *L)
{
    size_t n = pd_lua_list_size(L, 1);
    pd_gen_list *list = pd_lua_gen_list(L, n);
    pd_text *keys = lua_newuserdatauv(L, (n + 1) * sizeof *keys, 0);

    for (size_t i = 0; i < n; i++) {
        pd_lua_pair(L, 1, i + 1, "{ key, value }");
        keys[i] = pd_lua_text(L, -2, 1, "a key");
        pd_lua_list_add(L, list, -1, 1, keys[i].s);
        lua_pop(L, 2);
    }
    MAKE(L, pd_gen_json(keys, list->v, n, &err));
}

/* gen.serial([{ start = 1, step = 1, last = LIMIT }]): counts per client, from start again after
 * last */
static int l_serial(lua_State *L)
{
    static const char *const names[] = {"start", "step", "last", NULL};

    pd_lua_options(L, 1, names);
    lua_Integer start = pd_lua_integer_option(L, 1, "start", 1);
    lua_Integer step = pd_lua_integer_option(L, 1, "step", 1);
    lua_Integer last =
        pd_lua_integer_option(L, 1, "last", step < 0 ? LUA_MININTEGER : LUA_MAXINTEGER);
    MAKE(L, pd_gen_serial(start, step, last, &err));
}

/* gen.unique([format = "%s"]): a text that no other client and no other run makes; %s becomes
 * RUN_CLIENT_NUMBER, up to 35 characters */
static int l_unique(lua_State *L)
{
    pd_text format = {"%s", 2};
    pd_gen **token;

    lua_settop(L, 1);
    if (!lua_isnil(L, 1))
        format = pd_lua_text(L, 1, 1, "the format");
    token = pd_lua_box_gen(L);
    MAKE(L, (*token = pd_gen_unique(&err)) ? pd_gen_format(format, token, 1, &err) : NULL);
}

/* gen.zipf(n, theta [, min = 1]): min .. min + n - 1, the first ones most often */
static int l_zipf(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 1), min = luaL_optinteger(L, 3, 1);
    double theta = luaL_checknumber(L, 2);
    MAKE(L, pd_gen_zipf(n, theta, min, &err));
}

static int scale_option(lua_State *L, int arg)
{
    lua_Integer scale = pd_lua_integer_option(L, arg, "scale", -1);

    luaL_argcheck(L, scale >= -1 && scale <= 15, arg, "scale is not from 0 to 15");
    return (int)scale;
}

/* gen.normal { mean =, sd = [, min =, max =, scale =] }: double precision, or with a scale numeric
 */
static int l_normal(lua_State *L)
{
    static const char *const names[] = {"mean", "sd", "min", "max", "scale", NULL};

    pd_lua_options(L, 1, names);
    double mean = pd_lua_number_option(L, 1, "mean", NAN);
    double sd = pd_lua_number_option(L, 1, "sd", NAN);
    double min = pd_lua_number_option(L, 1, "min", -INFINITY);
    double max = pd_lua_number_option(L, 1, "max", INFINITY);
    int scale = scale_option(L, 1);
    MAKE(L, pd_gen_normal(mean, sd, min, max, scale, &err));
}

/* gen.exponential { mean = [, min = 0, max =, scale =] }: min plus an exponential of that mean */
static int l_exponential(lua_State *L)
{
    static const char *const names[] = {"mean", "min", "max", "scale", NULL};

    pd_lua_options(L, 1, names);
    double mean = pd_lua_number_option(L, 1, "mean", NAN);
    double min = pd_lua_number_option(L, 1, "min", 0);
    double max = pd_lua_number_option(L, 1, "max", INFINITY);
    int scale = scale_option(L, 1);
    MAKE(L, pd_gen_exponential(mean, min, max, scale, &err));
}

/* gen.column(name): the value of a column further left in the same row */
static int l_column(lua_State *L)
{
    pd_text name = pd_lua_text(L, 1, 1, "the name");
    MAKE(L, pd_gen_column(name, &err));
}

/* gen.product(name, name, ...): the exact product of such columns */
static int l_product(lua_State *L)
{
    pd_text names[16];
    int n = lua_gettop(L);

    luaL_argcheck(L, n <= 16, 1, "a product has from 2 to 16 columns");
    for (int i = 0; i < n; i++)
        names[i] = pd_lua_text(L, i + 1, i + 1, "the name");
    MAKE(L, pd_gen_product(names, (size_t)n, &err));
}

/* gen.key(table, column [, { theta = 0 }]): a value that was in table.column when the keys were
 * set; theta > 0 prefers the first ones */
static int l_key(lua_State *L)
{
    static const char *const names[] = {"theta", NULL};
    pd_text table = pd_lua_text(L, 1, 1, "the table");
    pd_text column = pd_lua_text(L, 2, 2, "the column");

    pd_lua_options(L, 3, names);
    double theta = pd_lua_number_option(L, 3, "theta", 0);
    MAKE(L, pd_gen_key(table, column, theta, &err));
}

static const luaL_Reg functions[] = {
    {"constant", l_constant},
    {"int", l_int},
    {"bigint", l_bigint},
    {"float", l_float},
    {"decimal", l_decimal},
    {"price", l_price},
    {"bool", l_bool},
    {"pick", l_pick},
    {"null_some", l_null_some},
    {"date", l_date},
    {"timestamp", l_timestamp},
    {"timestamptz", l_timestamptz},
    {"inet", l_inet},
    {"uuid", l_uuid},
    {"text", l_text},
    {"format", l_format},
    {"json", l_json},
    {"serial", l_serial},
    {"unique", l_unique},
    {"zipf", l_zipf},
    {"normal", l_normal},
    {"exponential", l_exponential},
    {"column", l_column},
    {"product", l_product},
    {"key", l_key},
    {NULL, NULL},
};

int luaopen_partdemo_gen(lua_State *L)
{
    pd_lua_open_boxes(L);
    luaL_newlib(L, functions);
    pd_lua_open_rows(L);
    pd_lua_open_rng(L);
    return 1;
}

/* The Lua module over the generator, run in a bare lua_State: arguments, rows, memory. */
#include "bind/bind.h"
#include "bind/modules.h"

#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const prelude =
    "gen = require 'partdemo.gen'\n"
    "function refused(message, f, ...)\n"
    "  local ok, err = pcall(f, ...)\n"
    "  assert(not ok, 'not refused: ' .. message)\n"
    "  err = tostring(err):gsub('partdemo%.gen%.', '')\n"
    "  assert(err == message, ('%q is not %q'):format(err, message))\n"
    "end\n"
    "function one(g) return gen.row({ { 'c', g } }):sample(1, 0, 1)[1].c end\n";

static lua_State *open_state(lua_Alloc alloc, void *data)
{
    lua_State *L = alloc ? lua_newstate(alloc, data) : luaL_newstate();

    assert_non_null(L);
    luaL_openlibs(L);
    luaL_requiref(L, "partdemo.gen", luaopen_partdemo_gen, 0);
    lua_settop(L, 0);
    return L;
}

static void run(const char *code)
{
    lua_State *L = open_state(NULL, NULL);

    lua_gc(L, LUA_GCINC, 1, 1000, 1); /* collects all the time */
    if (luaL_dostring(L, prelude) != LUA_OK || luaL_dostring(L, code) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}

static void test_values(void **unused)
{
    (void)unused;
    run("assert(one(gen.int(3, 3)) == '3')\n"
        "assert(one 'x' == 'x' and one(7) == '7' and one(true) == 'true' and one(0.5) == '0.5')\n"
        "assert(one(gen.price(9.99, 9.99)) == '9.99' and one(gen.price(5, 5)) == '5.00')\n"
        "assert(one(gen.decimal(0.125, 0.125, 3)) == '0.125')\n"
        "assert(one(gen.null_some(1, 'x')) == nil)\n"
        "assert(one(gen.date('2024-02-29', '2024-03-01')) == '2024-02-29')\n"
        "assert(one(gen.timestamp('2024-02-29', '2024-02-29 00:00:01', { precision = 0 })) == "
        "'2024-02-29 00:00:00')\n"
        "assert(one(gen.timestamptz('2024-02-29', '2024-02-29 00:00:01', { precision = 0 })) == "
        "'2024-02-29 00:00:00+00')\n"
        "assert(one(gen.inet '10.0.0.1/32') == '10.0.0.1')\n"
        "assert(#one(gen.uuid()) == 36 and #one(gen.text(4, 4)) == 4)\n"
        "assert(one(gen.text(2, 2, { 'ab' })) == 'ab ab')\n"
        "assert(one(gen.json { { 'b', 1 }, { 'a', gen.pick { 'x' } } }) == "
        "'{\"b\":1,\"a\":\"x\"}')\n"
        "assert(one(gen.format('%s_%03d%%', 'u', 7)) == 'u_007%')\n"
        "assert(one(gen.unique()) == '0_0_0' and one(gen.unique 'u%s') == 'u0_0_0')\n"
        "assert(one(gen.zipf(1, 2, 9)) == '9' and one(gen.bigint(1 << 40, 1 << 40)) == "
        "'1099511627776')\n"
        "assert(tonumber(one(gen.normal { mean = 5, sd = 1, min = 4, max = 6 })) // 1 >= 4)\n"
        "assert(#one(gen.exponential { mean = 1, max = 2, scale = 3 }) == 5)\n"
        "local r = gen.row { { 'a', gen.serial { start = 5, last = 1000 } }, { 'b', gen.price(2, "
        "2) }, { 'p', "
        "gen.product('a', 'b') },\n"
        "  { 'm', gen.format('%s@x', gen.column 'a') }, { 'n', gen.bool(0) }, { 'f', gen.float(0, "
        "1) } }\n"
        "local s = r:sample(1, 0, 2)\n"
        "assert(s[2].a == '6' and s[2].p == '12.00' and s[2].m == '6@x' and s[2].n == 'false')\n"
        "local d = r:describe()\n"
        "assert(#d == 6 and d[1].name == 'a' and d[1].type == 'integer' and d[3].type == "
        "'numeric')\n"
        "assert(tostring(gen.int(1, 2)) == 'generator of integer')\n"
        "assert(r:sample(1, 3, 1, 35)[1].f ~= r:sample(1, 4, 1, 35)[1].f)\n"
        "assert(r:sample(1, 3, 9)[9].f == r:sample(1, 3, 9)[9].f)\n");
}

static void test_arguments(void **unused)
{
    (void)unused;
    run("refused(\"bad argument #1 to 'int' (min 5 is above max 3)\", gen.int, 5, 3)\n"
        "refused(\"bad argument #1 to 'price' (min 10.00 is above max 5.00)\", gen.price, 10, 5)\n"
        "refused(\"bad argument #1 to 'int' (0 to 4294967296 is out of the range of integer. Use "
        "bigint.)\", gen.int, 0, 1 << 32)\n"
        "refused(\"bad argument #2 to 'int' (number expected, got no value)\", gen.int, 5)\n"
        "refused(\"bad argument #1 to 'int' (number has no integer representation)\", gen.int, "
        "0.5, 3)\n"
        "refused(\"bad argument #1 to 'price' (1.005 has more than 2 digits after the point)\", "
        "gen.price, 1.005, 2)\n"
        "refused(\"bad argument #1 to 'price' (number of more than 18 digits)\", gen.price, 0/0, "
        "2)\n"
        "refused(\"bad argument #1 to 'bool' (probability nan is not from 0 to 1)\", gen.bool, "
        "math.abs(0/0))\n"
        "refused(\"bad argument #1 to 'pick' (there is nothing to pick from)\", gen.pick, {})\n"
        "refused(\"bad argument #1 to 'pick' (weight -1 of item 1 is not finite and at least 0)\", "
        "gen.pick, { { 'a', -1 } })\n"
        "refused(\"bad argument #1 to 'pick' (weight nan of item 1 is not finite and at least "
        "0)\", gen.pick, { { 'a', math.abs(0/0) } })\n"
        "refused(\"bad argument #1 to 'pick' (weight inf of item 1 is not finite and at least "
        "0)\", gen.pick, { { 'a', 1/0 } })\n"
        "refused(\"bad argument #1 to 'pick' (some items have a weight and some have none)\", "
        "gen.pick, { 'a', { 'b', 1 } })\n"
        "refused(\"bad argument #1 to 'pick' (the weight of item 2 is not a number)\", gen.pick, { "
        "{ 'a', 1 }, { 'b', '1' } })\n"
        "refused(\"bad argument #1 to 'pick' (entry 1 is not of the form { value, weight })\", "
        "gen.pick, { { 'a' } })\n"
        "refused(\"bad argument #1 to 'pick' (item 2: a function is neither a generator nor a "
        "constant)\", gen.pick, { 'a', print })\n"
        "refused(\"bad argument #1 to 'pick' (it is a list, but has the key 'x')\", gen.pick, { "
        "'a', x = 1 })\n"
        "refused(\"bad argument #3 to 'date' (unknown option 'recnet')\", gen.date, '2024-01-01', "
        "'2024-02-01', { recnet = 1 })\n"
        "refused(\"bad argument #1 to 'date' (from 2024-02-01 is not before to 2024-01-01)\", "
        "gen.date, '2024-02-01', '2024-01-01')\n"
        "refused(\"bad argument #1 to 'normal' (option 'sd' is missing)\", gen.normal, { mean = 1 "
        "})\n"
        "refused(\"bad argument #1 to 'normal' (sd -1 is not above 0 and up to 1e300)\", "
        "gen.normal, { mean = 1, sd = -1 })\n"
        "refused(\"bad argument #1 to 'serial' (option 'start' is not an integer)\", gen.serial, { "
        "start = 'x' })\n"
        "refused(\"bad argument #1 to 'zipf' (theta nan is not from 0 to 100)\", gen.zipf, 5, "
        "math.abs(0/0))\n"
        "refused(\"bad argument #3 to 'text' (a word is a number, not a string)\", gen.text, 1, 2, "
        "{ 1 })\n"
        "refused(\"bad argument #1 to 'json' (entry 1 is not of the form { key, value })\", "
        "gen.json, { 'a' })\n"
        "refused(\"bad argument #1 to 'json' (k: a function is neither a generator nor a "
        "constant)\", "
        "gen.json, { { 'k', print } })\n"
        "refused(\"bad argument #1 to 'row' (column \\\"p\\\": there is no column \\\"a\\\" "
        "further left)\", gen.row,\n"
        "  { { 'p', gen.product('a', 'b') } })\n"
        "refused(\"bad argument #1 to 'row' (a row has from 1 to 1600 columns, not 0)\", gen.row, "
        "{})\n"
        "refused(\"bad argument #1 to 'constant' (the number is not finite)\", gen.constant, 1/0)\n"
        "local row = gen.row { { 'c', 1 } }\n"
        "assert(not pcall(row.sample, row, 1, -1, 1) and not pcall(row.sample, {}, 1, 1, 1))\n");
}

static void test_keys(void **unused)
{
    (void)unused;
    run("local k = gen.key('users', 'id', { theta = 0.5 })\n"
        "local r = gen.row { { 'u', k }, { 'v', gen.format('%s', k) } }\n"
        "assert(r:describe()[1].type == nil)\n"
        "refused(\"bad argument #1 to '?' (the keys of users.id are not set, or the row was not "
        "bound since)\", function() "
        "error((select(2, pcall(r.sample, r, 1, 0, 1))):gsub(\"to 'sample'\", \"to '?'\"), 0) "
        "end)\n"
        "local keys = r:keys()\n"
        "assert(#keys == 1 and keys[1].table == 'users' and keys[1].column == 'id')\n"
        "keys[1].key:set('bigint', { 41, '41' })\n"
        "local s = r:bound():sample(1, 0, 1)[1]\n"
        "assert(s.u == '41' and s.v == '41')\n"
        "assert(r:bound():describe()[1].type == 'bigint')\n"
        "assert(not pcall(k.set, gen.int(1, 1), 'bigint', { 1 }) and not pcall(k.set, k, 'point', "
        "{ 1 }))\n");
}

static void test_random(void **unused)
{
    (void)unused;
    run("local a, b = gen.rng(1, 2), gen.rng(1, 2)\n"
        "for i = 1, 200 do\n"
        "  local n = a:int(-2, 2)\n"
        "  assert(n == gen.random_int(b, -2, 2) and n >= -2 and n <= 2)\n"
        "  local p = a:random_price(1, 1.10)\n"
        "  assert(p == gen.random_price(b, 1, 1.10) and p >= 1 and p <= 1.10)\n"
        "  local d = a:random_date('2024-01-01', '2024-01-03')\n"
        "  assert(d == gen.random_date(b, '2024-01-01', '2024-01-03'))\n"
        "  assert(d == '2024-01-01' or d == '2024-01-02')\n"
        "  local e = a:random_element { 'x', 'y' }\n"
        "  assert(e == gen.random_element(b, { 'x', 'y' }) and (e == 'x' or e == 'y'))\n"
        "  local f = a:float()\n"
        "  assert(f == b:float() and f >= 0 and f < 1)\n"
        "end\n"
        "refused(\"bad argument #2 to 'random_element' (the list is empty)\", gen.random_element, "
        "a, {})\n"
        "refused(\"bad argument #2 to 'random_int' (min is above max)\", gen.random_int, a, 2, 1)\n"
        "refused(\"bad argument #2 to 'random_price' (prices are out of range)\", "
        "gen.random_price, a, 0/0, 1)\n");
}

/* The rows of the four tables are what the tables take. */
static void test_rows(void **unused)
{
    (void)unused;
    run("local rows = assert(loadfile 'scenarios/lib/rows.lua')()\n"
        "local function names(row)\n"
        "  local list = {}\n"
        "  for i, c in ipairs(row:describe()) do list[i] = c.name .. ' ' .. c.type end\n"
        "  return table.concat(list, ', ')\n"
        "end\n"
        "assert(names(rows.event_log) == 'event_type text, user_id integer, event_data jsonb, "
        "ip_address inet, created_at timestamp')\n"
        "assert(names(rows.user) == 'username text, email text, country_code text, "
        "registration_date date, status text')\n"
        "assert(names(rows.order) == 'order_number text, user_id integer, product_id integer, "
        "region text, order_total numeric, order_status text, created_at timestamp')\n"
        "assert(names(rows.sale) == 'sale_date date, product_category text, product_id integer, "
        "quantity integer, unit_price numeric, total_amount numeric, store_id integer')\n"
        "local months, regions, users, halves = {}, {}, {}, { 0, 0 }\n"
        "for _, e in ipairs(rows.event_log:sample(1, 0, 5000)) do\n"
        "  assert(e.created_at:match '^2024%-%d%d')\n"
        "  months[e.created_at:sub(6, 7)] = true\n"
        "end\n"
        "for m = 1, 12 do assert(months[('%02d'):format(m)]) end\n"
        "for client = 0, 3 do\n"
        "  for _, u in ipairs(rows.user:sample(1, client, 1000)) do\n"
        "    assert(not users[u.username] and #u.username <= 50)\n"
        "    users[u.username] = true\n"
        "    assert(u.email:sub(1, #u.username + 1) == u.username .. '@')\n"
        "  end\n"
        "end\n"
        "for _, o in ipairs(rows.order:sample(1, 0, 10000)) do regions[o.region] = "
        "(regions[o.region] or 0) + 1 end\n"
        "assert(regions.US > 2800 and regions.US < 3200 and regions.BR > 120 and regions.BR < "
        "280)\n"
        "for _, s in ipairs(rows.sale:sample(1, 0, 10000)) do\n"
        "  local half = s.sale_date < '2024-04-01' and 1 or 2\n"
        "  halves[half] = halves[half] + 1\n"
        "  assert(s.sale_date >= '2024-01-01' and s.sale_date < '2024-07-01')\n"
        "  local cents = math.tointeger((s.unit_price:gsub('%.', ''))) * "
        "math.tointeger(s.quantity)\n"
        "  assert(s.total_amount == ('%d.%02d'):format(cents // 100, cents % 100))\n"
        "end\n"
        "assert(halves[1] > 4800 and halves[2] > 4800)\n");
}

/* They bind to the columns of the specification, lengths and digits included. */
static void check_bind(lua_State *L, const char *name, const Oid *types, const int *mods)
{
    pd_err err = {0};
    pd_row *bound;

    lua_getfield(L, -1, name);
    bound = pd_row_bind(pd_lua_check_row(L, -1), types, mods, &err);
    if (!bound)
        fail_msg("%s: %s", name, err.message);
    pd_row_free(bound);
    lua_pop(L, 1);
}

static void test_rows_bind(void **unused)
{
    enum { MONEY = (10 << 16 | 2) + 4 };
    lua_State *L = open_state(NULL, NULL);

    (void)unused;
    if (luaL_dofile(L, "scenarios/lib/rows.lua") != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    check_bind(L, "event_log",
               (Oid[]){PD_OID_VARCHAR, PD_OID_INT4, PD_OID_JSONB, PD_OID_INET, PD_OID_TIMESTAMP},
               (int[]){54, -1, -1, -1, -1});
    check_bind(L, "user",
               (Oid[]){PD_OID_VARCHAR, PD_OID_VARCHAR, PD_OID_VARCHAR, PD_OID_DATE, PD_OID_VARCHAR},
               (int[]){54, 104, 6, -1, 24});
    check_bind(L, "order",
               (Oid[]){PD_OID_VARCHAR, PD_OID_INT4, PD_OID_INT4, PD_OID_VARCHAR, PD_OID_NUMERIC,
                       PD_OID_VARCHAR, PD_OID_TIMESTAMP},
               (int[]){54, -1, -1, 24, MONEY, 24, -1});
    check_bind(L, "sale",
               (Oid[]){PD_OID_DATE, PD_OID_VARCHAR, PD_OID_INT4, PD_OID_INT4, PD_OID_NUMERIC,
                       PD_OID_NUMERIC, PD_OID_INT4},
               (int[]){-1, 54, -1, -1, MONEY, MONEY, -1});
    lua_close(L);
}

typedef struct budget {
    long left;
} budget;

static void *limited(void *data, void *p, size_t old, size_t size)
{
    budget *b = data;

    (void)old;
    if (size == 0) {
        free(p);
        return NULL;
    }
    return b->left-- > 0 ? realloc(p, size) : NULL;
}

/* Lua runs out of memory at each of its allocations: an error, and nothing leaks. */
static void test_lua_memory(void **unused)
{
    budget b = {1000000};
    lua_State *L = open_state(limited, &b);
    int status = LUA_ERRMEM, n;

    (void)unused;
    for (n = 0; status != LUA_OK; n++) {
        assert_in_range(n, 0, 20000);
        assert_int_equal(luaL_loadfile(L, "scenarios/lib/rows.lua"), LUA_OK);
        b.left = n;
        status = lua_pcall(L, 0, 1, 0);
        b.left = 1000000;
        assert_true(status == LUA_OK || status == LUA_ERRMEM);
        lua_settop(L, 0);
    }
    assert_true(n > 100);
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_keys),       cmocka_unit_test(test_random),
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_rows_bind),
        cmocka_unit_test(test_lua_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The Lua module partdemo.sqltext: what it returns, what it raises, and that it leaks nothing when
 * Lua runs out of memory at any point (asan tells). */
#include "bind/bind.h"
#include "bind/modules.h"

#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct budget {
    long left; /* allocations until one fails, negative = never */
} budget;

static void *allocate(void *ud, void *p, size_t old, size_t size)
{
    budget *b = ud;

    (void)old;
    if (size == 0) {
        free(p);
        return NULL;
    }
    if (b->left == 0)
        return NULL;
    if (b->left > 0)
        b->left--;
    return realloc(p, size);
}

static const char script[] =
    "local sqltext = require 'partdemo.sqltext'\n"
    "local t <close> = assert(sqltext.split('-- c\\nSELECT :n;\\n\\nINSERT :\"t\" :no :{?no} "
    ":yes :no', { n = 12, t = 'a\"b', yes = true, x = 1.5 }))\n"
    "assert(#t == 2)\n"
    "local s = t:statement(1)\n"
    "assert(s.sql == 'SELECT 12' and s.line == 2 and s.verb == 'SELECT' and s.comment == 'c')\n"
    "s = t:statement(2)\n"
    "assert(s.sql == 'INSERT \"a\"\"b\" :no FALSE true :no' and s.comment == nil and s.line == 4)\n"
    "local p = t:locate(2, 9)\n"
    "assert(p.line == 4 and p.column == 8 and p.caret == 8 and p.in_value and p.text == s.sql)\n"
    "assert(t:locate(2, 1).in_value == false and t:locate(2, 1000) == nil)\n"
    "assert(t:locate(2, math.maxinteger) == nil and t:locate(2, 0) == nil)\n"
    "local v = t:variables()\n"
    "assert(#v == 4 and v[1].name == 'n' and v[1].defined and v[1].line == 2)\n"
    "assert(v[3].name == 'no' and not v[3].defined and v[3].line == 4)\n"
    "local bad, err = sqltext.split 'SELECT 1;\\n\\\\d'\n"
    "assert(bad == nil and err.kind == 'input' and err.line == 2 and tostring(err):find '\\\\d')\n"
    "local function raises(part, f, ...)\n"
    "  local ok, message = pcall(f, ...)\n"
    "  if not ok and message == 'not enough memory' then error(message, 0) end\n"
    "  assert(not ok and message:find(part, 1, true), message)\n"
    "end\n"
    "raises('no such statement', t.statement, t, 3)\n"
    "raises('no such statement', t.locate, t, 0, 1)\n"
    "raises(\"variable 'a' is a table\", sqltext.split, '', { a = {} })\n"
    "raises('not a string', sqltext.split, '', { 'a' })\n"
    "raises('NUL byte', sqltext.split, '', { a = 'x\\0y' })\n"
    "raises('table expected', sqltext.split, '', 'a')\n"
    "local r <close> = assert(sqltext.split('SELECT a.b, :x FROM A', { x = 'a' }, { a = 'z' }))\n"
    "assert(r:statement(1).sql == 'SELECT z.b, z FROM z')\n"
    "raises(\"variable 'a' is a table\", sqltext.split, '', {}, { a = {} })\n"
    "raises('table expected', sqltext.split, '', {}, 'a')\n"
    "raises('string expected', sqltext.split, nil)\n"
    "local c = sqltext.split 'SELECT 1'\n"
    "c:close()\n"
    "c:close()\n"
    "raises('is closed', c.statement, c, 1)\n"
    "raises('is closed', function() return #c end)\n";

static int run(lua_State *L)
{
    luaL_requiref(L, "_G", luaopen_base, 1);
    luaL_requiref(L, "package", luaopen_package, 1);
    luaL_requiref(L, "string", luaopen_string, 1);
    luaL_requiref(L, "math", luaopen_math, 1);
    luaL_requiref(L, "partdemo.sqltext", luaopen_partdemo_sqltext, 0);
    if (luaL_loadstring(L, script) != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static int start(budget *b, char *message, size_t size)
{
    lua_State *L = lua_newstate(allocate, b);
    int status;

    if (!L)
        return LUA_ERRMEM;
    lua_pushcfunction(L, run);
    status = lua_pcall(L, 0, 0, 0);
    if (status != LUA_OK)
        snprintf(message, size, "%s", lua_tostring(L, -1));
    lua_close(L);
    return status;
}

static void test_script(void **state)
{
    budget b = {.left = -1};
    char message[512];

    (void)state;
    if (start(&b, message, sizeof message) != LUA_OK)
        fail_msg("%s", message);
}

static void test_lua_without_memory(void **state)
{
    long n = 0, failures = 0;
    int status;

    (void)state;
    do {
        budget b = {.left = n++};
        char message[512] = "";
        status = start(&b, message, sizeof message);
        if (status != LUA_OK && status != LUA_ERRMEM && !strstr(message, "not enough memory"))
            fail_msg("allocation %ld: %s", n, message);
        failures += status != LUA_OK;
    } while (status != LUA_OK && n < 5000);
    assert_int_equal(status, LUA_OK);
    assert_true(failures > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_lua_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "bind/conn.h"

#include <stdlib.h>
#include <string.h>

/* Type OIDs of pg_type.dat: fixed for ever. */
enum { BOOLOID = 16, INT8OID = 20, INT2OID = 21, INT4OID = 23, OIDOID = 26, FLOAT4OID = 700 };
enum { FLOAT8OID = 701 };

/* Numbers that Lua holds exactly become numbers; numeric and all else stays text. */
static void push_value(lua_State *L, const PGresult *result, int row, int column)
{
    const char *text = PQgetvalue(result, row, column);

    switch (PQftype(result, column)) {
    case BOOLOID:
        lua_pushboolean(L, text[0] == 't');
        break;
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case OIDOID:
        lua_pushinteger(L, strtoll(text, NULL, 10));
        break;
    case FLOAT4OID:
    case FLOAT8OID:
        lua_pushnumber(L, strtod(text, NULL));
        break;
    default:
        lua_pushlstring(L, text, (size_t)PQgetlength(result, row, column));
    }
}

static void push_row(lua_State *L, const PGresult *result, int row, int names)
{
    int columns = PQnfields(result);

    lua_createtable(L, 0, columns);
    for (int column = 0; column < columns; column++) {
        if (PQgetisnull(result, row, column))
            continue;
        lua_rawgeti(L, names, column + 1);
        push_value(L, result, row, column);
        lua_rawset(L, -3);
    }
}

/* { { oid, modifier }, ... }, a column each */
static void push_types(lua_State *L, const PGresult *result)
{
    int columns = PQnfields(result);

    lua_createtable(L, columns, 0);
    for (int column = 0; column < columns; column++) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, PQftype(result, column));
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, PQfmod(result, column));
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, column + 1);
    }
}

/* "INSERT 0 5" -> "INSERT", "CREATE TABLE" stays. */
static void push_command(lua_State *L, const char *tag)
{
    size_t len = strcspn(tag, "0123456789");

    while (len > 0 && tag[len - 1] == ' ')
        len--;
    lua_pushlstring(L, tag, len);
}

int pd_lua_push_result(lua_State *L, pd_lconn *c)
{
    PGresult *result = c->result;
    int rows = PQntuples(result), columns = PQnfields(result);
    const char *affected = PQcmdTuples(result);

    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, rows, 4);
    int table = lua_gettop(L);
    push_types(L, result);
    lua_setfield(L, table, "types");
    lua_createtable(L, columns, 0);
    int names = lua_gettop(L);
    for (int column = 0; column < columns; column++) {
        lua_pushstring(L, PQfname(result, column));
        lua_rawseti(L, names, column + 1);
    }
    for (int row = 0; row < rows; row++) {
        push_row(L, result, row, names);
        lua_rawseti(L, table, row + 1);
    }
    lua_setfield(L, table, "columns");
    push_command(L, PQcmdStatus(result));
    lua_setfield(L, -2, "command");
    if (affected[0] != '\0') {
        lua_pushinteger(L, strtoll(affected, NULL, 10));
        lua_setfield(L, -2, "affected");
    }
    c->result = NULL;
    PQclear(result);
    return 1;
}

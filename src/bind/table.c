#include "core/table.h"
#include "bind/bind.h"
#include "bind/modules.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_META "partdemo.table"
#define DEEPEST    1000 /* levels of a tree: more is a table that contains itself */

typedef struct box {
    pd_table *table;
    char *text;
} box;

static void empty_box(box *b)
{
    pd_table_free(b->table);
    free(b->text);
    *b = (box){0};
}

static int box_gc(lua_State *L)
{
    empty_box(lua_touserdata(L, 1));
    return 0;
}

static bool field_flag(lua_State *L, int index, const char *key)
{
    lua_getfield(L, index, key);
    bool set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return set;
}

static pd_tablestyle check_style(lua_State *L, int arg)
{
    pd_tablestyle style = {
        .ascii = field_flag(L, arg, "ascii"),
        .colour = field_flag(L, arg, "colour"),
        .headings = !field_flag(L, arg, "noheadings"),
    };

    if (lua_getfield(L, arg, "width") == LUA_TNUMBER && luaL_checkinteger(L, -1) > 0)
        style.width = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return style;
}

static size_t add_columns(lua_State *L, pd_table *table, int arg)
{
    size_t count = 0;
    pd_err err;

    lua_getfield(L, arg, "columns");
    luaL_checktype(L, -1, LUA_TTABLE);
    for (; lua_rawgeti(L, -1, (lua_Integer)count + 1) == LUA_TTABLE; count++) {
        int column = lua_gettop(L);
        int flags = 0;
        flags |= field_flag(L, column, "right") ? PD_COLUMN_RIGHT : 0;
        flags |= field_flag(L, column, "tree") ? PD_COLUMN_TREE : 0;
        flags |= field_flag(L, column, "cut") ? PD_COLUMN_CUT : 0;
        lua_rawgeti(L, column, 1);
        if (!pd_table_column(table, luaL_checkstring(L, -1), flags, &err))
            pd_lua_raise(L, &err);
        lua_pop(L, 2);
    }
    lua_pop(L, 2);
    return count;
}

/* A cell is a text, a number, nil, or { text, colour = NAME }. */
static void add_cell(lua_State *L, pd_table *table, long line, size_t column)
{
    const char *colour = NULL;
    pd_err err;

    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "colour");
        colour = luaL_optstring(L, -1, NULL);
        lua_rawgeti(L, -2, 1);
    } else {
        lua_pushnil(L);
        lua_pushvalue(L, -2);
    }
    const char *text = lua_isnil(L, -1) ? "" : luaL_tolstring(L, -1, NULL);
    if (lua_isnil(L, -1))
        lua_pushnil(L);
    if (!pd_table_cell(table, line, column, text, colour, &err))
        pd_lua_raise(L, &err);
    lua_pop(L, 3);
}

/* The rows in the table on the top of the stack, each with its `children` below it. */
static void add_rows(lua_State *L, pd_table *table, long parent, size_t columns, int depth)
{
    pd_err err;

    if (depth > DEEPEST)
        luaL_error(L, "the tree is too deep");
    luaL_checkstack(L, 12, "the tree is too deep");
    for (lua_Integer n = 1; lua_rawgeti(L, -1, n) == LUA_TTABLE; n++) {
        long line = pd_table_line(table, parent, &err);
        if (line < 0)
            pd_lua_raise(L, &err);
        for (size_t column = 0; column < columns; column++) {
            lua_rawgeti(L, -1, (lua_Integer)column + 1);
            add_cell(L, table, line, column);
            lua_pop(L, 1);
        }
        if (lua_getfield(L, -1, "children") == LUA_TTABLE)
            add_rows(L, table, line, columns, depth + 1);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* render { columns = { { heading, right=, tree=, cut= }, ... }, rows = { { cell, ..., children =
 * rows
 * }, ... }, width=, ascii=, colour=, noheadings= } -> text. A cell is a value or { value, colour =
 * }. */
static int table_render(lua_State *L)
{
    pd_err err;

    luaL_checktype(L, 1, LUA_TTABLE);
    pd_tablestyle style = check_style(L, 1);
    box *b = lua_newuserdatauv(L, sizeof *b, 0);
    *b = (box){0};
    luaL_setmetatable(L, TABLE_META);
    b->table = pd_table_new(&style);
    if (!b->table)
        return luaL_error(L, "out of memory");
    size_t columns = add_columns(L, b->table, 1);
    lua_getfield(L, 1, "rows");
    luaL_checktype(L, -1, LUA_TTABLE);
    add_rows(L, b->table, -1, columns, 0);
    b->text = pd_table_print(b->table, &err);
    if (!b->text)
        return pd_lua_raise(L, &err);
    lua_pushstring(L, b->text);
    empty_box(b); /* now: the collector does not see how much memory it holds */
    return 1;
}

int luaopen_partdemo_table(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"render", table_render},
        {NULL, NULL},
    };

    luaL_newmetatable(L, TABLE_META);
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}

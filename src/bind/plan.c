#include "core/plan.h"
#include "bind/bind.h"
#include "bind/modules.h"

#include <math.h>

#define PLAN_META "partdemo.plan"

static int box_gc(lua_State *L)
{
    pd_plan **box = lua_touserdata(L, 1);

    pd_plan_free(*box);
    *box = NULL;
    return 0;
}

static void set_text(lua_State *L, const char *key, const char *value)
{
    if (!value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, double value)
{
    if (isnan(value))
        return;
    lua_Integer whole;
    if (lua_numbertointeger(value, &whole) && (double)whole == value)
        lua_pushinteger(L, whole);
    else
        lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void push_targets(lua_State *L, const pd_plannode *node)
{
    lua_createtable(L, (int)node->target_count, 0);
    for (size_t i = 0; i < node->target_count; i++) {
        pd_plantarget target = pd_plan_target(node, i);
        lua_createtable(L, 0, 3);
        set_text(L, "schema", target.schema);
        set_text(L, "relation", target.relation);
        set_text(L, "alias", target.alias);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_node(lua_State *L, const pd_plannode *node)
{
    lua_createtable(L, 0, 24);
    if (node->parent >= 0) {
        lua_pushinteger(L, node->parent + 1);
        lua_setfield(L, -2, "parent");
    }
    lua_pushinteger(L, node->depth);
    lua_setfield(L, -2, "depth");
    for (size_t i = 0; i < PD_PLAN_TEXTS; i++)
        set_text(L, pd_plan_text_names[i], node->text[i]);
    for (size_t i = 0; i < PD_PLAN_NUMBERS; i++)
        set_number(L, pd_plan_number_names[i], node->number[i]);
    for (size_t i = 0; i < PD_PLAN_FLAGS; i++) {
        if (!node->flag[i])
            continue;
        lua_pushboolean(L, true);
        lua_setfield(L, -2, pd_plan_flag_names[i]);
    }
    if (node->target_count > 0) {
        push_targets(L, node);
        lua_setfield(L, -2, "targets");
    }
}

/* parse(json) -> nodes with planning_ms and execution_ms | nil, error */
static int plan_parse(lua_State *L)
{
    size_t len;
    const char *json = luaL_checklstring(L, 1, &len);
    pd_plan **box = lua_newuserdatauv(L, sizeof(pd_plan *), 0);
    pd_err err;

    *box = NULL;
    luaL_setmetatable(L, PLAN_META);
    if (!pd_plan_parse(json, len, box, &err))
        return pd_lua_fail(L, &err);
    lua_createtable(L, (int)pd_plan_count(*box), 2);
    for (size_t i = 0; i < pd_plan_count(*box); i++) {
        push_node(L, pd_plan_node(*box, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    set_number(L, "planning_ms", pd_plan_planning_ms(*box));
    set_number(L, "execution_ms", pd_plan_execution_ms(*box));
    pd_plan_free(*box); /* now: the collector does not see how much memory it holds */
    *box = NULL;
    return 1;
}

int luaopen_partdemo_plan(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"parse", plan_parse},
        {NULL, NULL},
    };

    luaL_newmetatable(L, PLAN_META);
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}

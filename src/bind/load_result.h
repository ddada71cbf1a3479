/* The numbers of a load run as Lua tables. */
#ifndef PD_BIND_LOAD_RESULT_H
#define PD_BIND_LOAD_RESULT_H

#include "bind/bind.h"
#include "core/load.h"

void pd_lua_open_load_result(lua_State *L);

/* Pushes empty statistics that Lua's collector frees. */
pd_loadstats *pd_lua_new_loadstats(lua_State *L);

/* Pushes the table that partdemo.LoadResult in src/lua/meta/load.d.lua describes, without
 * `elapsed`. */
int pd_lua_push_loadstats(lua_State *L, const pd_loadstats *stats);

#endif

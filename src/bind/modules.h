/* Every binding, by the name it is required by. */
#ifndef PD_BIND_MODULES_H
#define PD_BIND_MODULES_H

#include <lauxlib.h>

extern const luaL_Reg pd_lua_modules[]; /* ends with a NULL name */

int luaopen_partdemo_bound(lua_State *L);
int luaopen_partdemo_config(lua_State *L);
int luaopen_partdemo_conn(lua_State *L);
int luaopen_partdemo_copy(lua_State *L);
int luaopen_partdemo_gen(lua_State *L);
int luaopen_partdemo_interrupt(lua_State *L);
int luaopen_partdemo_json(lua_State *L);
int luaopen_partdemo_load(lua_State *L);
int luaopen_partdemo_plan(lua_State *L);
int luaopen_partdemo_sched(lua_State *L);
int luaopen_partdemo_server(lua_State *L);
int luaopen_partdemo_sqltext(lua_State *L);
int luaopen_partdemo_sys(lua_State *L);
int luaopen_partdemo_table(lua_State *L);

#endif

/* The numbers of a load run as Lua tables. */
#ifndef PD_BIND_LOAD_RESULT_H
#define PD_BIND_LOAD_RESULT_H

#include "bind/bind.h"
#include "core/load.h"

void pd_lua_open_load_result(lua_State *L);

/* Pushes empty statistics that Lua's collector frees. */
pd_loadstats *pd_lua_new_loadstats(lua_State *L);

/* Pushes { unknown, unsent, reconnects, cpu, lag = { times }, entries = { { ops, rows, errors = {
 * [sqlstate] = n }, failed, retries, due = { times }, sent = { times } }, ... }, due = { times of
 * all } }. times: count, mean, p50, p95, p99, max in seconds. */
int pd_lua_push_loadstats(lua_State *L, const pd_loadstats *stats);

/* Pushes { ops, errors, retries, reconnects, connected, backlog }, the sums of all workers. */
int pd_lua_push_live(lua_State *L, const pd_loadlive *const *live, int count);

#endif

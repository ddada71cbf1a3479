/*
 * What crosses files in bind/: one Lua module per file over core, no policy. A binding that fails
 * on something the user did (SQL, files, settings) raises or returns the error table made here; a
 * programmer's mistake raises with luaL_argerror.
 */
#ifndef PD_BIND_H
#define PD_BIND_H

#include "core/config.h"
#include "core/err.h"
#include "core/gen.h"

#include <lauxlib.h>
#include <lua.h>

/* Pushes err as a table { kind, message, sqlstate, detail, hint, context, position, line } with a
 * __tostring; absent parts are absent keys. */
void pd_lua_push_err(lua_State *L, const pd_err *err);

/* Raises err as that table; does not return. */
int pd_lua_raise(lua_State *L, const pd_err *err);

/* Pushes nil and that table; `return pd_lua_fail(L, &err);` returns them to Lua. */
int pd_lua_fail(lua_State *L, const pd_err *err);

/* True when a signal asked to stop and no shield keeps it away (bind/interrupt.h). */
bool pd_lua_interrupted(lua_State *L);

/* Pushes the error table of an interrupt, and gives L its grace. */
void pd_lua_push_interrupt(lua_State *L);

/* When L was interrupted: lets it run for a moment, so that teardown can put up its shield. Once:
 * a loop that swallows the interrupt is stopped all the same. */
void pd_lua_grace(lua_State *L);

/* The settings behind `params` of config.resolve at stack index arg, or an argument error. They
 * live as long as that userdata. */
const pd_config *pd_lua_check_config(lua_State *L, int arg);

/* The row made by gen.row at that argument, else an argument error. It lives as long as the Lua
 * value: the caller keeps that one anchored. */
const pd_row *pd_lua_check_row(lua_State *L, int arg);

/* The random stream at that argument, else an argument error. */
pd_rng *pd_lua_check_rng(lua_State *L, int arg);

/* Pushes a random stream for scripts, not yet started (pd_rng_init). */
pd_rng *pd_lua_push_rng(lua_State *L);

#endif

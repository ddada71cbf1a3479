/* Every binding, by the name it is required by. */
#ifndef PD_BIND_MODULES_H
#define PD_BIND_MODULES_H

#include <lauxlib.h>

extern const luaL_Reg pd_lua_modules[]; /* ends with a NULL name */

#endif

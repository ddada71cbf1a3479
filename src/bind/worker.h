#ifndef PD_BIND_WORKER_H
#define PD_BIND_WORKER_H

#include "bind/bind.h"
#include "core/load.h"

/* Pushes the worker for mixdrive.drive(); w outlives the state. */
void pd_lua_push_worker(lua_State *L, pd_worker *w);

#endif

/* The operation logs of a load as a Lua value. */
#ifndef PD_BIND_OPLOG_H
#define PD_BIND_OPLOG_H

#include "bind/bind.h"
#include "core/oplog.h"

/* Pushes the merged logs, which stay the caller's; end: of the run, nanoseconds since its begin.
 * The ledgers are read from the logs, so these must outlive the value: `owner` is the index of the
 * userdata that keeps them. */
void pd_lua_push_oplog(lua_State *L, const pd_oplog *const *logs, size_t count, size_t entries,
                       int64_t end, int owner);

#endif

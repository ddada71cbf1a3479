/* A load run as the load*.c files share it. */
#ifndef PD_BIND_LOAD_H
#define PD_BIND_LOAD_H

#include "bind/bind.h"
#include "core/load.h"

#include <pthread.h>

typedef enum threadstate { THREAD_STARTING, THREAD_READY, THREAD_DONE, THREAD_FAILED } threadstate;

typedef struct loadthread {
    struct loadrun *run;
    pthread_t id;
    bool started;
    atomic_int
        state; /* enum threadstate; what follows is the thread's until it is DONE or FAILED */
    pd_loadspec spec;
    pd_loadlive live; /* but this: anybody reads it */
    pd_loadstats stats;
    pd_oplog *log; /* of a watched load */
    pd_err err;
} loadthread;

typedef struct loadrun {
    pd_loadshared shared;
    char *job; /* what the worker's Lua gets: JSON, see src/lua/mix.lua */
    const char **keywords, **values;
    bool watched;
    pd_loadwatch watch;
    uint32_t *expected; /* what watch points to */
    int count;
    loadthread *threads; /* NULL after close() */
} loadrun;

loadrun *pd_lua_check_load(lua_State *L, int arg);

/* Takes the field `watch` of the table at arg: { slow = seconds or nil, expected = { sqlstate, ...
 * } } or nil. */
void pd_lua_take_watch(lua_State *L, loadrun *r, int arg);

/* run:watched() -> of a watched load so far: { answered, slow, unexpected, waiting }. waiting: how
 * many seconds the oldest write has been due, 0 when none is. */
int pd_lua_load_watched(lua_State *L);

/* run:log() -> the operation log of a watched load, after result(): see bind/oplog.c */
int pd_lua_load_log(lua_State *L);

/* run:meter() -> what reads the live counters, see load_meter.c */
int pd_lua_new_meter(lua_State *L);
void pd_lua_open_meter(lua_State *L);

#endif

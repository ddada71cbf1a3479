#include "bind/modules.h"

#include "bind/bind.h"
#include "bind/conn.h"
#include "bind/interrupt.h"
#include "bind/sched.h"

const luaL_Reg pd_lua_modules[] = {
    {"partdemo.conn", luaopen_partdemo_conn},
    {"partdemo.interrupt", luaopen_partdemo_interrupt},
    {"partdemo.json", luaopen_partdemo_json},
    {"partdemo.sched", luaopen_partdemo_sched},
    {"partdemo.sys", luaopen_partdemo_sys},
    {"partdemo.table", luaopen_partdemo_table},
    {NULL, NULL},
};

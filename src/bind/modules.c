#include "bind/modules.h"

const luaL_Reg pd_lua_modules[] = {
    {"partdemo.bound", luaopen_partdemo_bound},
    {"partdemo.config", luaopen_partdemo_config},
    {"partdemo.conn", luaopen_partdemo_conn},
    {"partdemo.copy", luaopen_partdemo_copy},
    {"partdemo.gen", luaopen_partdemo_gen},
    {"partdemo.interrupt", luaopen_partdemo_interrupt},
    {"partdemo.json", luaopen_partdemo_json},
    {"partdemo.load", luaopen_partdemo_load},
    {"partdemo.plan", luaopen_partdemo_plan},
    {"partdemo.sched", luaopen_partdemo_sched},
    {"partdemo.server", luaopen_partdemo_server},
    {"partdemo.sqltext", luaopen_partdemo_sqltext},
    {"partdemo.sys", luaopen_partdemo_sys},
    {"partdemo.table", luaopen_partdemo_table},
    {NULL, NULL},
};

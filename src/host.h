/* The Lua host: one state with its libraries, run to an exit code. */
#ifndef PARTDEMO_HOST_H
#define PARTDEMO_HOST_H

#include <lua.h>

/* Gives a worker thread's new state the libraries and modules of the program; raises when memory
 * runs out. Such a state sees no interrupts: the main one ends its threads. */
void pd_host_open_libraries(lua_State *L);

/* Runs the command line in a new Lua state; returns the exit code of the process. */
int pd_host_main(int argc, char **argv);

#endif

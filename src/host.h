/* The Lua host: one state with its libraries, run to an exit code. */
#ifndef PARTDEMO_HOST_H
#define PARTDEMO_HOST_H

/* Runs the command line in a new Lua state; returns the exit code of the process. */
int pd_host_main(int argc, char **argv);

#endif

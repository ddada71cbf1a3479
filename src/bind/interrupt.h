/*
 * Ctrl-C and SIGTERM. The handler counts and writes to an eventfd, nothing more; the third signal
 * ends the process at once. An interrupt reaches Lua in two ways: a count hook stops running Lua
 * code, and every wait of the main task looks at pd_lua_interrupted(). Either raises it; the
 * coroutine then has 10,000 instructions to put up a shield, before each instruction raises it.
 *
 * `local guard <close> = interrupt.shield()` keeps one more signal away until it is closed:
 * teardown that begins after the first Ctrl-C is stopped by the second.
 */
#ifndef PD_BIND_INTERRUPT_H
#define PD_BIND_INTERRUPT_H

#include "bind/bind.h"

/* Installs the handlers and the hook; the eventfd that becomes readable on a signal, -1 on failure.
 */
int pd_interrupt_install(lua_State *L);

/* The signal that asked to stop, 0 when none did. */
int pd_interrupt_signal(void);

#endif

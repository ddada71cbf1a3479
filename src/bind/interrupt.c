#include "bind/interrupt.h"
#include "bind/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHECK_EVERY 10000 /* virtual machine instructions between two looks at the counter */
#define GRACE       9999 /* the same, and says that the interrupt was delivered to this coroutine */

/* The one place with process-wide state: a signal handler can be given nothing else. Atomic,
 * because worker threads look too. */
static atomic_int signals_seen;
static atomic_int first_signal;
static atomic_int signals_shielded;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler must not wait for a lock");
static int wake_fd = -1;

static void on_signal(int signal)
{
    int saved = errno;
    uint64_t one = 1;

    int none = 0;
    atomic_compare_exchange_strong(&first_signal, &none, signal);
    if (atomic_fetch_add(&signals_seen, 1) + 1 >= 3)
        _exit(128 + first_signal);
    if (write(wake_fd, &one, sizeof one) < 0)
        errno = saved; /* the counter is full: the loop wakes anyway */
    errno = saved;
}

bool pd_lua_interrupted(lua_State *L)
{
    (void)L;
    return signals_seen > signals_shielded;
}

int pd_interrupt_signal(void)
{
    return first_signal;
}

void pd_lua_push_interrupt(lua_State *L)
{
    pd_err err;

    pd_lua_grace(L);
    pd_err_set(&err, PD_ERR_INTERRUPT, "interrupted");
    pd_lua_push_err(L, &err);
}

/* The first interrupt of a coroutine leaves it its grace. If no shield is up when that is over, the
 * hook fires on every instruction, so that no pcall can swallow it. */
static void check_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (!pd_lua_interrupted(L)) {
        if (lua_gethookcount(L) != CHECK_EVERY)
            lua_sethook(L, check_hook, LUA_MASKCOUNT, CHECK_EVERY);
        return;
    }
    if (lua_gethookcount(L) == GRACE)
        lua_sethook(L, check_hook, LUA_MASKCOUNT, 1);
    pd_lua_push_interrupt(L);
    lua_error(L);
}

void pd_lua_grace(lua_State *L)
{
    if (pd_lua_interrupted(L) && lua_gethookcount(L) == CHECK_EVERY)
        lua_sethook(L, check_hook, LUA_MASKCOUNT, GRACE);
}

int pd_interrupt_install(lua_State *L)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return -1;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT); /* the handler counts: it must not interrupt itself */
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, reported as such */
    lua_sethook(L, check_hook, LUA_MASKCOUNT, CHECK_EVERY);
    return wake_fd;
}

#define SHIELD_META "partdemo.shield"

static int shield_close(lua_State *L)
{
    bool *up = luaL_checkudata(L, 1, SHIELD_META);

    if (*up)
        signals_shielded--;
    *up = false;
    return 0;
}

/* shield() -> a value to close; see interrupt.h */
static int interrupt_shield(lua_State *L)
{
    bool *up = lua_newuserdatauv(L, sizeof *up, 0);

    *up = false;
    luaL_setmetatable(L, SHIELD_META);
    signals_shielded++;
    *up = true;
    lua_sethook(L, check_hook, LUA_MASKCOUNT, CHECK_EVERY);
    return 1;
}

/* pending() -> the signal's number when the program was asked to stop, else nil */
static int interrupt_pending(lua_State *L)
{
    if (first_signal == 0)
        return 0;
    lua_pushinteger(L, first_signal);
    return 1;
}

/* accept() takes the signals seen so far as answered: what they asked for is done. */
static int interrupt_accept(lua_State *L)
{
    (void)L;
    signals_seen = 0;
    first_signal = 0;
    return 0;
}

int luaopen_partdemo_interrupt(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"shield", interrupt_shield},
        {"pending", interrupt_pending},
        {"accept", interrupt_accept},
        {NULL, NULL},
    };
    static const luaL_Reg meta[] = {
        {"__close", shield_close},
        {"__gc", shield_close},
        {NULL, NULL},
    };

    luaL_newmetatable(L, SHIELD_META);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, functions);
    return 1;
}

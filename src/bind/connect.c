/* conn.connect: the settings, and the wait until the server has let us in. */
#include "bind/conn.h"
#include "bind/sched.h"
#include "core/clock.h"

#include <poll.h>
#include <string.h>

static int connect_failed(lua_State *L, pd_lconn *c, const pd_err *err)
{
    pd_lconn_close(c);
    return pd_lua_fail(L, err);
}

static int connecting(lua_State *L, int status, lua_KContext waited)
{
    pd_lconn *c = luaL_checkudata(L, -1, PD_CONN_META);
    pd_io io = PD_IO_WRITE; /* as libpq says, to begin with */
    pd_err err;

    (void)status;
    for (;; waited = 1) {
        int fired = waited ? pd_sched_fired(L) : POLLOUT;
        if (fired == PD_FIRED_INTERRUPT) {
            pd_lconn_close(c);
            return pd_lconn_raise_interrupt(L);
        }
        if (fired == PD_FIRED_TIMEOUT) {
            pd_err_set(&err, PD_ERR_CONN, "the server did not answer within %d s",
                       pd_conn_connect_timeout(c->conn));
            pd_err_hint(&err, "Is the address right? connect_timeout sets how long to wait.");
            return connect_failed(L, c, &err);
        }
        if (waited)
            io = pd_conn_connect(c->conn, &err);
        if (io == PD_IO_DONE)
            return 1;
        if (io == PD_IO_FAILED)
            return connect_failed(L, c, &err);
        int fd = pd_conn_fd(c->conn);
        short events = io == PD_IO_WRITE ? POLLOUT : POLLIN;
        if (!pd_sched_wait_here(L, fd, events, c->deadline, PD_WAIT))
            return pd_sched_wait(L, fd, events, c->deadline, PD_WAIT, 1, connecting);
    }
}

#define MOST_KEYWORDS 64

typedef struct keywords {
    int count;
    const char *names[MOST_KEYWORDS + 1], *values[MOST_KEYWORDS + 1];
} keywords;

static void add_keyword(lua_State *L, keywords *k, const char *name, const char *value)
{
    if (k->count == MOST_KEYWORDS)
        luaL_error(L, "too many connection keywords");
    k->names[k->count] = name;
    k->values[k->count++] = value;
}

/* The strings of the table at arg are its own, and stay where they are. */
static void add_table(lua_State *L, keywords *k, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING, arg,
                      "keywords and their values must be strings");
        add_keyword(L, k, lua_tostring(L, -2), lua_tostring(L, -1));
    }
}

int pd_lconn_connect(lua_State *L)
{
    keywords k = {0};
    pd_err err;

    lua_settop(L, 2);
    if (lua_istable(L, 1)) {
        add_table(L, &k, 1);
    } else {
        const pd_config *config = pd_lua_check_config(L, 1);
        for (size_t i = 0; config->keywords[i]; i++)
            add_keyword(L, &k, config->keywords[i], config->values[i]);
    }
    if (!lua_isnil(L, 2))
        add_table(L, &k, 2);
    pd_lconn *c = lua_newuserdatauv(L, sizeof *c, 0);
    memset(c, 0, sizeof *c);
    luaL_setmetatable(L, PD_CONN_META);
    c->conn = pd_conn_open(k.names, k.values, &err);
    if (!c->conn)
        return pd_lua_fail(L, &err);
    int timeout = pd_conn_connect_timeout(c->conn);
    c->deadline = timeout > 0 ? pd_clock_after(timeout) : PD_FOREVER;
    return connecting(L, LUA_OK, 0);
}

/* Generated rows straight into COPY ... (FORMAT binary): no Lua runs per row. */
#include "bind/conn.h"
#include "bind/modules.h"
#include "bind/sched.h"
#include "core/clock.h"
#include "core/gen.h"

#include <poll.h>
#include <string.h>

#define COPY_META   "partdemo.copy"
#define PIECE_BYTES (256 * 1024) /* handed to libpq at once; bounds what it queues */

/* User value 1 is the connection, 2 the row. */
typedef struct copier {
    const pd_row *row; /* NULL when closed */
    pd_stream *stream;
    pd_buf buf;
    lua_Integer left; /* rows of the running send() */
} copier;

static int copier_close(lua_State *L)
{
    copier *k = luaL_checkudata(L, 1, COPY_META);

    pd_stream_free(k->stream);
    pd_buf_free(&k->buf);
    k->row = NULL;
    k->stream = NULL;
    return 0;
}

static copier *check_copier(lua_State *L)
{
    copier *k = luaL_checkudata(L, 1, COPY_META);

    luaL_argcheck(L, k->row != NULL, 1, "the copy has ended");
    return k;
}

/* new(conn, row, seed, run) -> copier. row: bound to the types of its columns; run: the tag of this
 * run, for unique values. conn:copy_in() comes next. */
static int copy_new(lua_State *L)
{
    pd_err err;

    pd_lua_check_conn(L, 1, false);
    const pd_row *row = pd_lua_check_row(L, 2);
    lua_Integer seed = luaL_checkinteger(L, 3), run = luaL_checkinteger(L, 4);
    copier *k = lua_newuserdatauv(L, sizeof *k, 2);
    memset(k, 0, sizeof *k);
    luaL_setmetatable(L, COPY_META);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 2);
    k->row = row;
    k->stream = pd_stream_new((uint64_t)seed, 0, (uint64_t)run, &err);
    if (!k->stream || !pd_copy_begin(&k->buf, &err))
        return pd_lua_raise(L, &err);
    return 1;
}

static bool fill(copier *k, pd_err *err)
{
    while (k->left > 0 && k->buf.len < PIECE_BYTES) {
        if (!pd_copy_row(k->row, k->stream, &k->buf, err))
            return false;
        k->left--;
    }
    return true;
}

static int answer(lua_State *L, bool sent)
{
    lua_pushboolean(L, sent);
    return 1;
}

/* Fills, hands over, and waits until libpq has sent it: so memory stays small. */
static int sending(lua_State *L, int status, lua_KContext waited)
{
    copier *k = check_copier(L);
    pd_err err;

    (void)status;
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, 1);
    pd_lconn *c = pd_lua_check_conn(L, 3, false);
    for (;;) {
        if (waited && pd_sched_fired(L) == PD_FIRED_INTERRUPT) {
            pd_lua_push_interrupt(L);
            return lua_error(L);
        }
        pd_io io = pd_conn_flush(c->conn, &err);
        waited = io == PD_IO_WRITE;
        if (waited) {
            int fd = pd_conn_fd(c->conn);
            if (!pd_sched_wait_here(L, fd, POLLIN | POLLOUT, PD_FOREVER, PD_WAIT))
                return pd_sched_wait(L, fd, POLLIN | POLLOUT, PD_FOREVER, PD_WAIT, 1, sending);
            continue;
        }
        if (io == PD_IO_FAILED)
            return answer(L, false);
        if (k->left == 0 && k->buf.len == 0)
            return answer(L, true);
        if (!fill(k, &err))
            return pd_lua_raise(L, &err);
        if (!pd_conn_copy_put(c->conn, k->buf.data, k->buf.len))
            return answer(L, false);
        k->buf.len = 0;
    }
}

/* copier:send(n) -> true when n more rows were sent; false when the connection is lost, and
 * conn:copy_end() raises why. */
static int copier_send(lua_State *L)
{
    copier *k = check_copier(L);

    k->left = luaL_checkinteger(L, 2);
    luaL_argcheck(L, k->left >= 0, 2, "a count is not negative");
    return sending(L, LUA_OK, 0);
}

/* copier:finish() -> as send(): the mark that ends the rows. conn:copy_end() comes next. */
static int copier_finish(lua_State *L)
{
    copier *k = check_copier(L);
    pd_err err;

    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    k->left = 0;
    if (!pd_copy_end(&k->buf, &err))
        return pd_lua_raise(L, &err);
    return sending(L, LUA_OK, 0);
}

int luaopen_partdemo_copy(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"new", copy_new},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"send", copier_send},
        {"finish", copier_finish},
        {NULL, NULL},
    };
    static const luaL_Reg meta[] = {
        {"__gc", copier_close},
        {"__close", copier_close},
        {NULL, NULL},
    };

    luaL_newmetatable(L, COPY_META);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

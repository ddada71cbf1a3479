#include "bind/conn.h"

#include "bind/modules.h"
#include "bind/sched.h"
#include "core/clock.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANCEL_WITHIN 10.0 /* seconds that a cancelled statement has to end in */

static int raise_closed(lua_State *L)
{
    pd_err err;

    pd_err_set(&err, PD_ERR_CONN, "the connection is closed");
    return pd_lua_raise(L, &err);
}

pd_lconn *pd_lua_check_conn(lua_State *L, int arg, bool idle)
{
    pd_lconn *c = luaL_checkudata(L, arg, PD_CONN_META);

    if (!c->conn)
        raise_closed(L);
    if (idle && c->busy)
        luaL_error(L, "the connection is busy with another statement");
    return c;
}

void pd_lconn_close(pd_lconn *c)
{
    PQclear(c->result);
    c->result = NULL;
    if (!c->borrowed)
        pd_conn_close(c->conn);
    c->conn = NULL;
    c->busy = false;
}

int pd_lconn_raise(lua_State *L, const pd_err *err, const char *sql)
{
    pd_lua_push_err(L, err);
    if (sql) {
        lua_pushstring(L, sql);
        lua_setfield(L, -2, "sql");
    }
    return lua_error(L);
}

static short events_of(pd_io io)
{
    return io == PD_IO_WRITE ? POLLIN | POLLOUT : POLLIN;
}

int pd_lconn_raise_interrupt(lua_State *L)
{
    pd_lua_push_interrupt(L);
    return lua_error(L);
}

/* A signal came: end the statement at the server, then go on reading until it has ended. */
static void begin_cancel(pd_lconn *c)
{
    c->cancelled = true;
    c->deadline = pd_clock_after(CANCEL_WITHIN);
    if (!pd_conn_cancel(c->conn, NULL))
        pd_lconn_close(c);
}

/* The statement has ended: pushes what it brought, or raises. */
static int outcome(lua_State *L, pd_lconn *c, pd_io io, pd_err *err)
{
    const char *sql = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;

    c->busy = false;
    if (c->cancelled) {
        PQclear(c->result);
        c->result = NULL;
        return pd_lconn_raise_interrupt(L);
    }
    if (io == PD_IO_FAILED)
        return pd_lconn_raise(L, err, sql);
    ExecStatusType status = PQresultStatus(c->result);
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
        pd_lconn_close(c); /* the rows would have to be read to get the connection back */
        pd_err_set(err, PD_ERR_INPUT, "COPY ... TO STDOUT is not possible here");
        return pd_lconn_raise(L, err, sql);
    }
    if (status == PGRES_COPY_IN && !c->copies) {
        if (pd_conn_copy_end(c->conn, "there are no rows to copy here", err))
            return pd_lconn_await(L, c, false);
        pd_lconn_close(c);
        return pd_lconn_raise(L, err, sql);
    }
    return pd_lua_push_result(L, c);
}

static int await(lua_State *L, int status, lua_KContext waited)
{
    pd_lconn *c = luaL_checkudata(L, 1, PD_CONN_META);
    int fired = waited ? pd_sched_fired(L) : POLLIN;
    pd_err err;

    (void)status;
    for (;;) {
        if (c->conn && fired == PD_FIRED_INTERRUPT && !c->cancelled)
            begin_cancel(c);
        else if (fired == PD_FIRED_TIMEOUT) /* only a cancelled statement has a deadline */
            pd_lconn_close(c);
        if (!c->conn)
            return c->cancelled ? pd_lconn_raise_interrupt(L) : raise_closed(L);
        pd_io io = pd_conn_step(c->conn, &c->result, &err);
        if (io != PD_IO_READ && io != PD_IO_WRITE)
            return outcome(L, c, io, &err);
        int fd = pd_conn_fd(c->conn);
        int64_t deadline = c->cancelled ? c->deadline : PD_FOREVER;
        pd_waitmode mode = c->cancelled ? PD_WAIT_QUIET : PD_WAIT;
        if (!pd_sched_wait_here(L, fd, events_of(io), deadline, mode))
            return pd_sched_wait(L, fd, events_of(io), deadline, mode, 1, await);
        fired = pd_sched_fired(L);
    }
}

int pd_lconn_await(lua_State *L, pd_lconn *c, bool copies)
{
    PQclear(c->result);
    c->result = NULL;
    c->copies = copies;
    c->busy = true;
    c->cancelled = false;
    return await(L, LUA_OK, 0);
}

/* libpq takes C strings, and would take a text with a NUL byte for its beginning. */
static const char *check_text(lua_State *L, int arg)
{
    size_t len;
    const char *text = luaL_checklstring(L, arg, &len);

    luaL_argcheck(L, strlen(text) == len, arg, "contains a NUL byte");
    return text;
}

/* The shortest text that reads back as the same number. */
static const char *number_text(lua_State *L, int arg)
{
    double number = lua_tonumber(L, arg);
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    lua_pushstring(L, isnan(number) ? "NaN" : text);
    lua_replace(L, arg);
    return lua_tostring(L, arg);
}

static const char *parameter(lua_State *L, int arg)
{
    if (lua_isnil(L, arg))
        return NULL;
    if (lua_isboolean(L, arg))
        return lua_toboolean(L, arg) ? "true" : "false";
    if (lua_type(L, arg) == LUA_TNUMBER && !lua_isinteger(L, arg))
        return number_text(L, arg);
    return check_text(L, arg);
}

/* Nothing is begun after the signal, even if a script has swallowed the interrupt before. */
static void check_interrupt(lua_State *L)
{
    if (pd_sched_interrupted(L))
        pd_lconn_raise_interrupt(L);
}

/* conn:exec(sql, ...) -> result. Without parameters sql may hold several statements; parameters
 * ($1, $2, ...) are sent as text, nil is NULL. Raises the error table. */
static int conn_exec(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    const char *sql = check_text(L, 2);
    int count = lua_gettop(L) - 2;
    const char *values[64];
    pd_err err;

    luaL_argcheck(L, count <= 64, 67, "at most 64 parameters");
    for (int i = 0; i < count; i++)
        values[i] = parameter(L, i + 3);
    check_interrupt(L);
    if (!pd_conn_send(c->conn, sql, count == 0 ? -1 : count, values, &err))
        return pd_lconn_raise(L, &err, sql);
    return pd_lconn_await(L, c, false);
}

/* conn:copy_in(sql) sends COPY ... FROM STDIN and returns when the server waits for the rows, which
 * bind/copy.c sends. */
static int conn_copy_in(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    const char *sql = check_text(L, 2);
    pd_err err;

    check_interrupt(L);
    if (!pd_conn_send(c->conn, sql, -1, NULL, &err))
        return pd_lconn_raise(L, &err, sql);
    return pd_lconn_await(L, c, true);
}

/* conn:copy_put(bytes): rows of that COPY; libpq keeps what was not sent yet until copy_end(). */
static int conn_copy_put(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    size_t len;
    const char *bytes = luaL_checklstring(L, 2, &len);

    pd_conn_copy_put(c->conn, bytes, len); /* when it fails, copy_end() says why */
    return 0;
}

/* conn:copy_end([reason]) -> result: ends the COPY; with a reason, the server takes nothing of it.
 */
static int conn_copy_end(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    pd_err err;

    if (!pd_conn_copy_end(c->conn, luaL_optstring(L, 2, NULL), &err))
        return pd_lua_raise(L, &err);
    lua_settop(L, 1);
    return pd_lconn_await(L, c, false);
}

/* conn:close(): a statement that another task waits for fails. */
static int conn_close(lua_State *L)
{
    pd_lconn *c = luaL_checkudata(L, 1, PD_CONN_META);

    if (c->conn)
        pd_sched_closing(L, pd_conn_fd(c->conn));
    pd_lconn_close(c);
    return 0;
}

/* Nobody waits for a connection that nobody refers to. */
static int conn_gc(lua_State *L)
{
    pd_lconn_close(luaL_checkudata(L, 1, PD_CONN_META));
    return 0;
}

/* conn:status() -> "idle", "active", "transaction", "failed transaction", "lost" or "closed" */
static int conn_status(lua_State *L)
{
    static const char *const names[] = {
        [PQTRANS_IDLE] = "idle",           [PQTRANS_ACTIVE] = "active",
        [PQTRANS_INTRANS] = "transaction", [PQTRANS_INERROR] = "failed transaction",
        [PQTRANS_UNKNOWN] = "lost",
    };
    pd_lconn *c = luaL_checkudata(L, 1, PD_CONN_META);

    if (!c->conn)
        lua_pushliteral(L, "closed");
    else if (pd_conn_lost(c->conn))
        lua_pushliteral(L, "lost");
    else
        lua_pushstring(L, names[PQtransactionStatus(pd_conn_pg(c->conn))]);
    return 1;
}

/* conn:info() -> { host, port, user, dbname, pid, version = 150004, version_text = "15.4" } */
static int conn_info(lua_State *L)
{
    const PGconn *pg = pd_conn_pg(pd_lua_check_conn(L, 1, false)->conn);
    const char *version = PQparameterStatus(pg, "server_version");

    lua_createtable(L, 0, 7);
    lua_pushstring(L, PQhost(pg));
    lua_setfield(L, -2, "host");
    lua_pushstring(L, PQport(pg));
    lua_setfield(L, -2, "port");
    lua_pushstring(L, PQuser(pg));
    lua_setfield(L, -2, "user");
    lua_pushstring(L, PQdb(pg));
    lua_setfield(L, -2, "dbname");
    lua_pushinteger(L, PQbackendPID(pg));
    lua_setfield(L, -2, "pid");
    lua_pushinteger(L, PQserverVersion(pg));
    lua_setfield(L, -2, "version");
    lua_pushlstring(L, version ? version : "", version ? strcspn(version, " ") : 0);
    lua_setfield(L, -2, "version_text");
    return 1;
}

typedef char *quoter(PGconn *pg, const char *text, size_t len);

static int push_quoted(lua_State *L, quoter *quote)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, false);
    const char *text = check_text(L, 2);
    size_t len = strlen(text);
    luaL_Buffer buffer;
    pd_err err;

    /* Room first: what libpq allocates must not be in hand when Lua raises. */
    char *room = luaL_buffinitsize(L, &buffer, 2 * len + 8);
    char *quoted = quote(pd_conn_pg(c->conn), text, len);
    if (!quoted) {
        pd_err_set(&err, PD_ERR_INPUT, "cannot quote: %s", PQerrorMessage(pd_conn_pg(c->conn)));
        err.message[strcspn(err.message, "\n")] = '\0';
        return pd_lua_raise(L, &err);
    }
    size_t size = strlen(quoted);
    memcpy(room, quoted, size);
    PQfreemem(quoted);
    luaL_pushresultsize(&buffer, size);
    return 1;
}

/* conn:ident(name) -> name quoted as an identifier */
static int conn_ident(lua_State *L)
{
    return push_quoted(L, PQescapeIdentifier);
}

/* conn:literal(value) -> value quoted as a literal */
static int conn_literal(lua_State *L)
{
    return push_quoted(L, PQescapeLiteral);
}

/* conn:notice() -> the oldest notice not yet taken, or nil */
static int conn_notice(lua_State *L)
{
    pd_lconn *c = luaL_checkudata(L, 1, PD_CONN_META);
    char *notice = c->conn ? pd_conn_next_notice(c->conn) : NULL;

    if (!notice)
        return 0;
    /* Copied to the stack first: a push may raise and would lose the notice. */
    char text[2048];
    pd_err_copy(text, sizeof text, notice);
    free(notice);
    lua_pushstring(L, text);
    return 1;
}

int luaopen_partdemo_conn(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"connect", pd_lconn_connect},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"exec", conn_exec},
        {"copy_in", conn_copy_in},
        {"copy_end", conn_copy_end},
        {"close", conn_close},
        {"status", conn_status},
        {"info", conn_info},
        {"ident", conn_ident},
        {"literal", conn_literal},
        {"notice", conn_notice},
        {"copy_put", conn_copy_put},
        {NULL, NULL},
    };
    static const luaL_Reg meta[] = {
        {"__gc", conn_gc},
        {"__close", conn_close},
        {NULL, NULL},
    };

    luaL_newmetatable(L, PD_CONN_META);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

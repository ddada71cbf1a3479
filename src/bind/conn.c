#include "bind/conn.h"

#include "bind/modules.h"
#include "bind/sched.h"
#include "core/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define CONN_META     "partdemo.conn"
#define CANCEL_WITHIN 10.0 /* seconds that a cancelled statement has to end in */

pd_lconn *pd_lua_check_conn(lua_State *L, int arg, bool idle)
{
    pd_lconn *c = luaL_checkudata(L, arg, CONN_META);

    if (!c->conn) {
        pd_err err;
        pd_err_set(&err, PD_ERR_CONN, "the connection is closed");
        pd_lua_raise(L, &err);
    }
    if (idle && c->busy)
        luaL_error(L, "the connection is busy with another statement");
    return c;
}

void pd_lconn_close(pd_lconn *c)
{
    PQclear(c->result);
    c->result = NULL;
    pd_conn_close(c->conn);
    c->conn = NULL;
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

static int raise_interrupt(lua_State *L)
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

static int await(lua_State *L, int status, lua_KContext waited)
{
    pd_lconn *c = luaL_checkudata(L, 1, CONN_META);
    const char *sql = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    int fired = waited ? pd_sched_fired(L) : POLLIN;
    pd_err err;

    (void)status;
    if (fired == PD_FIRED_INTERRUPT && !c->cancelled)
        begin_cancel(c);
    else if (fired == PD_FIRED_TIMEOUT) /* only a cancelled statement has a deadline */
        pd_lconn_close(c);
    if (!c->conn)
        return raise_interrupt(L);
    pd_io io = pd_conn_step(c->conn, &c->result, &err);
    if (io == PD_IO_READ || io == PD_IO_WRITE)
        return pd_sched_wait(L, pd_conn_fd(c->conn), events_of(io),
                             c->cancelled ? c->deadline : PD_FOREVER,
                             c->cancelled ? PD_WAIT_QUIET : PD_WAIT, 1, await);
    c->busy = false;
    if (c->cancelled) {
        PQclear(c->result);
        c->result = NULL;
        return raise_interrupt(L);
    }
    if (io == PD_IO_FAILED)
        return pd_lconn_raise(L, &err, sql);
    ExecStatusType outcome = PQresultStatus(c->result);
    if (outcome == PGRES_COPY_OUT || outcome == PGRES_COPY_BOTH) {
        pd_lconn_close(c); /* the rows would have to be read to get the connection back */
        pd_err_set(&err, PD_ERR_INPUT, "COPY ... TO STDOUT is not possible here");
        return pd_lconn_raise(L, &err, sql);
    }
    if (outcome == PGRES_COPY_IN && !c->copies) {
        pd_conn_copy_end(c->conn, "there are no rows to copy here");
        return pd_lconn_await(L, c, false);
    }
    return pd_lua_push_result(L, c);
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

/* conn:exec(sql, ...) -> result. Without parameters sql may hold several statements; parameters
 * ($1, $2, ...) are sent as text, nil is NULL. Raises the error table. */
static int conn_exec(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    const char *sql = luaL_checkstring(L, 2);
    int count = lua_gettop(L) - 2;
    const char *values[64];
    pd_err err;

    luaL_argcheck(L, count <= 64, 3, "at most 64 parameters");
    for (int i = 0; i < count; i++) {
        if (lua_isboolean(L, i + 3)) {
            lua_pushstring(L, lua_toboolean(L, i + 3) ? "true" : "false");
            lua_replace(L, i + 3);
        }
        values[i] = lua_isnil(L, i + 3) ? NULL : luaL_checkstring(L, i + 3);
    }
    if (!pd_conn_send(c->conn, sql, count == 0 ? -1 : count, values, &err))
        return pd_lconn_raise(L, &err, sql);
    return pd_lconn_await(L, c, false);
}

/* conn:copy_in(sql) sends COPY ... FROM STDIN and returns when the server waits for the rows, which
 * bind/copy.c sends. */
static int conn_copy_in(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);
    const char *sql = luaL_checkstring(L, 2);
    pd_err err;

    if (!pd_conn_send(c->conn, sql, -1, NULL, &err))
        return pd_lconn_raise(L, &err, sql);
    return pd_lconn_await(L, c, true);
}

/* conn:copy_end([reason]) -> result: ends the COPY; with a reason, the server takes nothing of it.
 */
static int conn_copy_end(lua_State *L)
{
    pd_lconn *c = pd_lua_check_conn(L, 1, true);

    pd_conn_copy_end(c->conn, luaL_optstring(L, 2, NULL));
    lua_settop(L, 1);
    return pd_lconn_await(L, c, false);
}

/* conn:close() */
static int conn_close(lua_State *L)
{
    pd_lconn_close(luaL_checkudata(L, 1, CONN_META));
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
    pd_lconn *c = luaL_checkudata(L, 1, CONN_META);

    if (!c->conn)
        lua_pushliteral(L, "closed");
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

static int push_quoted(lua_State *L, pd_lconn *c, char *quoted)
{
    if (!quoted)
        return luaL_error(L, "cannot quote: %s", PQerrorMessage(pd_conn_pg(c->conn)));
    lua_pushstring(L, quoted);
    PQfreemem(quoted);
    return 1;
}

/* conn:ident(name) -> name quoted as an identifier */
static int conn_ident(lua_State *L)
{
    size_t len;
    pd_lconn *c = pd_lua_check_conn(L, 1, false);
    const char *name = luaL_checklstring(L, 2, &len);

    return push_quoted(L, c, PQescapeIdentifier(pd_conn_pg(c->conn), name, len));
}

/* conn:literal(value) -> value quoted as a literal */
static int conn_literal(lua_State *L)
{
    size_t len;
    pd_lconn *c = pd_lua_check_conn(L, 1, false);
    const char *value = luaL_checklstring(L, 2, &len);

    return push_quoted(L, c, PQescapeLiteral(pd_conn_pg(c->conn), value, len));
}

/* conn:notice() -> the oldest notice not yet taken, or nil */
static int conn_notice(lua_State *L)
{
    pd_lconn *c = luaL_checkudata(L, 1, CONN_META);
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

static int connecting(lua_State *L, int status, lua_KContext waited)
{
    pd_lconn *c = luaL_checkudata(L, -1, CONN_META);
    int fired = waited ? pd_sched_fired(L) : POLLIN;
    pd_err err;

    (void)status;
    if (fired == PD_FIRED_INTERRUPT) {
        pd_lconn_close(c);
        return raise_interrupt(L);
    }
    if (waited && fired == PD_FIRED_TIMEOUT) {
        pd_err_set(&err, PD_ERR_CONN, "the server did not answer within %d s",
                   pd_conn_connect_timeout(c->conn));
        pd_err_hint(&err, "Is the address right? connect_timeout sets how long to wait.");
        pd_lconn_close(c);
        return pd_lua_fail(L, &err);
    }
    pd_io io = waited ? pd_conn_connect(c->conn, &err) : PD_IO_WRITE;
    if (io == PD_IO_READ || io == PD_IO_WRITE)
        return pd_sched_wait(L, pd_conn_fd(c->conn), io == PD_IO_WRITE ? POLLOUT : POLLIN,
                             c->deadline, PD_WAIT, 1, connecting);
    if (io == PD_IO_FAILED) {
        pd_lconn_close(c);
        return pd_lua_fail(L, &err);
    }
    return 1;
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

/* connect(settings [, more]) -> conn | nil, error. settings: `params` of config.resolve(), or a
 * table of libpq's connection keywords; more: such a table, which wins. */
static int conn_connect(lua_State *L)
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
    luaL_setmetatable(L, CONN_META);
    c->conn = pd_conn_open(k.names, k.values, &err);
    if (!c->conn)
        return pd_lua_fail(L, &err);
    int timeout = pd_conn_connect_timeout(c->conn);
    c->deadline = timeout > 0 ? pd_clock_after(timeout) : PD_FOREVER;
    return connecting(L, LUA_OK, 0);
}

int luaopen_partdemo_conn(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"connect", conn_connect},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"exec", conn_exec},   {"copy_in", conn_copy_in}, {"copy_end", conn_copy_end},
        {"close", conn_close}, {"status", conn_status},   {"info", conn_info},
        {"ident", conn_ident}, {"literal", conn_literal}, {"notice", conn_notice},
        {NULL, NULL},
    };
    static const luaL_Reg meta[] = {
        {"__gc", conn_close},
        {"__close", conn_close},
        {NULL, NULL},
    };

    luaL_newmetatable(L, CONN_META);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}

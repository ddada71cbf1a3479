/* The connection userdata, for the bindings that send rows over it (bind/copy.c). */
#ifndef PD_BIND_CONN_H
#define PD_BIND_CONN_H

#include "bind/bind.h"
#include "core/conn.h"

#include <stdint.h>

#define PD_CONN_META "partdemo.conn"

typedef struct pd_lconn {
    pd_conn *conn;    /* NULL when closed */
    PGresult *result; /* kept here while it is pushed, because every push may raise */
    int64_t deadline; /* of connecting, or of the end of a cancelled statement */
    bool busy;        /* a statement is under way */
    bool cancelled;   /* a signal came: the statement is being ended */
    bool copies;      /* the statement was sent in order to COPY rows in */
    bool borrowed;    /* closing leaves the connection to its owner */
} pd_lconn;

/* The connection at index arg; raises when it is closed or, with idle, busy. */
pd_lconn *pd_lua_check_conn(lua_State *L, int arg, bool idle);

/* Closes it, idempotently; touches no Lua. */
void pd_lconn_close(pd_lconn *c);

/* connect(settings [, more]) -> conn | nil, error. settings: `params` of config.resolve(), or a
 * table of libpq's connection keywords; more: such a table, which wins. */
int pd_lconn_connect(lua_State *L);

/* Raises the error of an interrupt. */
int pd_lconn_raise_interrupt(lua_State *L);

/* Waits for the end of the statement that was sent over the connection at index 1, then pushes its
 * result table or raises: `return pd_lconn_await(L, c);`. With copies COPY ... FROM STDIN returns
 * as soon as the server waits for rows; without, it is refused. */
int pd_lconn_await(lua_State *L, pd_lconn *c, bool copies);

/* Raises err as pd_lua_raise() does, with the statement's text in `sql`. */
int pd_lconn_raise(lua_State *L, const pd_err *err, const char *sql);

/* Pushes c->result as a table and clears it: rows as tables by column name (absent = NULL),
 * `columns`, `types` ({ oid, modifier } each), `command` and, for commands that count, `affected`.
 */
int pd_lua_push_result(lua_State *L, pd_lconn *c);

#endif

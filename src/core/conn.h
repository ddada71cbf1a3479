/*
 * One connection over asynchronous libpq. Nothing here blocks but pd_conn_cancel(): a function that
 * cannot go on returns what to wait for on pd_conn_fd(), and is called again when that has come.
 * After a loss of the connection every call fails with PD_ERR_CONN.
 */
#ifndef PD_CORE_CONN_H
#define PD_CORE_CONN_H

#include "core/err.h"

#include <libpq-fe.h>

typedef struct pd_conn pd_conn;

typedef enum pd_io {
    PD_IO_DONE,
    PD_IO_READ,  /* wait until the socket is readable */
    PD_IO_WRITE, /* wait until it is writable (readable counts too, except while connecting) */
    PD_IO_FAILED /* err is filled */
} pd_io;

/* Begins to connect with PQconnectStartParams' keywords; client_encoding UTF8 and the fallback
 * application name are added. Looking a host name up blocks. NULL with err on failure. */
pd_conn *pd_conn_open(const char *const *keywords, const char *const *values, pd_err *err);

/* Goes on connecting; PD_IO_DONE when the connection can be used. */
pd_io pd_conn_connect(pd_conn *conn, pd_err *err);

/* connect_timeout in seconds as libpq understands it (at least 2), 0 = none. libpq itself does not
 * watch it while it connects asynchronously. */
int pd_conn_connect_timeout(const pd_conn *conn);

void pd_conn_close(pd_conn *conn);

/* The socket to wait on; it may change while connecting. */
int pd_conn_fd(const pd_conn *conn);

/* For PQ functions that only read. */
PGconn *pd_conn_pg(const pd_conn *conn);

/* True when it can only be closed. */
bool pd_conn_lost(const pd_conn *conn);

/* Sends one statement. count < 0: the simple protocol (several statements allowed, no parameters);
 * otherwise text parameters, NULL = null. */
bool pd_conn_send(pd_conn *conn, const char *sql, int count, const char *const *values,
                  pd_err *err);

/* Takes what the server answered. PD_IO_DONE: the statement has ended and *result, the caller's to
 * PQclear(), is its last result; PGRES_COPY_IN is returned as soon as it comes. Of several
 * statements the first error is kept. On PD_IO_FAILED the answer has been read to its end, so that
 * the connection can be used again unless it is lost (PD_ERR_CONN). */
pd_io pd_conn_step(pd_conn *conn, PGresult **result, pd_err *err);

/* COPY ... FROM STDIN, after PGRES_COPY_IN: hands bytes to libpq, which keeps them until
 * pd_conn_flush() has sent them. When it fails the connection is lost: pd_conn_step() says why.
 */
bool pd_conn_copy_put(pd_conn *conn, const char *data, size_t len);

/* Sends what is queued: PD_IO_DONE when nothing is left, PD_IO_WRITE to wait and call again. */
pd_io pd_conn_flush(pd_conn *conn, pd_err *err);

/* Ends the COPY, or aborts it when reason is not NULL; pd_conn_step() then brings the outcome.
 * False when there is no COPY to end, or memory ran out: the connection is as it was. */
bool pd_conn_copy_end(pd_conn *conn, const char *reason, pd_err *err);

/* Asks the server to end the running statement. Blocks for the length of a connection attempt. */
bool pd_conn_cancel(pd_conn *conn, pd_err *err);

/* The oldest notice that came since the last call, "NOTICE: text"; NULL = no more. free() it. After
 * 100 kept ones the rest is only counted, and the count is the last notice. */
char *pd_conn_next_notice(pd_conn *conn);

/* Fills err from a failed result: SQLSTATE, position, detail, hint, context. */
bool pd_conn_result_error(const pd_conn *conn, const PGresult *result, pd_err *err);

#endif

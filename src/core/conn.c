#include "core/conn.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NOTICES 100

struct pd_conn {
    PGconn *pg;
    PGresult *result; /* the last result of the running statement, or its first error */
    char *notices[MOST_NOTICES];
    int notice_count, notice_next, notice_dropped;
    bool broken; /* libpq could not go on, though the connection stands: not to be used again */
};

/* A callback of libpq: copies, and hands over later through pd_conn_next_notice(). */
static void receive_notice(void *ud, const PGresult *result)
{
    pd_conn *conn = ud;
    /* Not in the server's language: it decides whether a notice is shown. */
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char *notice = NULL;

    if (conn->notice_count < MOST_NOTICES &&
        asprintf(&notice, "%s:  %s", severity ? severity : "NOTICE", text ? text : "") >= 0)
        conn->notices[conn->notice_count++] = notice;
    else
        conn->notice_dropped++;
}

char *pd_conn_next_notice(pd_conn *conn)
{
    char *notice = NULL;

    if (conn->notice_next < conn->notice_count) {
        notice = conn->notices[conn->notice_next];
        conn->notices[conn->notice_next++] = NULL;
        return notice;
    }
    conn->notice_next = conn->notice_count = 0;
    if (conn->notice_dropped > 0 &&
        asprintf(&notice, "NOTICE:  and %d more notices", conn->notice_dropped) < 0)
        notice = NULL;
    conn->notice_dropped = 0;
    return notice;
}

/* libpq's messages end in a newline and may begin with the word that is added elsewhere. */
static void trimmed(char *dst, size_t size, const char *message)
{
    pd_err_copy(dst, size, message);
    for (size_t len = strlen(dst); len > 0 && strchr(" \n", dst[len - 1]); len--)
        dst[len - 1] = '\0';
}

static bool is_lost(const pd_conn *conn)
{
    return conn->broken || PQstatus(conn->pg) != CONNECTION_OK;
}

/* libpq's last message; PD_ERR_CONN says that the connection cannot be used any more. */
static bool connection_error(const pd_conn *conn, pd_err *err)
{
    pd_err_set(err, is_lost(conn) ? PD_ERR_CONN : PD_ERR_SYSTEM, "the connection failed");
    if (err && conn->pg && PQerrorMessage(conn->pg)[0] != '\0')
        trimmed(err->message, sizeof err->message, PQerrorMessage(conn->pg));
    return false;
}

static bool closed_error(pd_err *err)
{
    return pd_err_set(err, PD_ERR_CONN, "the connection is closed");
}

static void copy_field(char *dst, size_t size, const PGresult *result, int field)
{
    pd_err_copy(dst, size, PQresultErrorField(result, field));
}

bool pd_conn_result_error(const pd_conn *conn, const PGresult *result, pd_err *err)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);

    if (!err)
        return false;
    pd_err_set(err, PD_ERR_SQL, "%s", primary ? primary : "");
    if (!primary)
        trimmed(err->message, sizeof err->message, PQresultErrorMessage(result));
    if (err->message[0] == '\0')
        pd_err_copy(err->message, sizeof err->message, "the server gave no reason");
    copy_field(err->sqlstate, sizeof err->sqlstate, result, PG_DIAG_SQLSTATE);
    copy_field(err->detail, sizeof err->detail, result, PG_DIAG_MESSAGE_DETAIL);
    copy_field(err->hint, sizeof err->hint, result, PG_DIAG_MESSAGE_HINT);
    copy_field(err->context, sizeof err->context, result, PG_DIAG_CONTEXT);
    err->position = position ? atoi(position) : 0;
    /* Even after earlier successes a lost connection is what the caller has to know. */
    if (is_lost(conn))
        err->kind = PD_ERR_CONN;
    return false;
}

#define ADDED 2 /* keywords that pd_conn_open() adds */

pd_conn *pd_conn_open(const char *const *keywords, const char *const *values, pd_err *err)
{
    const char **all_keywords = NULL, **all_values = NULL;
    pd_conn *conn = calloc(1, sizeof *conn);
    size_t n = 0;
    bool ok = false;

    while (keywords[n])
        n++;
    all_keywords = calloc(n + ADDED + 1, sizeof *all_keywords);
    all_values = calloc(n + ADDED + 1, sizeof *all_values);
    if (!conn || !all_keywords || !all_values) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        goto done;
    }
    memcpy(all_keywords, keywords, n * sizeof *keywords);
    memcpy(all_values, values, n * sizeof *values);
    all_keywords[n] = "client_encoding"; /* last: of two alike libpq takes the last */
    all_values[n] = "UTF8";
    all_keywords[n + 1] = "fallback_application_name";
    all_values[n + 1] = "partdemo";
    conn->pg = PQconnectStartParams(all_keywords, all_values, 0);
    if (!conn->pg)
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    else if (PQstatus(conn->pg) == CONNECTION_BAD)
        connection_error(conn, err);
    else
        ok = true;
    if (ok)
        PQsetNoticeReceiver(conn->pg, receive_notice, conn);
done:
    free(all_keywords);
    free(all_values);
    if (ok)
        return conn;
    pd_conn_close(conn);
    return NULL;
}

pd_io pd_conn_connect(pd_conn *conn, pd_err *err)
{
    switch (PQconnectPoll(conn->pg)) {
    case PGRES_POLLING_READING:
        return PD_IO_READ;
    case PGRES_POLLING_WRITING:
        return PD_IO_WRITE;
    case PGRES_POLLING_OK:
        break;
    default:
        connection_error(conn, err);
        return PD_IO_FAILED;
    }
    if (PQsetnonblocking(conn->pg, 1) != 0) {
        connection_error(conn, err);
        return PD_IO_FAILED;
    }
    return PD_IO_DONE;
}

int pd_conn_connect_timeout(const pd_conn *conn)
{
    PQconninfoOption *options = PQconninfo(conn->pg);
    long seconds = 0;

    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (strcmp(o->keyword, "connect_timeout") == 0 && o->val)
            seconds = strtol(o->val, NULL, 10);
    PQconninfoFree(options);
    return seconds <= 0 ? 0 : seconds < 2 ? 2 : seconds > INT_MAX ? INT_MAX : (int)seconds;
}

void pd_conn_close(pd_conn *conn)
{
    if (!conn)
        return;
    PQclear(conn->result);
    PQfinish(conn->pg);
    for (int i = conn->notice_next; i < conn->notice_count; i++)
        free(conn->notices[i]);
    free(conn);
}

int pd_conn_fd(const pd_conn *conn)
{
    return PQsocket(conn->pg);
}

PGconn *pd_conn_pg(const pd_conn *conn)
{
    return conn->pg;
}

bool pd_conn_lost(const pd_conn *conn)
{
    return is_lost(conn);
}

bool pd_conn_send(pd_conn *conn, const char *sql, int count, const char *const *values, pd_err *err)
{
    int sent;

    if (is_lost(conn))
        return closed_error(err);
    if (count < 0)
        sent = PQsendQuery(conn->pg, sql);
    else
        sent = PQsendQueryParams(conn->pg, sql, count, NULL, values, NULL, NULL, 0);
    return sent ? true : connection_error(conn, err);
}

static bool is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

/* Keeps the first error, else the last result. */
static void keep_result(pd_conn *conn, PGresult *result)
{
    if (conn->result && is_error(conn->result)) {
        PQclear(result);
        return;
    }
    PQclear(conn->result);
    conn->result = result;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

static pd_io finish(pd_conn *conn, PGresult **result, pd_err *err)
{
    PGresult *last = conn->result;

    conn->result = NULL;
    if (last && is_error(last)) {
        pd_conn_result_error(conn, last, err);
    } else if (is_lost(conn)) {
        connection_error(conn, err);
    } else if (!last) {
        pd_err_set(err, PD_ERR_SYSTEM, "the server sent no result");
    } else {
        *result = last;
        return PD_IO_DONE;
    }
    PQclear(last);
    return PD_IO_FAILED;
}

/* What was not read can belong to no later statement. */
static pd_io give_up(pd_conn *conn, pd_err *err)
{
    conn->broken = true;
    PQclear(conn->result);
    conn->result = NULL;
    connection_error(conn, err);
    return PD_IO_FAILED;
}

pd_io pd_conn_step(pd_conn *conn, PGresult **result, pd_err *err)
{
    *result = NULL;
    int unsent = PQflush(conn->pg);
    bool failed = !PQconsumeInput(conn->pg) || unsent < 0;
    /* After a loss PQgetResult() no longer blocks, and brings what the server said before it. */
    bool lost = failed && PQstatus(conn->pg) != CONNECTION_OK;
    if (!lost && (failed || conn->broken))
        return give_up(conn, err);
    while (lost || !PQisBusy(conn->pg)) {
        PGresult *next = PQgetResult(conn->pg);
        if (!next)
            return finish(conn, result, err);
        bool copy = is_copy(next);
        keep_result(conn, next);
        if (copy)
            return finish(conn, result, err);
    }
    return unsent > 0 ? PD_IO_WRITE : PD_IO_READ;
}

bool pd_conn_copy_put(pd_conn *conn, const char *data, size_t len)
{
    /* 0 would mean that nothing was taken: libpq only says so when it cannot get memory. A COPY
     * with bytes missing must never be ended as if it were whole. */
    if (len <= INT_MAX && PQputCopyData(conn->pg, data, (int)len) == 1)
        return true;
    conn->broken = true;
    return false;
}

pd_io pd_conn_flush(pd_conn *conn, pd_err *err)
{
    /* The server may send meanwhile; unless that is read, both sides can block each other. */
    int unsent = PQconsumeInput(conn->pg) ? PQflush(conn->pg) : -1;

    if (unsent >= 0)
        return unsent > 0 ? PD_IO_WRITE : PD_IO_DONE;
    conn->broken = true;
    connection_error(conn, err);
    return PD_IO_FAILED;
}

bool pd_conn_copy_end(pd_conn *conn, const char *reason, pd_err *err)
{
    /* Without a connection the COPY has ended already, and pd_conn_step() brings the reason. */
    if (is_lost(conn) || PQputCopyEnd(conn->pg, reason) == 1 || is_lost(conn))
        return true;
    return connection_error(conn, err);
}

bool pd_conn_cancel(pd_conn *conn, pd_err *err)
{
    char why[256] = "";
    PGcancel *cancel = PQgetCancel(conn->pg);

    if (!cancel)
        return closed_error(err);
    bool sent = PQcancel(cancel, why, sizeof why);
    PQfreeCancel(cancel);
    if (sent)
        return true;
    why[strcspn(why, "\n")] = '\0';
    return pd_err_set(err, PD_ERR_CONN, "cannot cancel the statement: %s", why);
}

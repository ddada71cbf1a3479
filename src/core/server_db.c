/* The little that the private server is asked by SQL. Nothing here blocks: a wait can be stopped,
 * and has an end. */
#include "core/server_priv.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { QUERY_MS = 30000, TRY_MS = 5000, RETRY_MS = 50, SLICE_MS = 50 };

/* The caller's PG* variables must not lead elsewhere or ask for more than this server gives. libpq
 * takes an empty value for "set" only inside a connection string. */
#define SEALED " hostaddr='' options='' requirepeer=''"

static void quiet(void *arg, const PGresult *res)
{
    (void)arg;
    (void)res;
}

static bool conn_failed(PGconn *conn, pd_err *err)
{
    if (!conn)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    pd_err_set(err, PD_ERR_SERVER, "the private server does not answer");
    if (err) {
        pd_err_copy(err->detail, sizeof err->detail, PQerrorMessage(conn));
        err->detail[strcspn(err->detail, "\n")] = '\0';
    }
    return pd_err_hint(err, "`partdemo server stop` and `partdemo server start` may help.");
}

/* Waits for the socket; false at the limit or when stopped. */
static bool wait_socket(srv *s, PGconn *conn, short events, long limit, pd_err *err)
{
    struct pollfd p = {.fd = PQsocket(conn), .events = events};

    for (;;) {
        if (!pd_process_sleep(0, &s->stop, err))
            return false;
        if (poll(&p, 1, SLICE_MS) > 0)
            return true;
        if (pd_process_clock() > limit)
            return pd_err_set(err, PD_ERR_SERVER, "the private server does not answer in time");
    }
}

static PGconn *connect_to(srv *s, const char *database, pd_err *err)
{
    /* A password, unused, keeps libpq from looking into the caller's password file. */
    const char *const keys[] = {"host",
                                "port",
                                "user",
                                "sslmode",
                                "gssencmode",
                                "channel_binding",
                                "password",
                                "client_encoding",
                                "target_session_attrs",
                                "application_name",
                                "dbname",
                                NULL};
    const char *const values[] = {s->info->socket, PD_SERVER_PORT,    PD_SERVER_USER, "disable",
                                  "disable",       "disable",         "none",         "UTF8",
                                  "any",           "partdemo/server", database,       NULL};
    long limit = pd_process_clock() + TRY_MS;

    PGconn *conn = PQconnectStartParams(keys, values, 1);
    PostgresPollingStatusType poll_status = PGRES_POLLING_WRITING;
    while (conn && PQstatus(conn) != CONNECTION_BAD && poll_status != PGRES_POLLING_OK &&
           poll_status != PGRES_POLLING_FAILED) {
        short events = poll_status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_socket(s, conn, events, limit, err)) {
            PQfinish(conn);
            return NULL;
        }
        poll_status = PQconnectPoll(conn);
    }
    if (!conn || PQstatus(conn) != CONNECTION_OK) {
        conn_failed(conn, err);
        PQfinish(conn);
        return NULL;
    }
    PQsetNoticeReceiver(conn, quiet, NULL);
    return conn;
}

/* Tries until the limit: a server that recovers refuses connections for a while. */
static PGconn *connect_within(srv *s, const char *database, int limit_ms, pd_err *err)
{
    long limit = pd_process_clock() + limit_ms;
    pd_err why;
    PGconn *conn;

    while (!(conn = connect_to(s, database, &why))) {
        bool over = why.kind == PD_ERR_INTERRUPT || pd_process_clock() >= limit;
        if (over || !pd_process_sleep(RETRY_MS, &s->stop, &why)) {
            if (err)
                *err = why;
            return NULL;
        }
    }
    return conn;
}

static PGresult *query(srv *s, PGconn *conn, const char *sql, pd_err *err)
{
    long limit = pd_process_clock() + QUERY_MS;
    PGresult *last = NULL, *res;

    if (!PQsendQuery(conn, sql)) {
        conn_failed(conn, err);
        return NULL;
    }
    for (;;) {
        while (PQisBusy(conn)) {
            if (!wait_socket(s, conn, POLLIN, limit, err)) {
                PQclear(last);
                return NULL;
            }
            if (!PQconsumeInput(conn)) {
                PQclear(last);
                conn_failed(conn, err);
                return NULL;
            }
        }
        if (!(res = PQgetResult(conn)))
            break;
        PQclear(last);
        last = res;
    }
    if (!last)
        conn_failed(conn, err);
    return last;
}

/* "15.18 (Debian 15.18-0+deb12u1)" and "17beta1" alike. */
static void keep_version(srv *s, PGconn *conn)
{
    const char *text = PQparameterStatus(conn, "server_version");

    if (text)
        snprintf(s->info->version, sizeof s->info->version, "%.*s", (int)strcspn(text, " "), text);
}

bool srv_db_check(srv *s, int limit_ms, pd_err *err)
{
    PGconn *conn = connect_within(s, "dbname=" PD_SERVER_DATABASE SEALED, limit_ms, err);

    if (!conn)
        return false;
    keep_version(s, conn);
    PQfinish(conn);
    return true;
}

typedef enum made { MADE_YES, MADE_NO, MADE_AGAIN } made;

/* A killed partdemo's CREATE DATABASE may still be running in its backend: then this one fails with
 * a duplicate, or finds the template in use, and the next look tells. */
static made create(srv *s, PGconn *conn, pd_err *err)
{
    static const char *const passing[] = {"42P04", "23505", "55006"};
    PGresult *res = query(s, conn, "CREATE DATABASE " PD_SERVER_DATABASE, err);

    if (!res)
        return MADE_NO;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    made result = PQresultStatus(res) == PGRES_COMMAND_OK ? MADE_YES : MADE_NO;
    for (size_t i = 0; state && i < sizeof passing / sizeof passing[0]; i++)
        if (strcmp(state, passing[i]) == 0)
            result = MADE_AGAIN;
    if (result != MADE_YES) {
        const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
        pd_err_set(err, PD_ERR_SERVER, "cannot create the database " PD_SERVER_DATABASE);
        if (err)
            pd_err_copy(err->detail, sizeof err->detail, text ? text : PQerrorMessage(conn));
    }
    PQclear(res);
    return result;
}

static made look_or_create(srv *s, PGconn *conn, pd_err *err)
{
    made result = MADE_NO;
    PGresult *res =
        query(s, conn,
              "SELECT 1 FROM pg_catalog.pg_database WHERE datname = '" PD_SERVER_DATABASE "'", err);

    if (!res)
        return MADE_NO;
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        conn_failed(conn, err);
    else
        result = PQntuples(res) > 0 ? MADE_YES : create(s, conn, err);
    PQclear(res);
    return result;
}

bool srv_db_ensure(srv *s, int limit_ms, pd_err *err)
{
    PGconn *conn = connect_within(s, "dbname=postgres" SEALED, limit_ms, err);
    long limit = pd_process_clock() + TRY_MS;
    made result;

    if (!conn)
        return false;
    keep_version(s, conn);
    while ((result = look_or_create(s, conn, err)) == MADE_AGAIN && pd_process_clock() < limit)
        if (!pd_process_sleep(RETRY_MS, &s->stop, err))
            break;
    PQfinish(conn);
    return result == MADE_YES;
}

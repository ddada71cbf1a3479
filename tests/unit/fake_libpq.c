#include "fake_libpq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fake_libpq fake;
int live_results, live_conns, live_cancels;
PQnoticeReceiver receiver;
void *receiver_ud;

PGconn *__wrap_PQconnectStartParams(const char *const *k, const char *const *v, int expand);
PostgresPollingStatusType __wrap_PQconnectPoll(PGconn *conn);
ConnStatusType __wrap_PQstatus(const PGconn *conn);
char *__wrap_PQerrorMessage(const PGconn *conn);
void __wrap_PQfinish(PGconn *conn);
int __wrap_PQsetnonblocking(PGconn *conn, int arg);
PQconninfoOption *__wrap_PQconninfo(PGconn *conn);
PQnoticeReceiver __wrap_PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver proc, void *ud);
int __wrap_PQsendQuery(PGconn *conn, const char *sql);
int __wrap_PQsendQueryParams(PGconn *conn, const char *sql, int n, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format);
int __wrap_PQflush(PGconn *conn);
int __wrap_PQconsumeInput(PGconn *conn);
int __wrap_PQisBusy(PGconn *conn);
PGresult *__wrap_PQgetResult(PGconn *conn);
PGcancel *__wrap_PQgetCancel(PGconn *conn);
int __wrap_PQcancel(PGcancel *cancel, char *why, int size);
void __wrap_PQfreeCancel(PGcancel *cancel);
int __wrap_PQputCopyData(PGconn *conn, const char *data, int len);
int __wrap_PQputCopyEnd(PGconn *conn, const char *reason);
void __wrap_PQclear(PGresult *result);
void __real_PQclear(PGresult *result);
void *__wrap_calloc(size_t n, size_t size);
void *__real_calloc(size_t n, size_t size);
int __wrap_asprintf(char **text, const char *fmt, ...);

PGconn *__wrap_PQconnectStartParams(const char *const *k, const char *const *v, int expand)
{
    size_t n = 0;

    assert_int_equal(expand, 0);
    while (k[n])
        n++;
    assert_string_equal(k[n - 2], "client_encoding");
    assert_string_equal(v[n - 2], "UTF8");
    if (fake.no_conn)
        return NULL;
    live_conns++;
    return malloc(1);
}

PostgresPollingStatusType __wrap_PQconnectPoll(PGconn *conn)
{
    (void)conn;
    return fake.poll;
}

ConnStatusType __wrap_PQstatus(const PGconn *conn)
{
    return conn ? fake.status : CONNECTION_BAD;
}

char *__wrap_PQerrorMessage(const PGconn *conn)
{
    (void)conn;
    return (char *)(fake.message ? fake.message : "");
}

void __wrap_PQfinish(PGconn *conn)
{
    if (conn)
        live_conns--;
    free(conn);
}

int __wrap_PQsetnonblocking(PGconn *conn, int arg)
{
    (void)conn;
    assert_int_equal(arg, 1);
    return fake.nonblocking_fails ? -1 : 0;
}

PQconninfoOption *__wrap_PQconninfo(PGconn *conn)
{
    PQconninfoOption *options = NULL;

    (void)conn;
    if (fake.no_options)
        return NULL;
    options = PQconndefaults();
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (strcmp(o->keyword, "connect_timeout") == 0) {
            free(o->val);
            o->val = fake.connect_timeout ? strdup(fake.connect_timeout) : NULL;
        }
    return options;
}

PQnoticeReceiver __wrap_PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver proc, void *ud)
{
    (void)conn;
    receiver = proc;
    receiver_ud = ud;
    return NULL;
}

int __wrap_PQsendQuery(PGconn *conn, const char *sql)
{
    (void)conn;
    assert_non_null(sql);
    return fake.send;
}

int __wrap_PQsendQueryParams(PGconn *conn, const char *sql, int n, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format)
{
    (void)conn, (void)sql, (void)n, (void)values;
    assert_true(!types && !lengths && !formats && format == 0);
    return fake.send;
}

int __wrap_PQflush(PGconn *conn)
{
    (void)conn;
    return fake.flush;
}

int __wrap_PQconsumeInput(PGconn *conn)
{
    (void)conn;
    if (fake.bad_after_consume)
        fake.status = CONNECTION_BAD;
    return fake.consume;
}

int __wrap_PQisBusy(PGconn *conn)
{
    (void)conn;
    return fake.busy;
}

PGresult *__wrap_PQgetResult(PGconn *conn)
{
    (void)conn;
    if (fake.taken == fake.answers)
        return NULL;
    live_results++;
    return PQmakeEmptyPGresult(NULL, fake.answer[fake.taken++]);
}

void __wrap_PQclear(PGresult *result)
{
    if (result)
        live_results--;
    __real_PQclear(result);
}

PGcancel *__wrap_PQgetCancel(PGconn *conn)
{
    (void)conn;
    if (fake.no_cancel)
        return NULL;
    live_cancels++;
    return malloc(1);
}

int __wrap_PQcancel(PGcancel *cancel, char *why, int size)
{
    (void)cancel;
    snprintf(why, (size_t)size, "PQcancel() -- connect() failed: refused\n");
    return !fake.cancel_refused;
}

void __wrap_PQfreeCancel(PGcancel *cancel)
{
    live_cancels--;
    free(cancel);
}

int __wrap_PQputCopyData(PGconn *conn, const char *data, int len)
{
    (void)conn, (void)data;
    assert_true(len >= 0);
    return fake.copy_data;
}

int __wrap_PQputCopyEnd(PGconn *conn, const char *reason)
{
    (void)conn, (void)reason;
    fake.copy_ends++;
    return fake.copy_end;
}

void *__wrap_calloc(size_t n, size_t size)
{
    if (fake.callocs == 0)
        return NULL;
    fake.callocs--;
    return __real_calloc(n, size);
}

int __wrap_asprintf(char **text, const char *fmt, ...)
{
    va_list ap;

    *text = NULL;
    if (fake.asprintf_fails)
        return -1;
    va_start(ap, fmt);
    int n = vasprintf(text, fmt, ap);
    va_end(ap);
    return n;
}

/* A libpq with which all goes well, and one statement that brings one result. */
int all_well(void **state)
{
    (void)state;
    fake = (fake_libpq){
        .status = CONNECTION_OK,
        .poll = PGRES_POLLING_OK,
        .send = 1,
        .consume = 1,
        .copy_data = 1,
        .copy_end = 1,
        .callocs = -1,
        .answer = {PGRES_COMMAND_OK},
        .answers = 1,
    };
    live_results = live_conns = live_cancels = 0;
    return 0;
}

int nothing_left(void **state)
{
    (void)state;
    assert_int_equal(live_results, 0);
    assert_int_equal(live_conns, 0);
    assert_int_equal(live_cancels, 0);
    return 0;
}

const char *const keywords[] = {"host", NULL}, *const settings[] = {"/nowhere", NULL};

pd_conn *open_conn(void)
{
    pd_err err;
    pd_conn *conn = pd_conn_open(keywords, settings, &err);

    if (!conn)
        fail_msg("%s", err.message);
    assert_int_equal(pd_conn_connect(conn, &err), PD_IO_DONE);
    return conn;
}

void send_ok(pd_conn *conn)
{
    pd_err err;

    if (!pd_conn_send(conn, "SELECT 1", -1, NULL, &err))
        fail_msg("%s", err.message);
}

void fails(pd_conn *conn, pd_errkind kind, const char *message)
{
    PGresult *result = (PGresult *)1;
    pd_err err = {0};

    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_FAILED);
    assert_null(result);
    assert_string_equal(err.message, message);
    assert_string_equal(pd_err_kind_name(err.kind), pd_err_kind_name(kind));
}

void is_lost(pd_conn *conn)
{
    pd_err err;

    assert_true(pd_conn_lost(conn));
    assert_false(pd_conn_send(conn, "SELECT 1", -1, NULL, &err));
    assert_int_equal(err.kind, PD_ERR_CONN);
    assert_string_not_equal(err.message, "");
}

void is_usable(pd_conn *conn)
{
    PGresult *result;
    pd_err err;

    fake.taken = 0;
    fake.answers = 1;
    fake.answer[0] = PGRES_TUPLES_OK;
    assert_false(pd_conn_lost(conn));
    send_ok(conn);
    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_DONE);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
}

/*
 * Connecting, sending and answers on a libpq that fails: err is filled, everything is freed, and
 * the connection is lost when it must be.
 */
#include "fake_libpq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_open(void **state)
{
    pd_err err;

    (void)state;
    fake.no_conn = true;
    assert_null(pd_conn_open(keywords, settings, &err));
    assert_int_equal(err.kind, PD_ERR_SYSTEM);
    assert_string_equal(err.message, "out of memory");
    fake.no_conn = false;
    fake.status = CONNECTION_BAD;
    fake.message = "no such host \n";
    assert_null(pd_conn_open(keywords, settings, &err));
    assert_int_equal(err.kind, PD_ERR_CONN);
    assert_string_equal(err.message, "no such host");
    fake.message = NULL;
    assert_null(pd_conn_open(keywords, settings, &err));
    assert_int_equal(err.kind, PD_ERR_CONN);
    assert_string_equal(err.message, "the connection failed");
    assert_null(pd_conn_open(keywords, settings, NULL));
}

static void test_open_without_memory(void **state)
{
    long n = 0;

    (void)state;
    for (;; n++) {
        pd_err err = {0};
        fake.callocs = n;
        pd_conn *conn = pd_conn_open(keywords, settings, &err);
        fake.callocs = -1;
        if (conn) {
            pd_conn_close(conn);
            break;
        }
        assert_int_equal(err.kind, PD_ERR_SYSTEM);
        assert_string_equal(err.message, "out of memory");
        assert_int_equal(live_conns, 0);
    }
    assert_int_equal(n, 3);
}

static void test_connect(void **state)
{
    pd_err err;
    pd_conn *conn = open_conn();

    (void)state;
    fake.poll = PGRES_POLLING_READING;
    assert_int_equal(pd_conn_connect(conn, &err), PD_IO_READ);
    fake.poll = PGRES_POLLING_WRITING;
    assert_int_equal(pd_conn_connect(conn, &err), PD_IO_WRITE);
    fake.poll = PGRES_POLLING_OK;
    fake.nonblocking_fails = true;
    fake.message = "cannot\n";
    assert_int_equal(pd_conn_connect(conn, &err), PD_IO_FAILED);
    assert_string_equal(err.message, "cannot");
    fake.poll = PGRES_POLLING_FAILED;
    fake.status = CONNECTION_BAD;
    fake.message = "FATAL:  too many clients\n";
    assert_int_equal(pd_conn_connect(conn, &err), PD_IO_FAILED);
    assert_int_equal(err.kind, PD_ERR_CONN);
    assert_string_equal(err.message, "FATAL:  too many clients");
    is_lost(conn);
    pd_conn_close(conn);
    pd_conn_close(NULL);
}

static void test_connect_timeout(void **state)
{
    static const struct {
        const char *text;
        int seconds;
    } cases[] = {{NULL, 0}, {"", 0},  {"-5", 0},  {"0", 0},
                 {"1", 2},  {"2", 2}, {"10", 10}, {"99999999999999999999", INT_MAX},
                 {"x", 0}};
    pd_conn *conn = open_conn();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake.connect_timeout = cases[i].text;
        assert_int_equal(pd_conn_connect_timeout(conn), cases[i].seconds);
    }
    fake.no_options = true;
    assert_int_equal(pd_conn_connect_timeout(conn), 0);
    pd_conn_close(conn);
}

static void test_send_refused(void **state)
{
    static const char *const parameters[] = {"1", NULL};
    pd_conn *conn = open_conn();
    pd_err err;

    (void)state;
    /* libpq would not take it, but the connection is there */
    fake.send = 0;
    fake.message = "another command is already in progress\n";
    assert_false(pd_conn_send(conn, "SELECT 1", -1, NULL, &err));
    assert_int_equal(err.kind, PD_ERR_SYSTEM);
    assert_string_equal(err.message, "another command is already in progress");
    assert_false(pd_conn_send(conn, "SELECT $1, $2", 2, parameters, &err));
    fake.send = 1;
    assert_true(pd_conn_send(conn, "SELECT $1, $2", 2, parameters, &err));
    fake.send = 0;
    fake.message = NULL;
    assert_false(pd_conn_send(conn, "SELECT 1", -1, NULL, &err));
    assert_string_equal(err.message, "the connection failed");
    fake.send = 1;
    is_usable(conn);
    fake.status = CONNECTION_BAD;
    is_lost(conn);
    assert_false(pd_conn_send(conn, "SELECT 1", -1, NULL, NULL));
    pd_conn_close(conn);
}

static void test_waiting(void **state)
{
    pd_conn *conn = open_conn();
    PGresult *result;
    pd_err err;

    (void)state;
    send_ok(conn);
    fake.busy = true;
    fake.flush = 1;
    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_WRITE);
    fake.flush = 0;
    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_READ);
    assert_null(result);
    fake.busy = false;
    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_DONE);
    PQclear(result);
    pd_conn_close(conn);
}

static void test_error_without_words(void **state)
{
    pd_conn *conn = open_conn();
    pd_err err;

    (void)state;
    fake.answer[0] = PGRES_FATAL_ERROR;
    send_ok(conn);
    fails(conn, PD_ERR_SQL, "the server gave no reason");
    is_usable(conn);
    fake.taken = 0;
    fake.answer[0] = PGRES_BAD_RESPONSE;
    send_ok(conn);
    fails(conn, PD_ERR_SQL, "the server gave no reason");
    is_usable(conn);
    /* no result at all, as when memory ran out within libpq */
    fake.answers = fake.taken = 0;
    send_ok(conn);
    fails(conn, PD_ERR_SYSTEM, "the server sent no result");
    is_usable(conn);
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
    live_results++;
    assert_false(pd_conn_result_error(conn, result, &err));
    assert_string_equal(err.sqlstate, "");
    assert_int_equal(err.position, 0);
    assert_false(pd_conn_result_error(conn, result, NULL));
    PQclear(result);
    pd_conn_close(conn);
}

/* Of several statements the first error counts, whatever comes after it. */
static void test_first_error(void **state)
{
    static const ExecStatusType bad[] = {PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE};
    pd_conn *conn = open_conn();
    PGresult *result;
    pd_err err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        fake.taken = 0;
        fake.answers = 4;
        fake.answer[0] = PGRES_TUPLES_OK;
        fake.answer[1] = bad[i];
        fake.answer[2] = PGRES_COMMAND_OK;
        fake.answer[3] = PGRES_FATAL_ERROR;
        send_ok(conn);
        fails(conn, PD_ERR_SQL, "the server gave no reason");
        assert_int_equal(fake.taken, 4);
    }
    fake.taken = 0;
    fake.answers = 2;
    fake.answer[0] = PGRES_COMMAND_OK;
    fake.answer[1] = PGRES_TUPLES_OK;
    send_ok(conn);
    assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_DONE);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    pd_conn_close(conn);
}

static void test_lost(void **state)
{
    (void)state;
    /* after an earlier success; busy would keep anybody waiting who asked */
    for (int answers = 0; answers <= 2; answers++) {
        pd_conn *conn = open_conn();
        fake.taken = 0;
        fake.answers = answers;
        fake.answer[0] = PGRES_COMMAND_OK;
        fake.answer[1] = PGRES_FATAL_ERROR;
        fake.message = "server closed the connection unexpectedly\n";
        send_ok(conn);
        fake.consume = 0;
        fake.bad_after_consume = true;
        fake.busy = true;
        fails(conn, PD_ERR_CONN,
              answers == 2 ? "the server gave no reason"
                           : "server closed the connection unexpectedly");
        is_lost(conn);
        pd_conn_close(conn);
        all_well(NULL);
    }
    /* the flush fails, and the loss with it */
    pd_conn *conn = open_conn();
    fake.answers = 0;
    send_ok(conn);
    fake.flush = -1;
    fake.bad_after_consume = true;
    fails(conn, PD_ERR_CONN, "the connection failed");
    is_lost(conn);
    pd_conn_close(conn);
}

/* libpq cannot go on though the connection stands, as when its buffer cannot grow: waiting for the
 * socket again would never end, and a later statement would get this one's answer. */
static void test_stuck(void **state)
{
    pd_err err;
    PGresult *result;

    (void)state;
    for (int flush = 0; flush >= -1; flush--) {
        pd_conn *conn = open_conn();
        fake.busy = true;
        send_ok(conn);
        fake.consume = flush == 0 ? 0 : 1;
        fake.flush = flush;
        fake.message = "cannot allocate memory for input buffer\n";
        fails(conn, PD_ERR_CONN, "cannot allocate memory for input buffer");
        fake.consume = 1;
        fake.flush = 0;
        fake.busy = false;
        is_lost(conn);
        assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_FAILED);
        pd_conn_close(conn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_open),
        TEST(test_open_without_memory),
        TEST(test_connect),
        TEST(test_connect_timeout),
        TEST(test_send_refused),
        TEST(test_waiting),
        TEST(test_error_without_words),
        TEST(test_first_error),
        TEST(test_lost),
        TEST(test_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

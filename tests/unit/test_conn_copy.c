/* COPY, cancelling and notices on a libpq that fails. */
#include "fake_libpq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_unexpected_copy(void **state)
{
    static const ExecStatusType copies[] = {PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH};

    (void)state;
    for (int i = 0; i < 3; i++) {
        pd_conn *conn = open_conn();
        PGresult *result;
        pd_err err;
        fake.taken = 0;
        fake.answers = 3;
        fake.answer[0] = PGRES_COMMAND_OK;
        fake.answer[1] = copies[i];
        fake.answer[2] = copies[i]; /* libpq brings it again and again: not to be asked for */
        send_ok(conn);
        assert_int_equal(pd_conn_step(conn, &result, &err), PD_IO_DONE);
        assert_int_equal(PQresultStatus(result), copies[i]);
        assert_int_equal(fake.taken, 2);
        PQclear(result);
        pd_conn_close(conn);
    }
}

static void test_copy(void **state)
{
    pd_conn *conn = open_conn();
    pd_err err;

    (void)state;
    assert_true(pd_conn_copy_put(conn, "x", 1));
    fake.flush = 1;
    assert_int_equal(pd_conn_flush(conn, &err), PD_IO_WRITE);
    fake.flush = 0;
    assert_int_equal(pd_conn_flush(conn, &err), PD_IO_DONE);
    assert_true(pd_conn_copy_end(conn, NULL, &err));
    /* nothing to end: the connection is as it was */
    fake.copy_end = -1;
    fake.message = "no COPY in progress\n";
    assert_false(pd_conn_copy_end(conn, NULL, &err));
    assert_int_equal(err.kind, PD_ERR_SYSTEM);
    assert_string_equal(err.message, "no COPY in progress");
    is_usable(conn);
    pd_conn_close(conn);
}

/* Bytes that were not taken are missing from the COPY: it must not be ended as if it were whole. */
static void test_copy_fails(void **state)
{
    pd_err err;

    (void)state;
    for (int way = 0; way < 6; way++) {
        all_well(NULL);
        pd_conn *conn = open_conn();
        fake.answer[0] = PGRES_COPY_IN;
        fake.message = "out of memory\n";
        switch (way) {
        case 0:
        case 1:
            fake.copy_data = way == 0 ? -1 : 0;
            assert_false(pd_conn_copy_put(conn, "x", 1));
            break;
        case 2:
            assert_false(pd_conn_copy_put(conn, "x", (size_t)INT_MAX + 1));
            break;
        case 3:
            fake.flush = -1;
            assert_int_equal(pd_conn_flush(conn, &err), PD_IO_FAILED);
            assert_int_equal(err.kind, PD_ERR_CONN);
            fake.flush = 0;
            break;
        case 4:
            fake.consume = 0;
            assert_int_equal(pd_conn_flush(conn, &err), PD_IO_FAILED);
            assert_int_equal(err.kind, PD_ERR_CONN);
            fake.consume = 1;
            break;
        default:
            fake.status = CONNECTION_BAD;
            fake.consume = 0;
            fake.answers = 0;
            assert_int_equal(pd_conn_flush(conn, &err), PD_IO_FAILED);
        }
        assert_true(pd_conn_copy_end(conn, NULL, &err));
        assert_int_equal(fake.copy_ends, 0);
        fails(conn, PD_ERR_CONN, "out of memory");
        is_lost(conn);
        pd_conn_close(conn);
    }
}

static void test_cancel(void **state)
{
    pd_conn *conn = open_conn();
    pd_err err;

    (void)state;
    assert_true(pd_conn_cancel(conn, &err));
    fake.cancel_refused = true;
    assert_false(pd_conn_cancel(conn, &err));
    assert_int_equal(err.kind, PD_ERR_CONN);
    assert_string_equal(err.message,
                        "cannot cancel the statement: PQcancel() -- connect() failed: refused");
    assert_false(pd_conn_cancel(conn, NULL));
    fake.no_cancel = true;
    assert_false(pd_conn_cancel(conn, &err));
    assert_int_equal(err.kind, PD_ERR_CONN);
    pd_conn_close(conn);
}

static void notices(int n)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_NONFATAL_ERROR);

    live_results++;
    while (n-- > 0)
        receiver(receiver_ud, result);
    PQclear(result);
}

static int take_all(pd_conn *conn, char last[128])
{
    int n = 0;

    for (char *text = pd_conn_next_notice(conn); text; text = pd_conn_next_notice(conn), n++) {
        snprintf(last, 128, "%s", text);
        free(text);
    }
    return n;
}

static void test_notices(void **state)
{
    pd_conn *conn = open_conn();
    char last[128] = "";

    (void)state;
    assert_null(pd_conn_next_notice(conn));
    notices(3);
    assert_int_equal(take_all(conn, last), 3);
    assert_string_equal(last, "NOTICE:  ");
    notices(100);
    assert_int_equal(take_all(conn, last), 100);
    assert_string_equal(last, "NOTICE:  ");
    for (int round = 0; round < 2; round++) {
        notices(100000);
        assert_int_equal(take_all(conn, last), 101);
        assert_string_equal(last, "NOTICE:  and 99900 more notices");
    }
    /* without memory they are counted at least; not even the count can be told then */
    fake.asprintf_fails = true;
    notices(2);
    fake.asprintf_fails = false;
    assert_int_equal(take_all(conn, last), 1);
    assert_string_equal(last, "NOTICE:  and 2 more notices");
    notices(101);
    free(pd_conn_next_notice(conn));
    notices(1); /* while some were taken, and some not */
    fake.asprintf_fails = true;
    assert_int_equal(take_all(conn, last), 99);
    fake.asprintf_fails = false;
    assert_int_equal(take_all(conn, last), 0);
    notices(50); /* freed with the connection */
    free(pd_conn_next_notice(conn));
    pd_conn_close(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unexpected_copy), TEST(test_copy),    TEST(test_copy_fails),
        TEST(test_cancel),          TEST(test_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

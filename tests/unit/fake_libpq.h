/*
 * A libpq that fails in every way it may: what it does is scripted, call by call. The linker puts
 * it in the place of the real one (--wrap).
 */
#ifndef PD_TEST_FAKE_LIBPQ_H
#define PD_TEST_FAKE_LIBPQ_H

#include "core/conn.h"

#define MOST 8

typedef struct fake_libpq {
    ConnStatusType status;
    PostgresPollingStatusType poll;
    const char *message;
    bool no_conn, no_cancel, cancel_refused, nonblocking_fails, no_options;
    const char *connect_timeout;
    int send, flush, copy_data, copy_end;
    int consume;                 /* what PQconsumeInput returns */
    bool bad_after_consume;      /* and whether the connection is lost by it */
    bool busy;                   /* until the connection is lost */
    ExecStatusType answer[MOST]; /* what PQgetResult brings, one after the other, then NULL */
    int answers, taken, copy_ends;
    long callocs; /* until one fails; negative = never */
    bool asprintf_fails;
} fake_libpq;

extern fake_libpq fake;

/* What was made and not yet freed. */
extern int live_results, live_conns, live_cancels;

/* The notice receiver that the last connection set. */
extern PQnoticeReceiver receiver;
extern void *receiver_ud;

/* For setup and teardown of each test. */
int all_well(void **state);
int nothing_left(void **state);
#define TEST(f) cmocka_unit_test_setup_teardown(f, all_well, nothing_left)

/* What pd_conn_open() is given. */
extern const char *const keywords[], *const settings[];

pd_conn *open_conn(void);

/* Sends a statement, which must be taken. */
void send_ok(pd_conn *conn);

/* The statement must fail with that error. */
void fails(pd_conn *conn, pd_errkind kind, const char *message);

/* Nothing more is sent over it, and it says so. */
void is_lost(pd_conn *conn);

/* The next statement is sent, and answered. */
void is_usable(pd_conn *conn);

#endif

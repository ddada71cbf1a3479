/* The wait loop on real sockets, timers and signals. */
#include "core/clock.h"
#include "core/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MANY 3000

static bool failing; /* of realloc */

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
    return failing ? NULL : __real_realloc(p, size);
}

static int64_t in_ms(int ms)
{
    return pd_clock_now() + ms * INT64_C(1000000);
}

static pd_wait timer(int ms)
{
    return (pd_wait){.fd = -1, .deadline = in_ms(ms)};
}

static void add(pd_loop *loop, pd_wait *wait)
{
    pd_err err;

    assert_true(pd_loop_add(loop, wait, &err));
    assert_int_not_equal(wait->slot, 0);
}

static bool poll_once(pd_loop *loop, int64_t until)
{
    bool woken;
    pd_err err;

    if (!pd_loop_poll(loop, until, &woken, &err))
        fail_msg("%s", err.message);
    return woken;
}

static void test_timers(void **state)
{
    pd_wait waits[] = {timer(40), timer(10), timer(10), timer(60000)};
    pd_loop *loop = pd_loop_new(-1);

    (void)state;
    waits[3].deadline = PD_FOREVER;
    for (int i = 0; i < 4; i++)
        add(loop, &waits[i]);
    assert_false(poll_once(loop, PD_FOREVER));
    pd_wait *a = pd_loop_next(loop), *b = pd_loop_next(loop);
    assert_true((a == &waits[1] && b == &waits[2]) || (a == &waits[2] && b == &waits[1]));
    assert_true(pd_clock_now() >= waits[1].deadline);
    assert_int_equal(a->fired, 0);
    assert_int_equal(a->slot, 0);
    assert_null(pd_loop_next(loop));
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &waits[0]);
    assert_true(pd_clock_now() >= waits[0].deadline);
    /* Nothing is due: `until` ends it. */
    int64_t until = in_ms(5);
    poll_once(loop, until);
    assert_true(pd_clock_now() >= until);
    assert_null(pd_loop_next(loop));
    poll_once(loop, 0);
    assert_null(pd_loop_next(loop));
    pd_loop_free(loop);
    assert_int_equal(waits[3].slot, 0);
    pd_loop_free(NULL);
}

static void test_sockets(void **state)
{
    int a[2], b[2];
    pd_loop *loop = pd_loop_new(-1);

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
    pd_wait quiet = {.fd = a[0], .events = POLLIN, .deadline = PD_FOREVER};
    pd_wait full = {.fd = b[0], .events = POLLIN, .deadline = PD_FOREVER};
    pd_wait late = timer(60000);
    add(loop, &quiet);
    add(loop, &late);
    add(loop, &full);
    assert_int_equal(write(b[1], "x", 1), 1);
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &full);
    assert_int_equal(full.fired, POLLIN);
    assert_null(pd_loop_next(loop));
    assert_ptr_equal(pd_loop_on(loop, a[0]), &quiet);
    assert_null(pd_loop_on(loop, b[0]));
    /* The other end closes: that is something to wake up for. */
    close(a[1]);
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &quiet);
    assert_true(quiet.fired & POLLHUP);
    /* Writable; and a descriptor that is none. */
    full.events = POLLIN | POLLOUT;
    add(loop, &full);
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &full);
    assert_int_equal(full.fired, POLLIN | POLLOUT);
    close(a[0]);
    add(loop, &quiet);
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &quiet);
    assert_true(quiet.fired & POLLNVAL);
    pd_loop_free(loop);
    close(b[0]);
    close(b[1]);
}

/* Whatever is removed meanwhile, each of the others that are due comes exactly once. */
static void test_removal(void **state)
{
    enum { N = 37 };
    static pd_wait waits[N];

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        pd_loop *loop = pd_loop_new(-1);
        bool due[N], gone[N] = {false};
        int got = 0;
        srand(seed);
        for (int i = 0; i < N; i++) {
            due[i] = rand() % 2;
            waits[i] = timer(due[i] ? -1 : 60000);
            add(loop, &waits[i]);
        }
        poll_once(loop, PD_FOREVER);
        for (pd_wait *wait = pd_loop_next(loop); wait; wait = pd_loop_next(loop)) {
            int i = (int)(wait - waits), other = rand() % N;
            assert_true(due[i] && !gone[i]);
            gone[i] = true;
            got++;
            pd_loop_remove(loop, &waits[other]);
            pd_loop_remove(loop, &waits[other]);
            gone[other] = true;
        }
        for (int i = 0; i < N; i++) {
            if (due[i] && !gone[i])
                fail_msg("seed %u: wait %d was forgotten", seed, i);
            if (!gone[i])
                assert_int_not_equal(waits[i].slot, 0);
        }
        assert_true(got > 0);
        pd_loop_free(loop);
    }
}

static void test_wake(void **state)
{
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pd_loop *loop = pd_loop_new(wake);
    pd_wait late = timer(60000);
    uint64_t one = 1;

    (void)state;
    /* Without any wait, too, before the arrays exist. */
    assert_int_equal(write(wake, &one, sizeof one), sizeof one);
    assert_true(poll_once(loop, PD_FOREVER));
    add(loop, &late);
    assert_int_equal(write(wake, &one, sizeof one), sizeof one);
    assert_int_equal(write(wake, &one, sizeof one), sizeof one);
    assert_true(poll_once(loop, PD_FOREVER));
    assert_null(pd_loop_next(loop));
    assert_false(poll_once(loop, 0)); /* it was read empty */
    pd_loop_free(loop);
    close(wake);
}

/* More timers than files may be open: poll(2) would refuse that many entries. */
static void test_many_timers(void **state)
{
    static pd_wait waits[MANY];
    struct rlimit before, small = {.rlim_cur = 256};
    pd_loop *loop = pd_loop_new(-1);
    int fds[2], fired = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    for (int i = 0; i < MANY; i++)
        waits[i] = timer(i % 2 ? -1 : 60000);
    waits[MANY / 2] = (pd_wait){.fd = fds[0], .events = POLLIN, .deadline = PD_FOREVER};
    for (int i = 0; i < MANY; i++)
        add(loop, &waits[i]);
    getrlimit(RLIMIT_NOFILE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &small);
    poll_once(loop, PD_FOREVER);
    setrlimit(RLIMIT_NOFILE, &before);
    for (pd_wait *wait = pd_loop_next(loop); wait; wait = pd_loop_next(loop), fired++)
        assert_int_equal(wait->fired, wait->fd >= 0 ? POLLIN : 0);
    assert_int_equal(fired, MANY / 2 + 1);
    pd_loop_free(loop);
    close(fds[0]);
    close(fds[1]);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void alarm_in(int ms)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval at = {.it_value = {.tv_usec = ms * 1000}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &at, NULL);
}

/* A signal ends poll early: nothing is due by it, and nothing stale is reported. */
static void test_signal(void **state)
{
    pd_loop *loop = pd_loop_new(-1);
    int fds[2];
    char byte;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    pd_wait wait = {.fd = fds[0], .events = POLLIN, .deadline = in_ms(60000)};
    assert_int_equal(write(fds[1], "x", 1), 1);
    add(loop, &wait);
    poll_once(loop, PD_FOREVER);
    assert_ptr_equal(pd_loop_next(loop), &wait);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    add(loop, &wait);
    alarm_in(20);
    assert_false(poll_once(loop, PD_FOREVER));
    assert_null(pd_loop_next(loop));
    assert_int_not_equal(wait.slot, 0);
    alarm_in(20);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, PD_FOREVER, -1), -1);
    assert_int_equal(errno, EINTR);
    pd_loop_free(loop);
    close(fds[0]);
    close(fds[1]);
}

static void test_wait_one(void **state)
{
    int fds[2], wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    uint64_t one = 1;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    int64_t deadline = in_ms(10);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, deadline, wake), 0);
    assert_true(pd_clock_now() >= deadline);
    assert_int_equal(pd_loop_wait_one(-1, 0, in_ms(1), -1), 0);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, 0, -1), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, PD_FOREVER, wake), POLLIN);
    assert_int_equal(write(wake, &one, sizeof one), sizeof one);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, PD_FOREVER, wake), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(pd_loop_wait_one(fds[0], POLLIN, PD_FOREVER, wake), POLLIN);
    close(fds[0]);
    close(fds[1]);
    close(wake);
}

static void test_memory(void **state)
{
    static pd_wait waits[40];
    pd_loop *loop = pd_loop_new(-1);
    int held = 0;
    pd_err err;

    (void)state;
    for (int i = 0; i < 40; i++) {
        waits[i] = timer(-1);
        failing = true;
        bool added = pd_loop_add(loop, &waits[i], &err);
        failing = false;
        if (added) {
            held++;
            continue;
        }
        assert_int_equal(err.kind, PD_ERR_SYSTEM);
        assert_int_equal(waits[i].slot, 0);
        add(loop, &waits[i]);
        held++;
    }
    poll_once(loop, PD_FOREVER);
    while (pd_loop_next(loop))
        held--;
    assert_int_equal(held, 0);
    pd_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers),      cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_removal),     cmocka_unit_test(test_wake),
        cmocka_unit_test(test_many_timers), cmocka_unit_test(test_signal),
        cmocka_unit_test(test_wait_one),    cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Waiting for the sockets of a load's clients where the kernel or a sandbox refuses epoll_pwait2.
 */
#include "core/clock.h"
#include "core/load.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>

#include <cmocka.h>

int __real_epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *left,
                        const sigset_t *mask);
int __wrap_epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *left,
                        const sigset_t *mask);

static int refusal; /* errno; 0 = the call is there */

int __wrap_epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *left,
                        const sigset_t *mask)
{
    if (refusal == 0)
        return __real_epoll_pwait2(fd, events, most, left, mask);
    errno = refusal;
    return -1;
}

static void test_waits_as_long(void **state)
{
    static const int refusals[] = {0, ENOSYS, EPERM};
    const pd_entry entry = {.name = "one", .weight = 1, .sql = "SELECT 1", .batch = 1};
    const pd_loadspec spec = {.entries = &entry, .entry_count = 1, .clients = 1, .pipeline = 1};
    pd_loadshared shared = {0};
    pd_loadlive live = {0};
    pd_err err;
    pd_worker *w = pd_worker_new(&spec, &shared, &live, &err);

    (void)state;
    assert_non_null(w);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refusal = refusals[i];
        int64_t now = pd_clock_now();
        pd_worker_wait(w, now, now + PD_SECOND / 20);
        assert_true(pd_clock_now() - now >= PD_SECOND / 20);
    }
    pd_worker_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_as_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

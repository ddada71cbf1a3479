#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

enum { CAPTURE_LIMIT_MS = 10000, END_LIMIT_MS = 3000, POLL_MS = 10 };

/* What a child tells its parent before exec: shorter than PIPE_BUF, so it arrives whole. */
typedef struct news {
    enum { NEWS_PID, NEWS_USER, NEWS_EXEC, NEWS_SYSTEM } kind;
    int value;
} news;

typedef struct launch {
    const char *const *argv;
    const pd_user *user;
    const char *env[8];
    int input, output, report;
    bool daemon;
    pid_t parent;
} launch;

long pd_process_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool stopped(const pd_stop *stop, pd_err *err)
{
    if (!stop || !stop->poll || !stop->poll(stop->arg))
        return false;
    pd_err_set(err, PD_ERR_INTERRUPT, "interrupted");
    return true;
}

bool pd_process_sleep(int ms, const pd_stop *stop, pd_err *err)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    if (stopped(stop, err))
        return false;
    nanosleep(&pause, NULL);
    return !stopped(stop, err);
}

/* Only what the programs need: nothing of PG*, no locale, no secret of the caller. */
static void fill_environment(const char *env[8])
{
    int n = 0;

    env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
    env[n++] = "LC_ALL=C";
    env[n++] = "TZ=UTC";
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "LD_LIBRARY_PATH=", 16) == 0)
            env[n++] = *e;
    env[n] = NULL;
}

/* From here to exec only calls that are safe after fork in a process with threads. */
static void tell(int fd, int kind, int value)
{
    news n = {.value = value};

    n.kind = kind;
    while (write(fd, &n, sizeof n) < 0 && errno == EINTR)
        continue;
}

static bool become(const pd_user *user)
{
    if (!user->drop)
        return true;
    return setgroups((size_t)user->ngroups, user->groups) == 0 &&
           setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

static void reset_signals(void)
{
    struct sigaction dfl;
    sigset_t none;

    memset(&dfl, 0, sizeof dfl);
    dfl.sa_handler = SIG_DFL;
    for (int s = 1; s < NSIG; s++)
        sigaction(s, &dfl, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_on_exec(void)
{
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = 3; fd < 4096; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static _Noreturn void child(const launch *l)
{
    setsid();
    if (l->daemon) {
        pid_t pid = fork();
        if (pid != 0) {
            tell(l->report, pid < 0 ? NEWS_SYSTEM : NEWS_PID, pid < 0 ? errno : pid);
            _exit(0);
        }
    }
    reset_signals();
    umask(077);
    if (!become(l->user)) {
        tell(l->report, NEWS_USER, errno);
        _exit(127);
    }
    /* Set after the change of user, which clears it. */
    if (!l->daemon && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != l->parent))
        _exit(127);
    if (chdir("/") != 0 || dup2(l->input, 0) < 0 || dup2(l->output, 1) < 0 ||
        dup2(l->output, 2) < 0) {
        tell(l->report, NEWS_SYSTEM, errno);
        _exit(127);
    }
    close_on_exec();
    execve(l->argv[0], (char *const *)l->argv, (char *const *)l->env);
    tell(l->report, NEWS_EXEC, errno);
    _exit(127);
}

static pid_t reap(pid_t pid, int *status, int flags)
{
    pid_t got;

    do
        got = waitpid(pid, status, flags);
    while (got < 0 && errno == EINTR);
    return got;
}

/* A descriptor above the standard ones, which the child overwrites. */
static int raise_fd(int fd)
{
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return high;
}

static bool read_news(int fd, const launch *l, pid_t *pid, pd_err *err)
{
    const char *program = l->argv[0], *name = l->user->name;
    news n;
    ssize_t got;

    while ((got = read(fd, &n, sizeof n)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof n)
            return pd_err_set(err, PD_ERR_SYSTEM, "cannot start %s", program);
        if (n.kind == NEWS_PID) {
            *pid = n.value;
            continue;
        }
        if (n.kind == NEWS_USER)
            return pd_err_set(err, PD_ERR_SYSTEM, "cannot become user %s: %s", name,
                              strerror(n.value));
        pd_err_set(err, PD_ERR_SYSTEM, "cannot run %s as user %s: %s", program, name,
                   strerror(n.value));
        if (n.kind == NEWS_EXEC && n.value == EACCES)
            pd_err_hint(err,
                        "The file system may be mounted noexec, or user %s may not enter "
                        "the directory.",
                        name);
        return false;
    }
    return true;
}

static bool launch_child(launch *l, int report, pid_t *pid, pd_err *err)
{
    sigset_t all, before;
    int saved;

    fill_environment(l->env);
    l->parent = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    *pid = fork();
    if (*pid == 0)
        child(l);
    saved = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(l->report);
    l->report = -1;
    if (*pid < 0)
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot start %s: %s", l->argv[0], strerror(saved));

    pid_t first = *pid;
    bool ok = read_news(report, l, pid, err);
    if (!ok || l->daemon)
        reap(first, NULL, 0);
    if (ok && l->daemon && *pid == first)
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot start %s", l->argv[0]);
    return ok;
}

bool pd_process_spawn(const char *const *argv, const pd_user *user, int output, bool daemon,
                      pid_t *pid, pd_err *err)
{
    launch l = {.argv = argv, .user = user, .daemon = daemon, .input = -1, .output = -1};
    int report[2] = {-1, -1};
    bool ok = false;

    l.report = -1;
    if (pipe2(report, O_CLOEXEC) == 0) {
        report[0] = raise_fd(report[0]);
        l.report = raise_fd(report[1]);
    }
    l.input = raise_fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    l.output = output >= 0 ? fcntl(output, F_DUPFD_CLOEXEC, 3)
                           : raise_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (report[0] < 0 || l.report < 0 || l.input < 0 || l.output < 0)
        pd_err_set(err, PD_ERR_SYSTEM, "cannot start %s: %s", argv[0], strerror(errno));
    else
        ok = launch_child(&l, report[0], pid, err);
    const int fds[] = {report[0], l.report, l.input, l.output};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return ok;
}

/* The child leads a session of its own, so its group holds what it started too. */
static void end_group(pid_t pid)
{
    long limit = pd_process_clock() + END_LIMIT_MS;

    kill(-pid, SIGTERM);
    while (reap(pid, NULL, WNOHANG) == 0) {
        if (pd_process_clock() > limit) {
            kill(-pid, SIGKILL);
            reap(pid, NULL, 0);
            return;
        }
        pd_process_sleep(POLL_MS, NULL, NULL);
    }
    kill(-pid, SIGKILL);
}

bool pd_process_wait(pid_t pid, int limit_ms, const pd_stop *stop, int *status, pd_err *err)
{
    long limit = pd_process_clock() + limit_ms;
    pid_t got;

    while ((got = reap(pid, status, WNOHANG)) == 0) {
        if (!pd_process_sleep(POLL_MS, stop, err)) {
            end_group(pid);
            return false;
        }
        if (pd_process_clock() > limit) {
            end_group(pid);
            return pd_err_set(err, PD_ERR_SYSTEM, "a program did not end within %d s",
                              limit_ms / 1000);
        }
    }
    if (got < 0)
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot wait for a program: %s", strerror(errno));
    return true;
}

static bool read_output(int fd, char *text, size_t size, const pd_stop *stop, pd_err *err)
{
    long limit = pd_process_clock() + CAPTURE_LIMIT_MS;
    size_t used = 0;
    char chunk[256];

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (stopped(stop, err))
            return false;
        if (pd_process_clock() > limit)
            return pd_err_set(err, PD_ERR_SYSTEM, "no answer within %d s", CAPTURE_LIMIT_MS / 1000);
        if (poll(&p, 1, 50) <= 0)
            continue;
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size_t room = size - 1 - used, take = (size_t)got < room ? (size_t)got : room;
        memcpy(text + used, chunk, take);
        used += take;
    }
    text[used] = '\0';
    return true;
}

bool pd_process_capture(const char *const *argv, const pd_user *user, char *text, size_t size,
                        const pd_stop *stop, pd_err *err)
{
    int out[2], status = 0;
    pid_t pid;

    if (pipe2(out, O_CLOEXEC) != 0)
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot start %s: %s", argv[0], strerror(errno));
    bool ok = pd_process_spawn(argv, user, out[1], false, &pid, err);
    close(out[1]);
    if (ok) {
        ok = read_output(out[0], text, size, stop, err);
        if (!ok)
            end_group(pid);
        else
            ok = pd_process_wait(pid, CAPTURE_LIMIT_MS, stop, &status, err);
        if (ok && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
            pd_err_set(err, PD_ERR_SYSTEM, "%s failed", argv[0]);
            pd_err_copy(err->detail, sizeof err->detail, text);
            ok = false;
        }
    }
    close(out[0]);
    return ok;
}

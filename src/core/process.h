/*
 * Child programs: run as an ordinary user even when the caller is root, with an environment of
 * their own, no inherited descriptor and no terminal, so that a Ctrl-C there does not reach them.
 */
#ifndef PD_CORE_PROCESS_H
#define PD_CORE_PROCESS_H

#include "core/err.h"

#include <sys/types.h>

#define PD_USER_GROUPS 64

/* Whom a child runs as. drop: the caller is root and has to become this user first. */
typedef struct pd_user {
    uid_t uid;
    gid_t gid;
    bool drop;
    int ngroups;
    gid_t groups[PD_USER_GROUPS];
    char name[64];
    char home[256];
} pd_user;

/* Asked while something waits, every 50 ms at the latest; true ends the wait. poll may be NULL. */
typedef struct pd_stop {
    bool (*poll)(void *arg);
    void *arg;
} pd_stop;

/* The caller itself; for root the user `postgres`, else the one who called sudo, else an error. */
bool pd_user_find(pd_user *user, pd_err *err);

/* Sleeps ms milliseconds; false with PD_ERR_INTERRUPT when *stop (may be NULL) says so. */
bool pd_process_sleep(int ms, const pd_stop *stop, pd_err *err);

/* Milliseconds of the monotonic clock. */
long pd_process_clock(void);

/*
 * Starts argv[0] (an absolute path) with stdin from /dev/null, stdout and stderr into output (-1:
 * /dev/null). As a daemon the program belongs to init and outlives the caller; else it is a child
 * to be given to pd_process_wait, and is killed if the caller dies. Fails also when the program
 * could not be executed.
 */
bool pd_process_spawn(const char *const *argv, const pd_user *user, int output, bool daemon,
                      pid_t *pid, pd_err *err);

/*
 * Waits for a child of pd_process_spawn and stores its wait status. At the limit or when *stop
 * says so the child and its group are ended and reaped first; then false, PD_ERR_INTERRUPT or
 * PD_ERR_SYSTEM.
 */
bool pd_process_wait(pid_t pid, int limit_ms, const pd_stop *stop, int *status, pd_err *err);

/* Runs argv to its end and keeps the first size - 1 bytes of its output. */
bool pd_process_capture(const char *const *argv, const pd_user *user, char *text, size_t size,
                        const pd_stop *stop, pd_err *err);

/* True when the user may pass through every directory that exists on the way to path; else
 * blocked[size] names the first one that is closed to them. */
bool pd_process_reachable(const pd_user *user, const char *path, char *blocked, size_t size);

#endif

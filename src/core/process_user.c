#include "core/process.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSWD_BYTES = 16384 };

static void take_entry(pd_user *user, const struct passwd *pw)
{
    user->uid = pw->pw_uid;
    user->gid = pw->pw_gid;
    pd_err_copy(user->name, sizeof user->name, pw->pw_name);
    pd_err_copy(user->home, sizeof user->home, pw->pw_dir);
}

static bool by_name(pd_user *user, const char *name)
{
    struct passwd pw, *found = NULL;
    char buf[PASSWD_BYTES];

    if (getpwnam_r(name, &pw, buf, sizeof buf, &found) != 0 || !found || pw.pw_uid == 0)
        return false;
    take_entry(user, found);
    return true;
}

static bool by_id(pd_user *user, uid_t uid)
{
    struct passwd pw, *found = NULL;
    char buf[PASSWD_BYTES];

    if (getpwuid_r(uid, &pw, buf, sizeof buf, &found) != 0 || !found)
        return false;
    take_entry(user, found);
    return true;
}

static bool by_sudo(pd_user *user)
{
    const char *text = getenv("SUDO_UID");
    char *end;

    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long uid = strtoul(text, &end, 10);
    return errno == 0 && *end == '\0' && uid > 0 && uid < UINT_MAX && by_id(user, (uid_t)uid);
}

bool pd_user_find(pd_user *user, pd_err *err)
{
    memset(user, 0, sizeof *user);
    if (geteuid() != 0) {
        user->uid = geteuid();
        user->gid = getegid();
        snprintf(user->name, sizeof user->name, "%lu", (unsigned long)user->uid);
        by_id(user, user->uid);
        return true;
    }
    if (!by_name(user, "postgres") && !by_sudo(user)) {
        pd_err_set(err, PD_ERR_SERVER,
                   "PostgreSQL does not run as root, and there is no user to run it as");
        return pd_err_hint(err, "Run partdemo as an ordinary user, or create the user `postgres` "
                                "(it comes with the package postgresql).");
    }
    user->drop = true;
    user->ngroups = PD_USER_GROUPS;
    if (getgrouplist(user->name, user->gid, user->groups, &user->ngroups) < 0) {
        user->groups[0] = user->gid;
        user->ngroups = 1;
    }
    return true;
}

/* In a child that has become the user: the length of the first prefix closed to it, or 0. */
static int closed_prefix(const char *path)
{
    char prefix[PATH_MAX];
    size_t len = strlen(path);

    for (size_t i = 1; i <= len && i < sizeof prefix; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        if (access(prefix, X_OK) != 0 && errno != ENOENT)
            return (int)i;
    }
    return 0;
}

bool pd_process_reachable(const pd_user *user, const char *path, char *blocked, size_t size)
{
    int report[2], length = 0;

    if (!user->drop || pipe(report) != 0)
        return true;
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups((size_t)user->ngroups, user->groups) == 0 &&
            setresgid(user->gid, user->gid, user->gid) == 0 &&
            setresuid(user->uid, user->uid, user->uid) == 0)
            length = closed_prefix(path);
        while (write(report[1], &length, sizeof length) < 0 && errno == EINTR)
            continue;
        _exit(0);
    }
    close(report[1]);
    if (pid > 0) {
        ssize_t got;
        do
            got = read(report[0], &length, sizeof length);
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)sizeof length)
            length = 0;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close(report[0]);
    if (length > 0)
        snprintf(blocked, size, "%.*s", length, path);
    return length == 0;
}

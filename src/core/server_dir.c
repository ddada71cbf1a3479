/* The state directory: made, verified, locked, removed. As root the directory belongs to another
 * user, so everything here goes through descriptors and follows no symlink. */
#include "core/server_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MARKER ".partdemo"
#define LOCK   "lock"

enum { LOCK_POLL_MS = 50, REMOVE_TRIES = 20 };

static const char *const ours[] = {"data", "data.new", "run", "server.log", LOCK, MARKER};

static bool fail(const srv *s, const char *what, const char *name, pd_err *err)
{
    return pd_err_set(err, PD_ERR_SERVER, "cannot %s %s%s%s: %s", what, s->info->root,
                      name ? "/" : "", name ? name : "", strerror(errno));
}

static bool give(const srv *s, int fd)
{
    return !s->user.drop || fchown(fd, s->user.uid, s->user.gid) == 0;
}

static bool refuse(const srv *s, const char *why, pd_err *err)
{
    pd_err_set(err, PD_ERR_SERVER, "%s cannot be the state directory: %s", s->info->root, why);
    return pd_err_hint(err, "Set PARTDEMO_STATE to a directory that partdemo may make.");
}

static bool make_parents(const srv *s, pd_err *err)
{
    char path[sizeof s->info->root];
    mode_t mode = s->user.drop ? 0755 : 0700;

    snprintf(path, sizeof path, "%s", s->info->root);
    for (char *c = path + 1; *c; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        if (mkdir(path, mode) != 0 && errno != EEXIST)
            return pd_err_set(err, PD_ERR_SERVER, "cannot make the directory %s: %s", path,
                              strerror(errno)) ||
                   pd_err_hint(err, "Set PARTDEMO_STATE to a directory that partdemo may make.");
        *c = '/';
    }
    return true;
}

static bool make_root(const srv *s, pd_err *err)
{
    char blocked[sizeof s->info->root];

    /* The directory itself may be one that another start has just made and not given away yet:
     * verify() judges it. */
    if (!pd_process_reachable(&s->user, s->info->root, blocked, sizeof blocked) &&
        strcmp(blocked, s->info->root) != 0) {
        pd_err_set(err, PD_ERR_SERVER, "user %s, whom the server runs as, may not enter %s",
                   s->user.name, blocked);
        return pd_err_hint(err,
                           "Set PARTDEMO_STATE to a directory outside %s, for example "
                           "/var/lib/partdemo.",
                           blocked);
    }
    if (!make_parents(s, err))
        return false;
    if (mkdir(s->info->root, 0700) != 0 && errno != EEXIST)
        return fail(s, "make the directory", NULL, err) ||
               pd_err_hint(err, "Set PARTDEMO_STATE to a directory that partdemo may make.");
    return true;
}

typedef enum contents { CONTENTS_NONE, CONTENTS_OURS, CONTENTS_FOREIGN } contents;

static bool is_ours(const char *name)
{
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(name, ours[i]) == 0)
            return true;
    return false;
}

/* What the directory holds; a lock alone is what a removal leaves last, and counts as nothing.
 * other[size], if given, gets one name that is not ours. */
static bool look(const srv *s, contents *found, char *other, size_t size, pd_err *err)
{
    int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool any = false, marked = false;
    struct dirent *e;

    if (!dir) {
        fail(s, "read the directory", NULL, err);
        if (fd >= 0)
            close(fd);
        return false;
    }
    while ((e = readdir(dir))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        marked |= strcmp(e->d_name, MARKER) == 0;
        any |= strcmp(e->d_name, LOCK) != 0;
        if (other && !is_ours(e->d_name))
            snprintf(other, size, "%s", e->d_name);
    }
    closedir(dir);
    *found = !any ? CONTENTS_NONE : marked ? CONTENTS_OURS : CONTENTS_FOREIGN;
    return true;
}

static bool mark(const srv *s, pd_err *err)
{
    int fd = openat(s->dir, MARKER, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && give(s, fd);

    if (!ok)
        fail(s, "make", MARKER, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The open directory is private and ours; *found says whether it has been used yet. */
static bool verify(const srv *s, bool create, contents *found, pd_err *err)
{
    struct stat st;

    /* In this order: whoever makes it at the same time gives it away before marking it. */
    if (!look(s, found, NULL, 0, err))
        return false;
    if (fstat(s->dir, &st) != 0)
        return fail(s, "look at", NULL, err);
    bool adopt = s->user.drop && st.st_uid == 0 && *found == CONTENTS_NONE;
    if (st.st_uid != s->user.uid && !adopt)
        return refuse(s, "it belongs to another user", err);
    if (st.st_mode & 022)
        return refuse(s, "others may write to it", err);
    if (*found == CONTENTS_FOREIGN)
        return refuse(s, "it holds files that partdemo did not make", err);
    if (!create)
        return true;
    if (adopt && !give(s, s->dir))
        return fail(s, "give away", NULL, err);
    if ((st.st_mode & 0777) != 0700 && fchmod(s->dir, 0700) != 0)
        return fail(s, "protect", NULL, err);
    return *found != CONTENTS_NONE || mark(s, err);
}

bool srv_dir_open(srv *s, bool create, pd_err *err)
{
    struct stat st;
    contents found = CONTENTS_NONE;

    srv_dir_close(s);
    if (create && !make_root(s, err))
        return false;
    if (lstat(s->info->root, &st) != 0)
        return !create && errno == ENOENT ? true : fail(s, "look at", NULL, err);
    if (S_ISLNK(st.st_mode))
        return refuse(s, "it is a symbolic link", err);
    if (!S_ISDIR(st.st_mode))
        return refuse(s, "it is no directory", err);
    if (st.st_uid != s->user.uid && geteuid() != 0)
        return refuse(s, "it belongs to another user", err);
    s->dir = open(s->info->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (s->dir < 0)
        return fail(s, "open the directory", NULL, err);
    bool ok = verify(s, create, &found, err);
    if (!ok || (!create && found == CONTENTS_NONE))
        srv_dir_close(s);
    return ok;
}

void srv_dir_close(srv *s)
{
    if (s->lock >= 0)
        close(s->lock);
    if (s->dir >= 0)
        close(s->dir);
    s->lock = s->dir = -1;
}

static bool busy(const srv *s, pd_err *err)
{
    char pid[16] = "";
    ssize_t n = pread(s->lock, pid, sizeof pid - 1, 0);

    pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    pd_err_set(err, PD_ERR_SERVER,
               "another partdemo%s%s has been starting or stopping the "
               "private server for %d s",
               pid[0] ? ", process " : "", pid, SRV_LOCK_MS / 1000);
    return pd_err_hint(err, "Wait for it, or end it, and run this again.");
}

/* A removed lock file is nobody's lock any more. */
static bool still_there(const srv *s)
{
    struct stat held, now;

    return fstat(s->lock, &held) == 0 && fstatat(s->dir, LOCK, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_ino == now.st_ino && held.st_dev == now.st_dev;
}

bool srv_dir_lock(srv *s, bool *gone, pd_err *err)
{
    long limit = pd_process_clock() + SRV_LOCK_MS;

    *gone = false;
    s->lock = openat(s->dir, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (s->lock < 0 && errno == ENOENT) {
        *gone = true;
        return true;
    }
    if (s->lock < 0 || !give(s, s->lock))
        return fail(s, "open", LOCK, err);
    while (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(s, "lock", LOCK, err);
        if (pd_process_clock() > limit)
            return busy(s, err);
        if (!pd_process_sleep(LOCK_POLL_MS, &s->stop, err))
            return false;
    }
    *gone = !still_there(s);
    if (!*gone && (ftruncate(s->lock, 0) != 0 || dprintf(s->lock, "%d\n", (int)getpid()) < 0))
        return fail(s, "write", LOCK, err);
    return true;
}

bool srv_dir_locked(const srv *s)
{
    int fd = openat(s->dir, LOCK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool taken = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;

    if (fd >= 0)
        close(fd);
    return taken;
}

bool srv_dir_subdir(srv *s, const char *name, pd_err *err)
{
    if (mkdirat(s->dir, name, 0700) != 0 && errno != EEXIST)
        return fail(s, "make the directory", name, err);
    int fd = openat(s->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = fd >= 0 && give(s, fd) && fchmod(fd, 0700) == 0;
    if (!ok)
        fail(s, "use the directory", name, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool srv_dir_put(srv *s, int dir, const char *name, const char *text, pd_err *err)
{
    char temp[64];
    size_t len = strlen(text);

    snprintf(temp, sizeof temp, "%s.new", name);
    unlinkat(dir, temp, 0);
    int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && give(s, fd) && write(fd, text, len) == (ssize_t)len;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    ok = ok && renameat(dir, temp, dir, name) == 0;
    return ok || fail(s, "write", name, err);
}

static bool remove_tree(int dir, const char *name);

static bool remove_entries(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    bool ok = list != NULL;

    while (ok && (e = readdir(list)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            ok = remove_tree(fd, e->d_name);
    int saved = errno;
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
    errno = saved;
    return ok;
}

static bool remove_tree(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;
    return (remove_entries(dir, name) && unlinkat(dir, name, AT_REMOVEDIR) == 0) || errno == ENOENT;
}

bool srv_dir_remove(int dir, const char *name, pd_err *err)
{
    for (int i = 0; !remove_tree(dir, name); i++) {
        /* A process that is just being killed may still have added a file. */
        if (errno != ENOTEMPTY || i == REMOVE_TRIES)
            return pd_err_set(err, PD_ERR_SERVER, "cannot remove %s: %s", name, strerror(errno));
        pd_process_sleep(10, NULL, NULL);
    }
    return true;
}

bool srv_dir_destroy(srv *s, pd_err *err)
{
    char other[256] = "";
    contents found;

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(ours[i], LOCK) != 0 && strcmp(ours[i], MARKER) != 0 &&
            !srv_dir_remove(s->dir, ours[i], err))
            return false;
    if (!look(s, &found, other, sizeof other, err))
        return false;
    if (other[0]) {
        pd_err_set(err, PD_ERR_SERVER,
                   "the private server is removed, but %s holds files that partdemo did not make",
                   s->info->root);
        return pd_err_hint(err, "Move them away, for example %s, and run this again.", other);
    }
    /* The marker goes before the lock: a lock alone counts as an unused directory. */
    if (!srv_dir_remove(s->dir, MARKER, err) || !srv_dir_remove(s->dir, LOCK, err))
        return false;
    /* Another partdemo may have begun to use it again: then it is theirs. */
    if (rmdir(s->info->root) != 0 && errno != ENOTEMPTY && errno != ENOENT)
        return fail(s, "remove the directory", NULL, err);
    return true;
}

/* Which processes belong to a cluster. A pid alone proves nothing, since pids are reused: a server
 * process is one that is called postgres and works in the cluster's directory. */
#include "core/server_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { END_MS = 5000 };

static size_t read_text(int dir, const char *path, int flags, char *text, size_t size)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | flags);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

void srv_pid_read(const srv *s, srv_pidfile *pf)
{
    char text[2048];

    memset(pf, 0, sizeof *pf);
    if (read_text(s->dir, "data/postmaster.pid", O_NOFOLLOW, text, sizeof text) == 0)
        return;
    /* pid, data directory, start time, port, socket directory, address, shared memory, status */
    char *line = text;
    for (int i = 1; line; i++) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (i == 1)
            pf->pid = atoi(line);
        else if (i == 3)
            pf->started = atol(line);
        else if (i == 8)
            snprintf(pf->status, sizeof pf->status, "%.*s", (int)strcspn(line, " "), line);
        line = next;
    }
    /* A single-user server (initdb's) writes its pid negated. */
    pf->pid = abs(pf->pid);
}

int srv_pid_first(const srv *s, const char *lock_file)
{
    char text[64];

    return read_text(s->dir, lock_file, O_NOFOLLOW, text, sizeof text) > 0 ? abs(atoi(text)) : 0;
}

/* The state letter and the name of a process; false when there is none, or only its zombie. */
static bool process_name(int pid, char name[32])
{
    char path[64], text[512];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (read_text(AT_FDCWD, path, 0, text, sizeof text) == 0)
        return false;
    char *open = strchr(text, '('), *shut = strrchr(text, ')');
    if (!open || !shut || shut < open || shut[1] != ' ')
        return false;
    snprintf(name, 32, "%.*s", (int)(shut - open - 1), open + 1);
    return shut[2] != 'Z' && shut[2] != 'X';
}

bool srv_pid_exists(int pid)
{
    char name[32];

    return pid > 0 && process_name(pid, name);
}

static bool works_in(const srv *s, int pid, const struct stat *dir)
{
    char path[64], name[32];
    struct stat st;

    if (pid <= 0 || !process_name(pid, name) ||
        (strcmp(name, "postgres") != 0 && strcmp(name, "postmaster") != 0))
        return false;
    snprintf(path, sizeof path, "/proc/%d/cwd", pid);
    if (stat(path, &st) == 0)
        return st.st_ino == dir->st_ino && st.st_dev == dir->st_dev;
    if (errno != EACCES && errno != EPERM)
        return false;
    /* Closed to us: another user's, unless the kernel hides a process of ours as root's. */
    snprintf(path, sizeof path, "/proc/%d", pid);
    return stat(path, &st) == 0 && (st.st_uid == s->user.uid || st.st_uid == 0);
}

bool srv_pid_serves(const srv *s, int pid)
{
    struct stat data;

    return fstatat(s->dir, "data", &data, 0) == 0 && works_in(s, pid, &data);
}

int srv_pid_list(const srv *s, const char *name, int pids[SRV_PIDS])
{
    struct stat st;
    struct dirent *e;
    int n = 0;

    if (fstatat(s->dir, name, &st, 0) != 0)
        return 0;
    DIR *proc = opendir("/proc");
    while (proc && n < SRV_PIDS && (e = readdir(proc))) {
        int pid = atoi(e->d_name);
        if (works_in(s, pid, &st))
            pids[n++] = pid;
    }
    if (proc)
        closedir(proc);
    return n;
}

bool srv_pid_end(const srv *s, const char *name, const pd_stop *stop, pd_err *err)
{
    long begun = pd_process_clock();
    int pids[SRV_PIDS], n;

    while ((n = srv_pid_list(s, name, pids)) > 0) {
        long waited = pd_process_clock() - begun;
        if (waited > 2 * END_MS)
            return pd_err_set(err, PD_ERR_SERVER, "cannot end process %d of the private server",
                              pids[0]);
        for (int i = 0; i < n; i++)
            kill(pids[i], waited > END_MS ? SIGKILL : SIGTERM);
        if (!pd_process_sleep(10, stop, err))
            return false;
    }
    return true;
}

/* The cluster: made by initdb, configured, its log read. */
#include "core/server_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG "partdemo.conf"

enum { TAIL_LINES = 5, LOG_LIMIT = 8 << 20 };

int srv_make_major(const srv *s)
{
    char text[16] = "";
    int fd = openat(s->dir, "data/PG_VERSION", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? atoi(text) : 0;
}

int srv_make_log(srv *s, pd_err *err)
{
    struct stat st;
    int fd = openat(s->dir, "server.log",
                    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        (!s->user.drop || fchown(fd, s->user.uid, s->user.gid) == 0) &&
        (st.st_size < LOG_LIMIT || ftruncate(fd, 0) == 0))
        return fd;
    pd_err_set(err, PD_ERR_SERVER, "cannot open %s: %s", s->info->log, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

void srv_make_tail(const srv *s, off_t offset, pd_err *err)
{
    char text[sizeof err->detail];
    struct stat st;
    int fd = openat(s->dir, "server.log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || !err)
        goto done;
    if (fstat(fd, &st) != 0)
        goto done;
    off_t from = st.st_size - (off_t)(sizeof text - 1);
    if (from < offset)
        from = offset;
    ssize_t n = pread(fd, text, sizeof text - 1, from);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    text[n > 0 ? n : 0] = '\0';
    char *start = text + strlen(text);
    for (int lines = 0; start > text; start--)
        if (start[-1] == '\n' && ++lines == TAIL_LINES)
            break;
    pd_err_copy(err->detail, sizeof err->detail, start);
done:
    if (fd >= 0)
        close(fd);
}

static bool run_initdb(srv *s, const srv_bin *bin, pd_err *err)
{
    char program[PATH_MAX + 16], target[sizeof s->info->root + 16];
    const char *argv[] = {program,
                          "-D",
                          target,
                          "--no-sync",
                          "--no-locale",
                          "--encoding=UTF8",
                          "--username=" PD_SERVER_USER,
                          "--auth-local=trust",
                          "--auth-host=reject",
                          NULL};
    struct stat st = {0};
    int status = 0;
    pid_t pid;

    snprintf(program, sizeof program, "%s/initdb", bin->dir);
    snprintf(target, sizeof target, "%s/data.new", s->info->root);
    int log = srv_make_log(s, err);
    if (log < 0)
        return false;
    fstat(log, &st);
    bool ok = pd_process_spawn(argv, &s->user, log, false, &pid, err) &&
              pd_process_wait(pid, SRV_INIT_MS, &s->stop, &status, err);
    close(log);
    if (ok && status != 0) {
        pd_err_set(err, PD_ERR_SERVER, "initdb could not make the private server's data directory");
        srv_make_tail(s, st.st_size, err);
        ok = pd_err_hint(err, "Free space or set PARTDEMO_STATE; all of its output is in %s.",
                         s->info->log);
    }
    return ok;
}

/* Our settings follow the user's in postgresql.conf, so that theirs can be seen but not break us.
 */
static bool add_include(srv *s, pd_err *err)
{
    static const char line[] = "\n# Rewritten by partdemo at each start.\ninclude '" CONFIG "'\n";
    ssize_t want = (ssize_t)(sizeof line - 1);
    int fd =
        openat(s->dir, "data.new/postgresql.conf", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, line, (size_t)want) == want;

    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    return ok || pd_err_set(err, PD_ERR_SERVER, "cannot write %s.new/postgresql.conf: %s",
                            s->info->data, strerror(errno));
}

bool srv_make_cluster(srv *s, const srv_bin *bin, pd_err *err)
{
    struct stat st;

    if (fstatat(s->dir, "data", &st, AT_SYMLINK_NOFOLLOW) == 0) {
        pd_err_set(err, PD_ERR_SERVER, "%s is no PostgreSQL data directory: PG_VERSION is missing",
                   s->info->data);
        return pd_err_hint(err, "`partdemo server destroy` removes it.");
    }
    /* initdb dies with a killed partdemo, the server that it was running may outlive it a little.
     */
    if (!srv_pid_end(s, "data.new", &s->stop, err) || !srv_dir_remove(s->dir, "data.new", err))
        return false;
    if (!run_initdb(s, bin, err) || !add_include(s, err)) {
        srv_pid_end(s, "data.new", NULL, NULL);
        srv_dir_remove(s->dir, "data.new", NULL);
        return false;
    }
    if (renameat(s->dir, "data.new", s->dir, "data") != 0)
        return pd_err_set(err, PD_ERR_SERVER, "cannot rename %s.new: %s", s->info->data,
                          strerror(errno));
    s->info->created = true;
    return true;
}

/* unix_socket_directories is a list: its one entry in double quotes, the whole in single quotes,
 * where backslashes are escapes. */
static void quote_socket(const char *path, char *out)
{
    *out++ = '\'';
    *out++ = '"';
    for (; *path; path++) {
        if (*path == '\'' || *path == '"' || *path == '\\')
            *out++ = *path;
        *out++ = *path;
    }
    memcpy(out, "\"'", 3);
}

bool srv_make_config(srv *s, pd_err *err)
{
    char quoted[2 * sizeof s->info->socket + 8], text[2048];

    quote_socket(s->info->socket, quoted);
    snprintf(text, sizeof text,
             "# Written by partdemo at each start: changes belong in postgresql.auto.conf\n"
             "# (ALTER SYSTEM), which comes last.\n"
             "listen_addresses = ''\n"
             "port = " PD_SERVER_PORT "\n"
             "unix_socket_directories = %s\n"
             "unix_socket_permissions = 0700\n"
             "max_connections = 200\n"
             "max_locks_per_transaction = 1024\n"
             "cluster_name = 'partdemo'\n"
             "logging_collector = off\n"
             "log_destination = 'stderr'\n"
             "log_line_prefix = '%%m [%%p] '\n"
             "log_timezone = 'UTC'\n"
             "timezone = 'UTC'\n"
             "lc_messages = 'C'\n",
             quoted);
    int data = openat(s->dir, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (data < 0)
        return pd_err_set(err, PD_ERR_SERVER, "cannot open %s: %s", s->info->data, strerror(errno));
    bool ok = srv_dir_put(s, data, CONFIG, text, err);
    close(data);
    return ok;
}

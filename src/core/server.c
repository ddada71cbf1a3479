#include "core/server_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ORPHAN_MS = 4000, ANSWER_MS = 5000, ABANDON_MS = 3000 };

static bool begin(srv *s, const pd_server_opts *opts, pd_server_info *info, pd_err *err)
{
    memset(info, 0, sizeof *info);
    *s = (srv){.info = info, .pg_bin = opts->pg_bin, .stop = opts->stop, .dir = -1, .lock = -1};
    if (!pd_user_find(&s->user, err) || !srv_find_state(s, opts->state, err))
        return false;
    snprintf(info->owner, sizeof info->owner, "%s", s->user.name);
    return true;
}

/* The state as files and processes tell it. */
static void observe(srv *s, srv_pidfile *pf)
{
    pd_server_info *i = s->info;
    int major = s->dir < 0 ? 0 : srv_make_major(s);

    memset(pf, 0, sizeof *pf);
    i->state = PD_SERVER_ABSENT;
    i->pid = 0;
    i->uptime = 0;
    if (s->dir < 0)
        return;
    if (major == 0) {
        if (s->lock < 0 && srv_dir_locked(s))
            i->state = PD_SERVER_STARTING;
        return;
    }
    snprintf(i->version, sizeof i->version, "%d", major);
    srv_pid_read(s, pf);
    if (pf->pid == 0) {
        i->state = PD_SERVER_STOPPED;
        return;
    }
    if (!srv_pid_serves(s, pf->pid)) {
        i->state = PD_SERVER_CRASHED;
        return;
    }
    long now = (long)time(NULL);
    i->pid = pf->pid;
    i->uptime = pf->started > 0 && now > pf->started ? now - pf->started : 0;
    i->state = strcmp(pf->status, "ready") == 0      ? PD_SERVER_RUNNING
               : strcmp(pf->status, "stopping") == 0 ? PD_SERVER_STOPPING
                                                     : PD_SERVER_STARTING;
}

/* The postmaster that was just started (or found starting) accepts connections. */
static bool wait_ready(srv *s, int child, off_t log_offset, pd_err *err)
{
    long limit = pd_process_clock() + SRV_START_MS;
    srv_pidfile pf;

    for (;;) {
        observe(s, &pf);
        if (s->info->state == PD_SERVER_RUNNING)
            return true;
        if (s->info->state != PD_SERVER_STARTING && !srv_pid_exists(child)) {
            pd_err_set(err, PD_ERR_SERVER, "the private server did not start");
            srv_make_tail(s, log_offset, err);
            return pd_err_hint(err,
                               "All of its output is in %s. `partdemo server destroy` starts over "
                               "with an empty server.",
                               s->info->log);
        }
        if (pd_process_clock() > limit) {
            pd_err_set(err, PD_ERR_SERVER, "the private server is still starting after %d s",
                       SRV_START_MS / 1000);
            srv_make_tail(s, log_offset, err);
            return pd_err_hint(err, "It goes on; run this again a little later.");
        }
        if (!pd_process_sleep(SRV_POLL_MS, &s->stop, err))
            return false;
    }
}

static bool wait_gone(srv *s, int pid, int limit_ms, const pd_stop *stop, pd_err *err)
{
    long limit = pd_process_clock() + limit_ms;

    while (srv_pid_exists(pid)) {
        if (pd_process_clock() > limit)
            return pd_err_set(err, PD_ERR_SERVER,
                              "the private server (process %d) did not stop within %d s", pid,
                              limit_ms / 1000);
        if (!pd_process_sleep(SRV_POLL_MS, stop, err))
            return false;
    }
    s->info->pid = 0;
    return true;
}

/* Ends a postmaster that we started and nobody waits for any more. */
static void abandon(srv *s, int pid)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGKILL};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        kill(pid, signals[i]);
        if (wait_gone(s, pid, ABANDON_MS, NULL, NULL))
            return;
    }
}

/* Processes of a killed server notice its end by themselves, unless a query keeps them busy. */
static bool wait_orphans(srv *s, pd_err *err)
{
    long limit = pd_process_clock() + ORPHAN_MS;
    int pids[SRV_PIDS], n;

    while ((n = srv_pid_list(s, "data", pids)) > 0) {
        if (pd_process_clock() > limit) {
            pd_err_set(err, PD_ERR_SERVER,
                       "%d process%s of the private server that was killed still run%s", n,
                       n == 1 ? "" : "es", n == 1 ? "s" : "");
            if (err)
                snprintf(err->detail, sizeof err->detail, "The first is process %d.", pids[0]);
            return pd_err_hint(err, "`partdemo server stop` ends them.");
        }
        if (!pd_process_sleep(50, &s->stop, err))
            return false;
    }
    return true;
}

/* PostgreSQL itself refuses to start when the pid that a dead server left in a lock file was given
 * to another process of the same user. Its other leftovers it clears by itself. */
static bool drop_reused(srv *s, const char *lock_file, pd_err *err)
{
    int pid = srv_pid_first(s, lock_file);

    if (pid <= 0 || kill(pid, 0) != 0 || srv_pid_serves(s, pid) ||
        unlinkat(s->dir, lock_file, 0) == 0 || errno == ENOENT)
        return true;
    return pd_err_set(err, PD_ERR_SERVER, "cannot remove %s/%s: %s", s->info->root, lock_file,
                      strerror(errno));
}

static bool clear_stale(srv *s, const srv_pidfile *pf, pd_err *err)
{
    return (pf->pid == 0 || wait_orphans(s, err)) && srv_dir_subdir(s, "run", err) &&
           drop_reused(s, "data/postmaster.pid", err) &&
           drop_reused(s, "run/.s.PGSQL." PD_SERVER_PORT ".lock", err);
}

/* A server whose starter was killed may not have written its pid yet. */
static bool settle(srv *s, srv_pidfile *pf, pd_err *err)
{
    long limit = pd_process_clock() + ORPHAN_MS;
    int pids[SRV_PIDS];

    for (;;) {
        observe(s, pf);
        if (s->info->state == PD_SERVER_STOPPING) {
            if (!wait_gone(s, pf->pid, SRV_STOP_MS, &s->stop, err))
                return false;
        } else if (s->info->state != PD_SERVER_STOPPED || pd_process_clock() > limit ||
                   srv_pid_list(s, "data", pids) == 0) {
            return true;
        } else if (!pd_process_sleep(SRV_POLL_MS, &s->stop, err)) {
            return false;
        }
    }
}

static bool launch(srv *s, const srv_bin *bin, pd_err *err)
{
    char program[PATH_MAX + 16];
    const char *argv[] = {program, "-D", s->info->data, NULL};
    struct stat st = {0};
    pid_t pid = 0;

    snprintf(program, sizeof program, "%s/postgres", bin->dir);
    int log = srv_make_log(s, err);
    if (log < 0)
        return false;
    fstat(log, &st);
    bool ok = pd_process_spawn(argv, &s->user, log, true, &pid, err);
    close(log);
    if (!ok)
        return false;
    if (!wait_ready(s, pid, st.st_size, err)) {
        if (err && err->kind == PD_ERR_INTERRUPT)
            abandon(s, pid);
        return false;
    }
    s->info->started = s->info->pid == pid;
    return true;
}

/* Under the lock: whatever is there becomes a server that answers. */
static bool bring_up(srv *s, pd_err *err)
{
    srv_pidfile pf;
    srv_bin bin;

    if (!settle(s, &pf, err))
        return false;
    if (s->info->state == PD_SERVER_RUNNING || s->info->state == PD_SERVER_STARTING)
        return wait_ready(s, pf.pid, 0, err) && srv_db_ensure(s, ANSWER_MS, err);
    if (!srv_find_bin(s, srv_make_major(s), &bin, err))
        return false;
    if (s->info->state == PD_SERVER_ABSENT && !srv_make_cluster(s, &bin, err))
        return false;
    return clear_stale(s, &pf, err) && srv_make_config(s, err) && launch(s, &bin, err) &&
           srv_db_ensure(s, ANSWER_MS, err);
}

/* Opens and locks; again when the directory was removed between the two. */
static bool open_locked(srv *s, bool create, pd_err *err)
{
    bool gone;

    do {
        if (!srv_dir_open(s, create, err))
            return false;
        if (s->dir < 0)
            return true;
        if (!srv_dir_lock(s, &gone, err))
            return false;
    } while (gone && pd_process_sleep(SRV_POLL_MS, &s->stop, NULL));
    return !gone || pd_err_set(err, PD_ERR_INTERRUPT, "interrupted");
}

bool pd_server_start(const pd_server_opts *opts, pd_server_info *info, pd_err *err)
{
    srv s;
    srv_pidfile pf;
    pd_err local;
    bool ok = false;

    if (!err)
        err = &local;
    if (!begin(&s, opts, info, err))
        return false;
    if (!srv_dir_open(&s, false, err))
        goto done;
    observe(&s, &pf);
    if (info->state == PD_SERVER_RUNNING && srv_db_check(&s, 0, NULL)) {
        ok = true;
        goto done;
    }
    ok = open_locked(&s, true, err) && bring_up(&s, err);
done:
    srv_dir_close(&s);
    return ok;
}

bool pd_server_status(const pd_server_opts *opts, pd_server_info *info, pd_err *err)
{
    srv s;
    srv_pidfile pf;

    if (!begin(&s, opts, info, err))
        return false;
    bool ok = srv_dir_open(&s, false, err);
    if (ok)
        observe(&s, &pf);
    if (ok && info->state == PD_SERVER_RUNNING)
        srv_db_check(&s, 0, NULL);
    srv_dir_close(&s);
    return ok;
}

/* Under the lock: no process of the server is left. */
static bool bring_down(srv *s, int signal_number, pd_err *err)
{
    srv_pidfile pf;

    observe(s, &pf);
    if (s->info->pid > 0) {
        int pid = s->info->pid;
        if (kill(pid, signal_number) != 0 && errno != ESRCH)
            return pd_err_set(err, PD_ERR_SERVER,
                              "cannot signal the private server (process %d): "
                              "%s",
                              pid, strerror(errno));
        if (!wait_gone(s, pid, SRV_STOP_MS, &s->stop, err)) {
            if (err && err->kind == PD_ERR_SERVER)
                pd_err_hint(err, "See %s, and try again.", s->info->log);
            return false;
        }
    }
    if (!srv_pid_end(s, "data", &s->stop, err) || !srv_pid_end(s, "data.new", &s->stop, err))
        return false;
    observe(s, &pf);
    return true;
}

bool pd_server_stop(const pd_server_opts *opts, pd_server_info *info, pd_err *err)
{
    srv s;

    if (!begin(&s, opts, info, err))
        return false;
    bool ok = open_locked(&s, false, err);
    if (ok && s.dir >= 0)
        ok = bring_down(&s, SIGINT, err);
    srv_dir_close(&s);
    return ok;
}

bool pd_server_destroy(const pd_server_opts *opts, pd_server_info *info, pd_err *err)
{
    srv s;

    if (!begin(&s, opts, info, err))
        return false;
    bool ok = open_locked(&s, false, err);
    /* What is to be removed needs no checkpoint: an immediate shutdown. */
    if (ok && s.dir >= 0)
        ok = bring_down(&s, SIGQUIT, err) && srv_dir_destroy(&s, err);
    srv_dir_close(&s);
    if (ok) {
        info->state = PD_SERVER_ABSENT;
        info->version[0] = '\0';
    }
    return ok;
}

void pd_server_keywords(const pd_server_info *info, const char *keywords[PD_SERVER_KEYWORDS + 1],
                        const char *values[PD_SERVER_KEYWORDS + 1])
{
    const char *const pairs[PD_SERVER_KEYWORDS][2] = {{"host", info->socket},
                                                      {"port", PD_SERVER_PORT},
                                                      {"user", PD_SERVER_USER},
                                                      {"dbname", PD_SERVER_DATABASE}};

    for (int i = 0; i < PD_SERVER_KEYWORDS; i++) {
        keywords[i] = pairs[i][0];
        values[i] = pairs[i][1];
    }
    keywords[PD_SERVER_KEYWORDS] = values[PD_SERVER_KEYWORDS] = NULL;
}

const char *pd_server_state_name(pd_server_state state)
{
    static const char *const names[] = {
        [PD_SERVER_ABSENT] = "absent",     [PD_SERVER_STOPPED] = "stopped",
        [PD_SERVER_STARTING] = "starting", [PD_SERVER_RUNNING] = "running",
        [PD_SERVER_STOPPING] = "stopping", [PD_SERVER_CRASHED] = "crashed",
    };
    return names[state];
}

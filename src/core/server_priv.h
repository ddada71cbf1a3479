/* What the files of the private server share; nothing else includes this. */
#ifndef PD_CORE_SERVER_PRIV_H
#define PD_CORE_SERVER_PRIV_H

#include "core/server.h"

#include <limits.h>
#include <sys/stat.h>

enum {
    SRV_LOCK_MS = 60000,  /* wait for another partdemo */
    SRV_START_MS = 60000, /* until the server accepts connections, recovery included */
    SRV_STOP_MS = 60000,
    SRV_INIT_MS = 120000,
    SRV_POLL_MS = 10,
    SRV_PIDS = 256,
};

/* One call's view of a state directory. Descriptors are -1 while closed. */
typedef struct srv {
    pd_server_info *info;
    const char *pg_bin;
    pd_stop stop;
    pd_user user;
    int dir;  /* the state directory, verified: ours, private, no symlink */
    int lock; /* held while open */
} srv;

typedef struct srv_bin {
    char dir[PATH_MAX];
    int major;
} srv_bin;

/* data/postmaster.pid; pid 0 = there is none. */
typedef struct srv_pidfile {
    int pid;
    long started; /* seconds since the epoch */
    char status[16];
} srv_pidfile;

/* server_find.c */
bool srv_find_state(srv *s, const char *state, pd_err *err);
/* want: the major version the data needs, 0 = the newest. */
bool srv_find_bin(srv *s, int want, srv_bin *bin, pd_err *err);

/* server_dir.c */
/* Opens and verifies the state directory. When it does not exist: made if create, else s->dir
 * stays -1 and the call succeeds. */
bool srv_dir_open(srv *s, bool create, pd_err *err);
void srv_dir_close(srv *s);
/* Waits for the lock; *gone tells that the directory was removed meanwhile: open it again. */
bool srv_dir_lock(srv *s, bool *gone, pd_err *err);
bool srv_dir_locked(const srv *s); /* by somebody */
bool srv_dir_subdir(srv *s, const char *name, pd_err *err);
bool srv_dir_put(srv *s, int dir, const char *name, const char *text, pd_err *err);
bool srv_dir_remove(int dir, const char *name, pd_err *err); /* a tree; absent is fine */
bool srv_dir_destroy(srv *s, pd_err *err);

/* server_pid.c */
void srv_pid_read(const srv *s, srv_pidfile *pf);
/* The pid in the first line of a lock file; 0 = none. */
int srv_pid_first(const srv *s, const char *lock_file);
bool srv_pid_exists(int pid);
/* The process is alive and works in data: a pid that was reused by another program is not. */
bool srv_pid_serves(const srv *s, int pid);
/* Server processes that work in the directory <name> of the state directory; returns how many. */
int srv_pid_list(const srv *s, const char *name, int pids[SRV_PIDS]);
/* Ends all of them, first politely. stop may be NULL. */
bool srv_pid_end(const srv *s, const char *name, const pd_stop *stop, pd_err *err);

/* server_make.c */
int srv_make_major(const srv *s); /* of the cluster in data; 0 = there is none */
bool srv_make_cluster(srv *s, const srv_bin *bin, pd_err *err);
bool srv_make_config(srv *s, pd_err *err);
int srv_make_log(srv *s, pd_err *err); /* opened for appending; -1 on error */
/* Puts the last lines that were logged from offset on into err->detail. */
void srv_make_tail(const srv *s, off_t offset, pd_err *err);

/* server_db.c */
/* Connects to the database and reads the server's version; limit 0 tries once. */
bool srv_db_check(srv *s, int limit_ms, pd_err *err);
/* Creates the database unless it exists. */
bool srv_db_ensure(srv *s, int limit_ms, pd_err *err);

#endif

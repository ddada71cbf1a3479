/*
 * The private PostgreSQL: made by initdb in a state directory of its own, reached by a Unix socket
 * there, left running for the next partdemo.
 *
 *   <state>/.partdemo    marks the directory as ours; nothing without it is ever removed
 *   <state>/lock         flock: one start, stop or destroy at a time
 *   <state>/data.new     a cluster being made; renamed to data when it is complete
 *   <state>/data         the cluster; data/partdemo.conf is rewritten at each start
 *   <state>/run          the socket
 *   <state>/server.log   what initdb and the server print
 *
 * Every function may be interrupted (PD_ERR_INTERRUPT) or killed at any point: the next start
 * repairs what it finds.
 */
#ifndef PD_CORE_SERVER_H
#define PD_CORE_SERVER_H

#include "core/err.h"
#include "core/process.h"

#define PD_SERVER_PORT     "5432"
#define PD_SERVER_USER     "postgres"
#define PD_SERVER_DATABASE "partitiondb"

enum { PD_SERVER_OLDEST = 14, PD_SERVER_KEYWORDS = 4 };

typedef enum pd_server_state {
    PD_SERVER_ABSENT,   /* no cluster */
    PD_SERVER_STOPPED,  /* shut down cleanly */
    PD_SERVER_STARTING, /* being made, or not yet accepting connections */
    PD_SERVER_RUNNING,
    PD_SERVER_STOPPING,
    PD_SERVER_CRASHED, /* it ended without shutting down: the next start recovers it */
} pd_server_state;

typedef struct pd_server_opts {
    const char *state;  /* state directory; NULL or "": $PARTDEMO_STATE, else the default */
    const char *pg_bin; /* server programs; NULL or "": $PARTDEMO_PG_BIN, else searched for */
    pd_stop stop;       /* asked while waiting */
} pd_server_opts;

/* Paths always fit: the socket's limit of 107 bytes bounds the state directory's. */
typedef struct pd_server_info {
    pd_server_state state;
    char root[128];   /* the state directory */
    char data[128];   /* the data directory */
    char socket[128]; /* the socket's directory: the `host` to connect to */
    char log[128];
    char owner[64];   /* the system user that runs the server */
    char version[32]; /* "15.18" while it accepts connections, else "15"; "" when absent */
    int pid;          /* of the postmaster; 0 = none */
    long uptime;      /* seconds; 0 unless it runs */
    bool started;     /* this call started it */
    bool created;     /* this call made the cluster */
} pd_server_info;

/* Returns at once when the server runs; else makes, repairs and starts it, waits until it accepts
 * connections and has its database. Two at once share one start. */
bool pd_server_start(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

/* Looks without changing anything. */
bool pd_server_status(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

/* Shuts the server down (connections are ended, changes kept) and waits for its end; ends what a
 * killed server left behind. No server is no error. */
bool pd_server_stop(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

/* Stops the server and removes its state directory; other people's files there are left, with an
 * error. Nothing there is no error. */
bool pd_server_destroy(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

/* libpq keywords of the private server, NULL-terminated; the values live as long as *info. */
void pd_server_keywords(const pd_server_info *info, const char *keywords[PD_SERVER_KEYWORDS + 1],
                        const char *values[PD_SERVER_KEYWORDS + 1]);

/* "absent", "stopped", "starting", "running", "stopping", "crashed". */
const char *pd_server_state_name(pd_server_state state);

#endif

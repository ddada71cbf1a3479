/*
 * The load engine. A worker is one thread with its clients: each client is a connection and a small
 * state machine that chooses an entry of the mix, generates its parameters, sends the prepared
 * statement and accounts the answer. Nothing here knows Lua.
 *
 * Closed loop (rate 0): a client begins its next operation when the last one has ended. Open loop:
 * the operations of a worker have due times on a computed schedule; one that is due waits for a
 * free client, and its latency counts from when it was due. The schedule is arithmetic, so it can
 * fall behind without limit and no operation is lost. After Gil Tene, "How NOT to Measure Latency",
 * and pgbench's -R.
 *
 * An operation is acknowledged when the server has answered its last Sync without an error, which
 * is after its commit.
 */
#ifndef PD_CORE_LOAD_H
#define PD_CORE_LOAD_H

#include "core/conn.h"
#include "core/err.h"
#include "core/gen.h"
#include "core/hist.h"
#include "core/oplog.h"

#include <stdatomic.h>

/* One kind of operation: a statement whose parameters are the columns of a generated row. */
typedef struct pd_entry {
    const char *name;
    double weight;
    const char *sql;   /* with $1 .. $n; NULL: the caller performs it, see pd_worker_take() */
    const pd_row *row; /* bound to the parameters' types; NULL = no parameters */
    int batch;         /* rows a statement; it has the parameters of so many */
    bool stop_on_error;
    bool writes; /* rows of a table, so that a lock on it can stall the entry */
    bool ledger; /* the rows that it returns are kept, see pd_loadwatch */
} pd_entry;

/* What is kept of a load that is watched: every operation, in a log of each worker. */
typedef struct pd_loadwatch {
    int64_t slow;             /* nanoseconds: longer waits are counted live; 0 = none */
    const uint32_t *expected; /* pd_state_pack() of errors that are not counted as unexpected */
    size_t expected_count;
} pd_loadwatch;

typedef struct pd_loadspec {
    const char *const *keywords, *const *values; /* of the connections */
    const pd_entry *entries;
    size_t entry_count;
    int clients;      /* of this worker */
    int first_client; /* the number of its first one in the whole run: names its random streams */
    uint64_t seed, run;
    double rate;   /* operations a second of this worker; 0 = closed loop */
    double offset; /* seconds from the start to the first due time */
    bool poisson;  /* exponential gaps instead of equal ones */
    int pipeline;  /* operations sent together, in one transaction; 1 = each by itself */
    const pd_loadwatch *watch; /* NULL: nothing is kept of single operations */
} pd_loadspec;

enum { PD_LOAD_STATES = 24 }; /* different SQLSTATEs kept per entry; the rest is one row "other" */

typedef struct pd_entrystats {
    uint64_t ops;  /* acknowledged */
    uint64_t rows; /* that they wrote or read */
    uint64_t retries;
    uint64_t errors;
    struct {
        char sqlstate[6];
        uint64_t count;
    } states[PD_LOAD_STATES];
    pd_hist due;  /* latency from the due time of acknowledged operations */
    pd_hist sent; /* the same from when they were sent */
} pd_entrystats;

/* The error that ended a run, see pd_entry.stop_on_error. */
typedef struct pd_loadstop {
    bool set;
    size_t entry;
    char sqlstate[6];
    char message[256];
} pd_loadstop;

typedef struct pd_loadstats {
    pd_entrystats *entries; /* as in the mix */
    size_t entry_count;
    pd_loadstop stop;
    uint64_t unknown;    /* sent, and the connection was lost before the answer */
    uint64_t cancelled;  /* among the errors: under way when the run ended, and then cancelled */
    uint64_t unsent;     /* due, but the run ended before a client was free */
    uint64_t reconnects; /* connections made again */
    pd_hist lag;         /* from the due time to sending, while a client was free: our own delay */
    double cpu;          /* seconds of processor time of the worker */
    int64_t ended;       /* pd_clock_now() of pd_worker_end(); merged: of the last one */
} pd_loadstats;

/* What the threads of a run share. All zero but begin to start with. */
typedef struct pd_loadshared {
    atomic_int phase;       /* enum pd_loadphase; set by the main thread, and by stop_on_error */
    atomic_llong begin;     /* pd_clock_now() of the start; set before PD_LOAD_GO */
    atomic_llong end;       /* nothing is due from then on; PD_FOREVER = no end */
    atomic_ullong ops_left; /* operations still to begin when limited is true */
    bool limited;
    atomic_bool stopped; /* an error has ended the run: the first one is kept */
} pd_loadshared;

typedef enum pd_loadphase {
    PD_LOAD_WAIT,  /* clients connect, nothing is sent */
    PD_LOAD_GO,    /* operations run */
    PD_LOAD_DRAIN, /* nothing new becomes due; what is due is done */
    PD_LOAD_END    /* what was sent is awaited for a moment, then connections are closed */
} pd_loadphase;

/* Counters that the main thread may read at any time. */
typedef struct pd_loadlive {
    atomic_ullong ops, errors, retries, reconnects;
    atomic_int connected;
    atomic_ullong backlog;             /* due and not yet sent */
    atomic_llong oldest;               /* when the first of these was due; 0 when there is none */
    atomic_uint times[PD_HIST_COARSE]; /* of acknowledged operations, from their due time */
    /* Of a watched load: operations answered, those of them that were slow or failed unexpectedly,
     * and when the oldest write without an answer was due, 0 = there is none. */
    atomic_ullong answered, slow, unexpected;
    atomic_llong waiting_since;
} pd_loadlive;

typedef struct pd_worker pd_worker;

/* spec and what it points to, shared and live must outlive the worker. NULL with err. */
pd_worker *pd_worker_new(const pd_loadspec *spec, pd_loadshared *shared, pd_loadlive *live,
                         pd_err *err);
void pd_worker_free(pd_worker *w);

/* Connects every client and prepares its statements. False with err: the first failure. */
bool pd_worker_connect(pd_worker *w, pd_err *err);

/* Runs until the phase is PD_LOAD_END, or all is done after PD_LOAD_DRAIN. False with err when
 * memory ran out. */
bool pd_worker_run(pd_worker *w, pd_err *err);

/* The parts of pd_worker_run(), for a caller that has to do other things between them: begin; then
 * step, and unless it is over, wait at most until *until for the clients' sockets; at last, end.
 * pd_worker_fd() is readable when pd_worker_wait() would find something at once. */
void pd_worker_begin(pd_worker *w);
bool pd_worker_step(pd_worker *w, int64_t now, int64_t *until, bool *over, pd_err *err);
void pd_worker_wait(pd_worker *w, int64_t now, int64_t until);
void pd_worker_end(pd_worker *w);
void pd_worker_stop(pd_worker *w); /* ends the run, of all workers */
/* Whether what is under way is to be given up, for the caller's own operations. */
bool pd_worker_overdue(const pd_worker *w);
int pd_worker_fd(const pd_worker *w);

/* Entries without a statement are the caller's, and there is no pipeline with them: a client that
 * has chosen one is taken here (-1: none left), its connection used, and then given back with the
 * outcome: sqlstate "" = acknowledged; broken: the connection cannot be used any more. */
int pd_worker_take(pd_worker *w, size_t *entry);
pd_conn *pd_worker_conn(pd_worker *w, int client);
uint64_t pd_worker_client_number(const pd_worker *w, int client); /* in the whole run */
bool pd_worker_lends(const pd_worker *w);                         /* whether there is one to take */
void pd_worker_give_back(pd_worker *w, int client, uint64_t rows, uint64_t retries, bool broken,
                         const char *sqlstate, const char *message);

const pd_loadstats *pd_worker_stats(const pd_worker *w);

/* The log of a watched load, now the caller's; NULL when it was not watched. */
pd_oplog *pd_worker_take_log(pd_worker *w);

bool pd_loadstats_init(pd_loadstats *stats, size_t entry_count, pd_err *err);
void pd_loadstats_free(pd_loadstats *stats);
void pd_loadstats_merge(pd_loadstats *into, const pd_loadstats *from);

#endif

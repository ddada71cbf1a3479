/* What the load_*.c files share. */
#ifndef PD_CORE_LOAD_IMPL_H
#define PD_CORE_LOAD_IMPL_H

#include "core/conn.h"
#include "core/load.h"
#include "core/rng.h"

#define STATEMENT_NAME 32

typedef enum clientstate {
    CLIENT_CONNECTING,
    CLIENT_PREPARING,
    CLIENT_IDLE,
    CLIENT_BUSY,   /* a batch was sent */
    CLIENT_LENT,   /* its operation is performed by the caller of pd_worker_take() */
    CLIENT_PAUSED, /* until `wake`: then it connects again, or sends its batch again */
} clientstate;

/* One operation of the batch that is being made or was sent. */
typedef struct pd_op {
    size_t entry;
    int64_t due;
    uint64_t rows;
    bool answered;       /* the server said that the statement was executed */
    char sqlstate[6];    /* why it failed, "" = it did not */
    PGresult *rows_back; /* that it returned, for the ledger; owned */
    pd_params params;
} pd_op;

typedef struct pd_client {
    pd_worker *w;
    pd_conn *conn; /* NULL while there is none */
    clientstate state;
    uint32_t events;       /* that epoll watches for on its socket; 0 = not in the set */
    int fd;                /* the socket in the set */
    pd_rng choose, jitter; /* pick entries and pauses; the rows come from stream */
    pd_stream *stream;
    pd_op *ops;  /* as many as a batch holds */
    pd_op spare; /* the operation after that, made while the server works on the batch */
    bool spare_made;
    int op_count, answer; /* of the running batch; the operation whose answer comes next */
    int tries;            /* of the running batch */
    int dials;            /* failed ones since the last connection */
    size_t preparing;     /* the entry whose statement is being prepared */
    bool *refused;        /* by entry: it could not be prepared, so it is sent as it is */
    bool resend;          /* a batch waits for the connection or for preparing */
    bool was_connected;
    int64_t sent, idle_since;
    int64_t wake;           /* when a pause or the patience with connecting ends, else PD_FOREVER */
    struct pd_client *next; /* in the worker's list of idle clients */
    bool listed;            /* it is in that list */
    char last_error[256];   /* the server's words, of entries that stop the run */
} pd_client;

/* Two cursors walk the same schedule: what has become due by now, and what was taken to be done. */
typedef struct pd_cursor {
    uint64_t count;
    int64_t at; /* the next due time */
    pd_rng rng; /* of Poisson gaps */
} pd_cursor;

struct pd_worker {
    const pd_loadspec *spec;
    pd_loadshared *shared;
    pd_loadlive *live;
    pd_loadstats stats;
    pd_client *clients;
    pd_client *idle;
    pd_client *lent; /* not yet taken */
    int epoll;
    int timed; /* clients with a wake time */
    int busy;  /* clients with a batch under way or to be sent again */
    int64_t begin, end, stop_at;
    bool cancelled;    /* what was still under way at the end */
    uint64_t answered; /* answers so far, and when the last one of them was seen by step() */
    int64_t answered_at;
    double cpu; /* of the thread at the beginning */
    pd_cursor due, taken;
    double total_weight;
    pd_oplog *log;                 /* of a watched load, else NULL */
    char (*names)[STATEMENT_NAME]; /* of the entries' prepared statements */
    pd_err *failure; /* where pd_worker_connect() wants the first failure; NULL later */
};

/* load_client.c: each may change the client's state; they never block. */
bool client_init(pd_client *c, pd_worker *w, int number, pd_err *err);
void client_free(pd_client *c);
void client_connect(pd_client *c);            /* begins to connect */
void client_ready(pd_client *c, int64_t now); /* its socket has something */
void client_wake(pd_client *c, int64_t now);  /* its wake time has come */
void client_start(pd_client *c, int64_t now); /* sends ops[0 .. op_count - 1] */
void client_lose(pd_client *c);               /* its connection is gone */
size_t client_choose(pd_client *c);           /* the next entry of its own random choice */
/* Sends the statement of an operation that is not prepared. False: it could not be sent. */
bool client_send_unprepared(pd_client *c, const pd_op *op);
void client_flush(pd_client *c); /* what libpq holds is to be sent */
void client_pause(pd_client *c, int64_t when);
/* The next result, NULL when more has to be read first (*more) or this answer has ended. */
PGresult *client_result(pd_client *c, bool *more);

/* load_batch.c: what is sent, and what the server says to it. */
void batch_send(pd_client *c, int64_t now);
void batch_answer(pd_client *c); /* something has come */

/* load_worker.c */
void worker_watch(pd_client *c, uint32_t events); /* what to wait for on the client's socket */
void worker_forget(pd_client *c);                 /* its socket is about to be closed */
void worker_idle(pd_client *c, int64_t now);      /* it can take a batch */
pd_client *worker_next_idle(pd_worker *w);
void worker_drop_idle(pd_worker *w);           /* the next one has got something */
int64_t worker_first_wake(const pd_worker *w); /* of all clients; PD_FOREVER = none */

/* load_lend.c: the client's one operation is put up for pd_worker_take(). */
void lend(pd_client *c, int64_t now);

/* load_schedule.c */
void schedule_begin(pd_worker *w);
void schedule_advance(const pd_worker *w, pd_cursor *cursor);   /* to the next due time */
bool schedule_dispatch(pd_worker *w, int64_t now, pd_err *err); /* false: memory ran out */

/* load_account.c: a batch has ended. */
void account_batch(pd_client *c, int64_t now); /* acknowledged, or all failed */
void account_lost(pd_client *c);               /* the connection went away first */

/* load_stats.c */
void stats_error(pd_entrystats *stats, const char *sqlstate);
void stats_done(pd_entrystats *stats, uint64_t rows, int64_t from_due, int64_t from_sent);

/* load_record.c: nothing when the load is not watched. */
bool record_begin(pd_worker *w, pd_err *err);
void record(pd_client *c, pd_op *op, pd_outcome outcome, const char *sqlstate, int64_t now);
void record_oldest(pd_worker *w);
void record_unsent(pd_worker *w);

#endif

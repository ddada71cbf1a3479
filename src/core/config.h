/*
 * Which server, and with which settings: resolved from the command line, the process environment,
 * the .env file and defaults, each setting with its origin.
 *
 * Levels, the first wins: flags -h -p -U; -d/--dsn; environment POSTGRES_*; environment PG*;
 * .env POSTGRES_*; .env PG*; default. An empty variable counts as not set. What libpq reads from
 * the process environment by itself is not passed to it again. A service (dsn, PGSERVICE) stands
 * between its own level and the next, as in libpq: what is set below it is not passed.
 *
 * A server is named by a flag -d, -h or -p, or by POSTGRES_HOST, PGHOST, PGHOSTADDR or PGSERVICE.
 * When nothing names one, the private server is meant and every other variable that would say
 * where or who is ignored.
 *
 * A password appears in `values` and nowhere else: in no origin, target, setting, warning or
 * error. Errors show no value at all.
 */
#ifndef PD_CORE_CONFIG_H
#define PD_CORE_CONFIG_H

#include "core/err.h"
#include "core/notes.h"

typedef struct pd_config_input {
    const char *dsn, *host, *port, *user; /* flags; NULL = not given */
    char *const *env;                     /* "NAME=value" strings up to NULL, as environ; or NULL */
    const char *dotenv;                   /* path of the .env file; NULL = none */
} pd_config_input;

typedef struct pd_setting {
    const char *key;    /* libpq's keyword, or SIMULATOR_INTERVAL_MS, PARTDEMO_... */
    const char *name;   /* the variable or flag that set it: "POSTGRES_HOST", "--host"; or "" */
    const char *value;  /* made printable; NULL when it is unset, unknown or a secret */
    const char *origin; /* "flag --host", "--dsn", "environment PGHOST", ".env line 3", "default",
                           "service file (libpq)", "service file or environment PGHOST" */
    bool set;           /* false: nobody gave it, and libpq's default holds */
    bool secret;        /* a password: show only whether it is set */
    bool ignored;       /* given, but of no effect in this run */
} pd_setting;

typedef struct pd_config {
    /* Nothing names a server. keywords/values then hold only what fits any server: append host,
     * port, user and dbname of the private one. */
    bool private_server;

    /* For PQconnectdbParams, each ended by NULL, with expand_dbname = 0: dbname is a name. A
     * keyword that is appended later wins over an earlier one. */
    const char *const *keywords;
    const char *const *values;
    size_t param_count;

    const pd_setting *settings; /* host, port, dbname, user, password first, set or
                                   not; with the private server only what is given */
    size_t setting_count;
    pd_notes warnings;

    int simulator_interval_ms; /* > 0 */
    const char *root;          /* PARTDEMO_ROOT; NULL = not set */
    const char *state;         /* PARTDEMO_STATE */
    const char *pg_bin;        /* PARTDEMO_PG_BIN */

    const char
        *target; /* "postgres@localhost:5438/partitiondb", "service=prod", "private server" */
    const char *origin; /* "from .env", "host from flags; port, db and user from .env" */

    struct pd_config_block *blocks; /* memory of all of the above */
} pd_config;

/* Resolves and validates; opens no connection. On success *out is to be freed by pd_config_free.
 * On false *out is NULL, err holds the summary, and *problems (zero-initialised by the caller and
 * freed by it) every problem found, none when err tells a lack of memory. */
bool pd_config_resolve(const pd_config_input *in, pd_config **out, pd_notes *problems, pd_err *err);

/* Wipes and frees; NULL is allowed. */
void pd_config_free(pd_config *cfg);

/* Overwrites a command line argument with 'x', so that `ps` no longer shows the password in it.
 * Call it on the value of each -d/--dsn within argv, as soon as that value has been copied and
 * before anything that takes time. */
void pd_config_scrub_arg(char *arg);

#endif

/* What the files of config share; for them alone. */
#ifndef PD_CORE_CONFIG_PARTS_H
#define PD_CORE_CONFIG_PARTS_H

#include "core/config.h"
#include "core/dotenv.h"

#include <libpq-fe.h>

#define PD_CONFIG_CONNECT_TIMEOUT "10" /* seconds; libpq's own default is to wait for ever */

/* Where a value comes from, the strongest first. */
typedef enum level {
    FROM_FLAG,
    FROM_DSN,
    FROM_ENV_POSTGRES,
    FROM_ENV_PG,
    FROM_FILE_POSTGRES,
    FROM_FILE_PG,
    LEVELS, /* as a level: nobody gave a value */
} level;

typedef struct candidate {
    const char *value; /* not empty; NULL = not given */
    const char *name;  /* variable or flag; the keyword for the dsn */
    int line;          /* in .env */
    bool ignored;
} candidate;

typedef struct option {
    const char *keyword, *envvar, *compiled; /* the last two may be NULL */
    bool secret;
    bool empty_env; /* libpq would find its variable set but empty */
    candidate from[LEVELS];
} option;

typedef struct resolver {
    const pd_config_input *in;
    pd_notes *problems;
    pd_config *cfg;
    pd_dotenv file;
    PQconninfoOption *table; /* every option libpq knows, no values */
    PQconninfoOption *dsn;   /* the parsed --dsn; NULL = none */
    option *options;
    size_t count;
    bool broken_input;  /* .env or dsn is wrong: what seems missing may stand there */
    bool out_of_memory; /* sticky */
} resolver;

/* config_memory.c: zeroed memory that lives and is wiped with the config; these never return NULL
 * for strings: on a lack of memory they set r->out_of_memory and return "". */
void *pd_config_alloc(resolver *r, size_t size); /* NULL on a lack of memory */
const char *pd_config_copy(resolver *r, const char *text);
const char *pd_config_printf(resolver *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *pd_config_printable(resolver *r, const char *text); /* escapes control characters */

/* config_sources.c: reads the levels and decides what counts. */
bool pd_config_gather(resolver *r);
const char *pd_config_env(const resolver *r, const char *name); /* NULL when unset or empty */
option *pd_config_option(resolver *r, const char *keyword);     /* NULL when libpq has none */
level pd_config_best(const option *o); /* the level whose value counts, or LEVELS */
const char *pd_config_value(resolver *r, const char *keyword); /* that value, or NULL */
level pd_config_service(resolver *r);                          /* level of the service in effect */
bool pd_config_passed(resolver *r, const option *o); /* not left for libpq to find by itself */

/* config_dsn.c: NULL when it is wrong (a problem is added) or memory ran out. */
PQconninfoOption *pd_config_parse_dsn(resolver *r);
void pd_config_free_conninfo(PQconninfoOption *options); /* wipes; NULL is allowed */

/* config_check.c */
void pd_config_check(resolver *r);
void pd_config_warn(resolver *r);
/* "POSTGRES_PORT (.env line 3)", "port (flag --port)", "port (--dsn)" */
const char *pd_config_label(resolver *r, const option *o, level at);

/* config_own.c: the variables that are not libpq's; adds their settings to the list. */
void pd_config_own(resolver *r, pd_setting *list, size_t *n);
#define PD_CONFIG_OWN 4
void pd_config_unknown_names(resolver *r);

/* config_show.c */
void pd_config_show(resolver *r);

#endif

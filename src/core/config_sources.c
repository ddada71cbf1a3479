#include "core/config_parts.h"

#include <stdlib.h>
#include <string.h>

/* The project's own names of five libpq options. */
static const struct {
    const char *keyword, *name;
} postgres_names[] = {
    {"host", "POSTGRES_HOST"}, {"port", "POSTGRES_PORT"},         {"dbname", "POSTGRES_DB"},
    {"user", "POSTGRES_USER"}, {"password", "POSTGRES_PASSWORD"},
};

/* What concerns the session and not where or who; the private server takes these too. The last two
 * libpq obeys from the environment whatever is passed, so they cannot be called ignored. */
static bool fits_any_server(const option *o)
{
    static const char *const keywords[] = {"options",         "connect_timeout", "application_name",
                                           "client_encoding", "requirepeer",     "require_auth"};

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(o->keyword, keywords[i]) == 0)
            return true;
    return false;
}

/* "" when the variable is set but empty, NULL when it is not set. */
static const char *raw_env(const resolver *r, const char *name)
{
    size_t len = strlen(name);

    for (char *const *e = r->in->env; e && *e; e++)
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e + len + 1;
    return NULL;
}

const char *pd_config_env(const resolver *r, const char *name)
{
    const char *value = raw_env(r, name);

    return value && value[0] != '\0' ? value : NULL;
}

option *pd_config_option(resolver *r, const char *keyword)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->options[i].keyword, keyword) == 0)
            return &r->options[i];
    return NULL;
}

level pd_config_best(const option *o)
{
    level at = FROM_FLAG;

    while (at < LEVELS && (!o->from[at].value || o->from[at].ignored))
        at++;
    return at;
}

const char *pd_config_value(resolver *r, const char *keyword)
{
    const option *o = pd_config_option(r, keyword);
    level at = o ? pd_config_best(o) : LEVELS;

    return at < LEVELS ? o->from[at].value : NULL;
}

level pd_config_service(resolver *r)
{
    const option *o = pd_config_option(r, "service");

    return o ? pd_config_best(o) : LEVELS;
}

bool pd_config_passed(resolver *r, const option *o)
{
    level at = pd_config_best(o);

    /* A service of .env is passed, and libpq lets it win over the stronger environment. */
    if (at == FROM_ENV_PG)
        return pd_config_service(r) == FROM_FILE_PG;
    return at < LEVELS;
}

static void take_file(const resolver *r, candidate *c, const char *name)
{
    const pd_dotenv_entry *entry = pd_dotenv_find(&r->file, name);

    if (entry && entry->value[0] != '\0')
        *c = (candidate){.value = entry->value, .name = name, .line = entry->line};
}

static void take_variables(resolver *r, option *o)
{
    for (size_t i = 0; i < sizeof postgres_names / sizeof *postgres_names; i++) {
        const char *name = postgres_names[i].name;
        if (strcmp(o->keyword, postgres_names[i].keyword) != 0)
            continue;
        o->from[FROM_ENV_POSTGRES] = (candidate){.value = pd_config_env(r, name), .name = name};
        take_file(r, &o->from[FROM_FILE_POSTGRES], name);
    }
    if (!o->envvar)
        return;
    const char *value = raw_env(r, o->envvar);
    o->empty_env = value && value[0] == '\0';
    o->from[FROM_ENV_PG] = (candidate){.value = pd_config_env(r, o->envvar), .name = o->envvar};
    take_file(r, &o->from[FROM_FILE_PG], o->envvar);
}

static void take_flag(resolver *r, const char *keyword, const char *name, const char *value)
{
    option *o = pd_config_option(r, keyword);

    if (value && value[0] == '\0')
        pd_notes_add(r->problems, 0, NULL, "%s (flag %s) is empty", keyword, name);
    else if (o)
        o->from[FROM_FLAG] = (candidate){.value = value, .name = name};
}

static void take_all(resolver *r)
{
    for (size_t i = 0; i < r->count; i++) {
        option *o = &r->options[i];
        const PQconninfoOption *row = &r->table[i];
        o->keyword = row->keyword;
        o->envvar = row->envvar;
        o->compiled = row->compiled;
        o->secret = strchr(row->dispchar, '*') != NULL;
        take_variables(r, o);
        for (const PQconninfoOption *d = r->dsn; d && d->keyword; d++)
            if (strcmp(d->keyword, o->keyword) == 0 && d->val && d->val[0] != '\0')
                o->from[FROM_DSN] = (candidate){.value = d->val, .name = o->keyword};
    }
    take_flag(r, "host", "--host", r->in->host);
    take_flag(r, "port", "--port", r->in->port);
    take_flag(r, "user", "--user", r->in->user);
}

static bool is_named(resolver *r)
{
    return r->in->dsn || r->in->host || r->in->port || pd_config_value(r, "host") ||
           pd_config_value(r, "hostaddr") || pd_config_value(r, "service");
}

static void ignore_for_private(resolver *r)
{
    for (size_t i = 0; i < r->count; i++)
        for (level at = FROM_ENV_POSTGRES; at < LEVELS; at++)
            if (!fits_any_server(&r->options[i]))
                r->options[i].from[at].ignored = true;
}

/* A lower level must not override the service file. In libpq the file also wins over PG* variables
 * beside PGSERVICE; of those in .env only the password is kept, which service files seldom hold. */
static void ignore_below_service(resolver *r)
{
    level service = pd_config_service(r);

    if (service >= LEVELS)
        return;
    for (size_t i = 0; i < r->count; i++) {
        option *o = &r->options[i];
        if (strcmp(o->keyword, "service") == 0)
            continue;
        if (service < FROM_ENV_POSTGRES)
            o->from[FROM_ENV_POSTGRES].ignored = true;
        if (service < FROM_FILE_POSTGRES)
            o->from[FROM_FILE_POSTGRES].ignored = true;
        if (service < FROM_FILE_PG || strcmp(o->keyword, "password") != 0)
            o->from[FROM_FILE_PG].ignored = true;
    }
}

/* libpq connects to hostaddr whatever host says, so one from a lower level would win over the host.
 * That of the process environment libpq reads by itself: the user is warned (config_check.c). */
static void ignore_address_below_host(resolver *r)
{
    option *host = pd_config_option(r, "host"), *address = pd_config_option(r, "hostaddr");

    if (!host || !address)
        return;
    for (level at = pd_config_best(host) + 1; at < LEVELS; at++)
        if (at != FROM_ENV_PG)
            address->from[at].ignored = true;
}

bool pd_config_gather(resolver *r)
{
    r->table = PQconninfoParse("", NULL);
    if (!r->table)
        return false;
    while (r->table[r->count].keyword)
        r->count++;
    r->options = calloc(r->count, sizeof *r->options);
    if (!r->options)
        return false;
    if (r->in->dsn) {
        r->dsn = pd_config_parse_dsn(r);
        r->broken_input = r->broken_input || !r->dsn;
    }
    take_all(r);
    r->cfg->private_server = !is_named(r);
    if (r->cfg->private_server)
        ignore_for_private(r);
    ignore_below_service(r);
    ignore_address_below_host(r);
    return !r->out_of_memory;
}

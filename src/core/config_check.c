#include "core/config_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *pd_config_label(resolver *r, const option *o, level at)
{
    const candidate *c = &o->from[at];

    switch (at) {
    case FROM_FLAG:
        return pd_config_printf(r, "%s (flag %s)", o->keyword, c->name);
    case FROM_DSN:
        return pd_config_printf(r, "%s (--dsn)", o->keyword);
    case FROM_ENV_POSTGRES:
    case FROM_ENV_PG:
        return pd_config_printf(r, "%s (environment)", c->name);
    default:
        return pd_config_printf(r, "%s (.env line %d)", c->name, c->line);
    }
}

static size_t list_length(const char *value)
{
    size_t n = 1;

    for (; *value; value++)
        n += *value == ',';
    return n;
}

static bool is_port(const char *p, size_t len)
{
    long port = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        port = port * 10 + (p[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* Within a list an empty entry means the default port, as in libpq. */
static bool are_ports(const char *value)
{
    bool list = strchr(value, ',') != NULL;

    for (;;) {
        size_t len = strcspn(value, ",");
        if (!is_port(value, len) && !(list && len == 0))
            return false;
        if (value[len] == '\0')
            return true;
        value += len + 1;
    }
}

static void check_port(resolver *r)
{
    option *o = pd_config_option(r, "port");
    level at = pd_config_best(o);
    const char *hosts = pd_config_value(r, "hostaddr");

    if (at >= LEVELS)
        return;
    hosts = hosts ? hosts : pd_config_value(r, "host");
    const char *value = o->from[at].value;
    if (!are_ports(value)) {
        /* postgresql://bob:p#a/ss@h/db is read as host bob, port p#a. */
        const char *hint = at == FROM_DSN
                               ? "is it part of a password? Percent-encode the password's special "
                                 "characters: @ %40, / %2F, : %3A, ? %3F, # %23, % %25"
                               : NULL;
        pd_notes_add(r->problems, 0, hint, "%s is not a port: a number from 1 to 65535",
                     pd_config_label(r, o, at));
        return;
    }
    size_t ports = list_length(value), n = hosts ? list_length(hosts) : 1;
    bool unknown = !hosts && pd_config_service(r) < LEVELS;
    if (ports > 1 && ports != n && !unknown)
        pd_notes_add(r->problems, 0, "give one port, or one for each host",
                     "%s lists %zu ports for %zu %s", pd_config_label(r, o, at), ports, n,
                     n == 1 ? "host" : "hosts");
}

static bool is_space(const char *value)
{
    while (isspace((unsigned char)*value))
        value++;
    return *value == '\0';
}

/* An abstract socket's name starts with '@'; elsewhere in a host there is none. */
static bool has_inner_at(const char *hosts)
{
    for (const char *p = hosts; *p; p++)
        if (*p == '@' && p > hosts && p[-1] != ',')
            return hosts[0] != '/';
    return false;
}

/* These are shown, so a connection string in the wrong place must not get through. */
static void check_shown(resolver *r, const char *keyword, bool host)
{
    option *o = pd_config_option(r, keyword);
    level at = pd_config_best(o);

    if (at >= LEVELS)
        return;
    const char *value = o->from[at].value;
    if (is_space(value))
        pd_notes_add(r->problems, 0, NULL, "%s is blank", pd_config_label(r, o, at));
    else if (strstr(value, "://") || strstr(value, "password=") || (host && has_inner_at(value)))
        pd_notes_add(r->problems, 0, "a URI or a keyword string belongs in -d/--dsn",
                     "%s is not a %s", pd_config_label(r, o, at), host ? "host" : "plain name");
}

static void require(resolver *r, const char *keyword, const char *name)
{
    const pd_dotenv_entry *entry = pd_dotenv_find(&r->file, name);

    if (pd_config_value(r, keyword))
        return;
    if (entry && entry->value[0] == '\0')
        pd_notes_add(r->problems, 0, "give it a value in .env",
                     "%s (.env line %d) is empty, and it is required when POSTGRES_HOST names the "
                     "server",
                     name, entry->line);
    else
        pd_notes_add(r->problems, 0, "set it in .env or in the environment",
                     "%s is required when POSTGRES_HOST names the server", name);
}

static void check_required(resolver *r)
{
    option *host = pd_config_option(r, "host");
    level at = pd_config_best(host);

    if (r->broken_input || pd_config_service(r) < LEVELS)
        return;
    if (at != FROM_ENV_POSTGRES && at != FROM_FILE_POSTGRES)
        return;
    require(r, "dbname", "POSTGRES_DB");
    require(r, "user", "POSTGRES_USER");
}

void pd_config_check(resolver *r)
{
    option *service = pd_config_option(r, "service");

    if (r->cfg->private_server && r->in->user && r->in->user[0] != '\0' && !r->broken_input)
        pd_notes_add(r->problems, 0, NULL, "-U needs a server: -h or -d");
    /* A service given by dsn or .env is passed, and libpq does not look at the variable. */
    if (service && service->empty_env && !pd_config_passed(r, service))
        pd_notes_add(r->problems, 0, "unset PGSERVICE",
                     "PGSERVICE (environment) is set but empty, and libpq takes that for a name");
    check_port(r);
    check_shown(r, "host", true);
    check_shown(r, "hostaddr", true);
    check_shown(r, "dbname", false);
    check_shown(r, "user", false);
    check_shown(r, "service", false);
    check_required(r);
}

static bool is_local(const char *host, size_t len)
{
    return len == 0 || host[0] == '/' || host[0] == '@' ||
           (len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
           (len > 4 && memcmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= len) ||
           (len == 3 && memcmp(host, "::1", 3) == 0);
}

static bool all_local(const char *hosts)
{
    while (hosts) {
        size_t len = strcspn(hosts, ",");
        if (!is_local(hosts, len))
            return false;
        hosts = hosts[len] ? hosts + len + 1 : NULL;
    }
    return true;
}

static void warn_clear_password(resolver *r)
{
    const char *hosts = pd_config_value(r, "hostaddr"), *mode = pd_config_value(r, "sslmode");
    const char *roots = pd_config_value(r, "sslrootcert");

    hosts = hosts ? hosts : pd_config_value(r, "host");
    if (pd_config_service(r) < LEVELS || !pd_config_value(r, "password") || all_local(hosts))
        return;
    if (!mode && roots && strcmp(roots, "system") == 0)
        mode = "verify-full"; /* which libpq then takes for itself */
    if (!mode || strcmp(mode, "verify-full") != 0)
        pd_notes_add(&r->cfg->warnings, 0, "set PGSSLMODE=verify-full",
                     "a password goes over the network to a server whose identity is not checked "
                     "(sslmode is weaker than verify-full)");
}

/* Levels are merged setting by setting, so .env's password can meet another host. */
static void warn_foreign_password(resolver *r)
{
    option *password = pd_config_option(r, "password"), *host = pd_config_option(r, "host");
    level from = pd_config_best(password), at = pd_config_best(host);

    if ((from != FROM_FILE_POSTGRES && from != FROM_FILE_PG) || at >= FROM_FILE_POSTGRES)
        return;
    const candidate *own = &host->from[FROM_FILE_POSTGRES];
    if (!own->value)
        own = &host->from[FROM_FILE_PG];
    if (own->value && strcmp(own->value, host->from[at].value) != 0)
        pd_notes_add(&r->cfg->warnings, 0, NULL, "%s is used for a host that .env does not name",
                     pd_config_label(r, password, from));
}

static void warn_address(resolver *r)
{
    option *host = pd_config_option(r, "host"), *address = pd_config_option(r, "hostaddr");
    level at = pd_config_best(host);

    if (at < LEVELS && at != FROM_ENV_PG && pd_config_best(address) == FROM_ENV_PG)
        pd_notes_add(&r->cfg->warnings, 0, "unset PGHOSTADDR to connect to the host",
                     "PGHOSTADDR (environment) decides which machine is connected to; %s is only "
                     "its name",
                     pd_config_label(r, host, at));
}

static void warn_private(resolver *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const option *o = &r->options[i];
        level at = o->from[FROM_ENV_POSTGRES].value ? FROM_ENV_POSTGRES : FROM_FILE_POSTGRES;
        if (!o->from[at].value)
            continue;
        pd_notes_add(&r->cfg->warnings, 0, "set POSTGRES_HOST to use a server of your own",
                     "%s is ignored: nothing names a server, so the private one is used",
                     pd_config_label(r, o, at));
        return;
    }
}

void pd_config_warn(resolver *r)
{
    if (r->cfg->private_server) {
        warn_private(r);
        return;
    }
    if (pd_config_option(r, "password")->from[FROM_DSN].value)
        pd_notes_add(&r->cfg->warnings, 0, "keep it in .env, PGPASSWORD or ~/.pgpass",
                     "the password in --dsn stays in the history of the shell");
    warn_clear_password(r);
    warn_foreign_password(r);
    warn_address(r);
}

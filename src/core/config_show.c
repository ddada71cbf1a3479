#include "core/config_parts.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Shown whether set or not, in this order, and what the target line is made of. */
static const char *const first_keys[] = {"host", "port", "dbname", "user", "password"};
#define FIRST_KEYS  (sizeof first_keys / sizeof *first_keys)
#define TARGET_KEYS 4

/* libpq's default role: the operating system's user. */
static const char *system_user(resolver *r)
{
    char buf[4096];
    struct passwd pw, *found = NULL;

    if (getpwuid_r(geteuid(), &pw, buf, sizeof buf, &found) != 0 || !found)
        return NULL;
    return pd_config_copy(r, found->pw_name);
}

static const char *fallback(resolver *r, const option *o)
{
    const char *user;

    if (pd_config_service(r) < LEVELS || r->cfg->private_server)
        return NULL;
    if (strcmp(o->keyword, "user") == 0)
        return system_user(r);
    if (strcmp(o->keyword, "dbname") == 0)
        return (user = pd_config_value(r, "user")) ? user : system_user(r);
    return o->compiled && o->compiled[0] != '\0' ? o->compiled : NULL;
}

static const char *origin(resolver *r, const option *o, level at)
{
    const candidate *c = &o->from[at];

    switch (at) {
    case FROM_FLAG:
        return pd_config_printf(r, "flag %s", c->name);
    case FROM_DSN:
        return "--dsn";
    case FROM_ENV_PG:
        if (pd_config_service(r) < FROM_ENV_PG ||
            (pd_config_service(r) == FROM_ENV_PG && strcmp(o->keyword, "service") != 0))
            return c->ignored ? pd_config_printf(r, "environment %s", c->name)
                              : pd_config_printf(r, "service file or environment %s", c->name);
        return pd_config_printf(r, "environment %s", c->name);
    case FROM_ENV_POSTGRES:
        return pd_config_printf(r, "environment %s", c->name);
    default:
        return pd_config_printf(r, ".env line %d", c->line);
    }
}

static pd_setting given(resolver *r, const option *o, level at)
{
    const candidate *c = &o->from[at];

    return (pd_setting){
        .key = pd_config_copy(r, o->keyword),
        .name = at == FROM_DSN ? "--dsn" : pd_config_copy(r, c->name),
        .value = o->secret ? NULL : pd_config_printable(r, c->value),
        .origin = origin(r, o, at),
        .set = true,
        .secret = o->secret,
        .ignored = c->ignored,
    };
}

static pd_setting unset(resolver *r, const option *o)
{
    const char *value = fallback(r, o);
    bool service = pd_config_service(r) < LEVELS;

    return (pd_setting){
        .key = pd_config_copy(r, o->keyword),
        .name = "",
        .value = value && !o->secret ? pd_config_printable(r, value) : NULL,
        .origin = service ? "service file (libpq)" : "default",
        .secret = o->secret,
    };
}

static bool is_first(const char *keyword)
{
    for (size_t i = 0; i < FIRST_KEYS; i++)
        if (strcmp(keyword, first_keys[i]) == 0)
            return true;
    return false;
}

static void list_option(resolver *r, const option *o, bool always, pd_setting *list, size_t *n)
{
    level best = pd_config_best(o);

    if (best < LEVELS)
        list[(*n)++] = given(r, o, best);
    else if (always && !r->cfg->private_server)
        list[(*n)++] = unset(r, o);
    for (level at = FROM_FLAG; at < LEVELS; at++)
        if (o->from[at].value && o->from[at].ignored)
            list[(*n)++] = given(r, o, at);
}

static void list_settings(resolver *r)
{
    size_t n = 0, most = r->count * (LEVELS + 1) + PD_CONFIG_OWN + 1;
    pd_setting *scratch = calloc(most, sizeof *scratch), *kept;

    if (!scratch) {
        r->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < FIRST_KEYS; i++)
        list_option(r, pd_config_option(r, first_keys[i]), true, scratch, &n);
    for (size_t i = 0; i < r->count; i++)
        if (!is_first(r->options[i].keyword))
            list_option(r, &r->options[i], false, scratch, &n);
    option *timeout = pd_config_option(r, "connect_timeout");
    if (pd_config_best(timeout) >= LEVELS && pd_config_service(r) >= LEVELS)
        scratch[n++] = (pd_setting){.key = pd_config_copy(r, timeout->keyword),
                                    .name = "",
                                    .value = PD_CONFIG_CONNECT_TIMEOUT,
                                    .origin = "default"};
    pd_config_own(r, scratch, &n);
    kept = pd_config_alloc(r, n * sizeof *kept);
    if (kept) {
        memcpy(kept, scratch, n * sizeof *kept);
        r->cfg->settings = kept;
        r->cfg->setting_count = n;
    }
    free(scratch);
}

static const char *service_target(resolver *r)
{
    const char *text = pd_config_printf(r, "service=%s", pd_config_value(r, "service"));

    for (size_t i = 0; i < TARGET_KEYS; i++) {
        const option *o = pd_config_option(r, first_keys[i]);
        if (pd_config_passed(r, o))
            text =
                pd_config_printf(r, "%s %s=%s", text, o->keyword, pd_config_value(r, o->keyword));
    }
    return text;
}

static const char *place(resolver *r)
{
    const char *host = pd_config_value(r, "host"), *address = pd_config_value(r, "hostaddr");
    const char *name = host ? host : address;

    if (!name)
        return "[local]";
    if (host && address && strcmp(host, address) != 0)
        return pd_config_printf(r, "%s(%s)", host, address);
    if (name[0] != '/' && strchr(name, ':') && !strchr(name, ','))
        return pd_config_printf(r, "[%s]", name);
    return name;
}

static const char *shown(resolver *r, const char *keyword)
{
    const char *value = pd_config_value(r, keyword);

    value = value ? value : fallback(r, pd_config_option(r, keyword));
    return value ? value : "?";
}

static const char *target(resolver *r)
{
    if (r->cfg->private_server)
        return "private server";
    if (pd_config_service(r) < LEVELS)
        return pd_config_printable(r, service_target(r));
    return pd_config_printable(r, pd_config_printf(r, "%s@%s:%s/%s", shown(r, "user"), place(r),
                                                   shown(r, "port"), shown(r, "dbname")));
}

/* The words for where a value comes from, without lines and names. */
static const char *family(resolver *r, const option *o)
{
    level at = pd_config_best(o), service = pd_config_service(r);

    if (at == FROM_ENV_PG && service <= FROM_ENV_PG)
        return "the service file or the environment";
    switch (at) {
    case FROM_FLAG:
        return "flags";
    case FROM_DSN:
        return "--dsn";
    case FROM_ENV_POSTGRES:
    case FROM_ENV_PG:
        return "the environment";
    case FROM_FILE_POSTGRES:
    case FROM_FILE_PG:
        return ".env";
    default:
        return service < LEVELS ? "the service file" : "defaults";
    }
}

/* "host", "host and port", "host, port and user" of the keys that are in the group. */
static const char *key_list(resolver *r, const char *const *families, const char *group)
{
    static const char *const names[] = {"host", "port", "db", "user"};
    const char *text = "";
    size_t left = 0;

    for (size_t i = 0; i < TARGET_KEYS; i++)
        left += strcmp(families[i], group) == 0;
    for (size_t i = 0; i < TARGET_KEYS; i++) {
        if (strcmp(families[i], group) != 0)
            continue;
        left--;
        text = pd_config_printf(r, "%s%s%s", text, names[i],
                                left > 1    ? ", "
                                : left == 1 ? " and "
                                            : "");
    }
    return text;
}

static const char *summary(resolver *r)
{
    const char *families[TARGET_KEYS], *text = "";
    size_t same = 0;

    if (r->cfg->private_server)
        return "nothing names a server";
    for (size_t i = 0; i < TARGET_KEYS; i++) {
        const option *o = pd_config_option(r, first_keys[i]);
        const option *address = pd_config_option(r, "hostaddr");
        if (i == 0 && pd_config_best(o) >= LEVELS)
            o = address;
        families[i] = family(r, o);
    }
    for (size_t i = 0; i < TARGET_KEYS; i++) {
        bool repeated = false;
        for (size_t j = 0; j < i; j++)
            repeated = repeated || strcmp(families[i], families[j]) == 0;
        same += strcmp(families[i], families[0]) == 0;
        if (!repeated)
            text = pd_config_printf(r, "%s%s%s from %s", text, i > 0 ? "; " : "",
                                    key_list(r, families, families[i]), families[i]);
    }
    return same == TARGET_KEYS ? pd_config_printf(r, "from %s", families[0]) : text;
}

void pd_config_show(resolver *r)
{
    list_settings(r);
    r->cfg->target = target(r);
    r->cfg->origin = summary(r);
}

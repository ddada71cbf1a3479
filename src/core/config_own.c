#include "core/config_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_DEFAULT "2000"

static const char *const own_names[PD_CONFIG_OWN] = {
    "SIMULATOR_INTERVAL_MS",
    "PARTDEMO_ROOT",
    "PARTDEMO_STATE",
    "PARTDEMO_PG_BIN",
};

static const char *const postgres_names[] = {
    "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD",
};

/* libpq reads these from the process environment only; there is no keyword to pass. */
static const char *const process_only[] = {
    "PGTZ", "PGDATESTYLE", "PGGEQO", "PGSERVICEFILE", "PGSYSCONFDIR", "PGLOCALEDIR",
};

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static void take_interval(resolver *r, const pd_setting *s, const char *value, int line)
{
    char *end;

    errno = 0;
    long n = value[0] >= '0' && value[0] <= '9' ? strtol(value, &end, 10) : 0;
    if (n > 0 && n <= INT_MAX && errno == 0 && *end == '\0')
        r->cfg->simulator_interval_ms = (int)n;
    else if (line > 0)
        pd_notes_add(r->problems, 0, NULL,
                     "%s (.env line %d) is not a number of milliseconds from 1 to %d", s->key, line,
                     INT_MAX);
    else
        pd_notes_add(r->problems, 0, NULL,
                     "%s (environment) is not a number of milliseconds from 1 to %d", s->key,
                     INT_MAX);
}

void pd_config_own(resolver *r, pd_setting *list, size_t *n)
{
    const char **slots[PD_CONFIG_OWN] = {NULL, &r->cfg->root, &r->cfg->state, &r->cfg->pg_bin};

    for (size_t i = 0; i < PD_CONFIG_OWN; i++) {
        const char *value = pd_config_env(r, own_names[i]);
        const pd_dotenv_entry *entry = value ? NULL : pd_dotenv_find(&r->file, own_names[i]);
        pd_setting s = {.key = own_names[i], .name = own_names[i]};
        if (entry && entry->value[0] == '\0')
            entry = NULL;
        if (value)
            s.origin = pd_config_printf(r, "environment %s", own_names[i]);
        else if (entry)
            s.origin = pd_config_printf(r, ".env line %d", entry->line);
        else
            s.origin = "default";
        value = value ? value : entry ? entry->value : NULL;
        s.set = value != NULL;
        if (!s.set)
            s.name = "";
        if (!slots[i]) {
            value = value ? value : INTERVAL_DEFAULT;
            take_interval(r, &s, value, entry ? entry->line : 0);
        } else if (value) {
            *slots[i] = pd_config_copy(r, value);
        }
        s.value = value ? pd_config_printable(r, value) : NULL;
        list[(*n)++] = s;
    }
}

/* Edit distance, never more than max + 1; a and b are short. */
static size_t distance(const char *a, const char *b, size_t max)
{
    enum { LONGEST = 40 };
    size_t row[LONGEST + 1], la = strlen(a), lb = strlen(b);

    if (la > LONGEST || lb > LONGEST)
        return max + 1;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = change < least ? change : least;
        }
    }
    return row[lb] > max ? max + 1 : row[lb];
}

static const char *nearest(resolver *r, const char *name)
{
    const char *best = NULL;
    size_t least = 3; /* more than two slips of the finger are another word */

    for (size_t i = 0; i < LENGTH(own_names) + LENGTH(postgres_names) + r->count; i++) {
        const char *known = i < LENGTH(own_names) ? own_names[i]
                            : i < LENGTH(own_names) + LENGTH(postgres_names)
                                ? postgres_names[i - LENGTH(own_names)]
                                : r->options[i - LENGTH(own_names) - LENGTH(postgres_names)].envvar;
        size_t d = known ? distance(name, known, 2) : 3;
        if (d < least) {
            least = d;
            best = known;
        }
    }
    return best;
}

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static bool starts(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Names of other programs live in .env too: only what looks like ours is remarked upon. */
static void remark(resolver *r, const char *name, int line)
{
    pd_notes *w = &r->cfg->warnings;

    if (is_one_of(name, process_only, LENGTH(process_only))) {
        pd_notes_add(w, line, NULL,
                     ".env line %d: libpq reads %s from the process environment only", line, name);
        return;
    }
    if (!starts(name, "PARTDEMO_") && !starts(name, "POSTGRES_") && !starts(name, "PG") &&
        !starts(name, "SIMULATOR_"))
        return;
    const char *close = nearest(r, name);
    if (close)
        pd_notes_add(w, line, NULL, ".env line %d: unknown name %s; did you mean %s?", line, name,
                     close);
    else if (starts(name, "PARTDEMO_"))
        pd_notes_add(w, line, NULL, ".env line %d: unknown name %s", line, name);
}

static bool is_known(resolver *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->options[i].envvar && strcmp(name, r->options[i].envvar) == 0)
            return true;
    return is_one_of(name, own_names, LENGTH(own_names)) ||
           is_one_of(name, postgres_names, LENGTH(postgres_names));
}

void pd_config_unknown_names(resolver *r)
{
    for (size_t i = 0; i < r->file.count; i++)
        if (!is_known(r, r->file.entries[i].name))
            remark(r, r->file.entries[i].name, r->file.entries[i].line);
}

#include "core/config.h"

#include "core/config_parts.h"

#include <stdlib.h>
#include <string.h>

static bool out_of_memory(pd_err *err)
{
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

/* Wrong lines are problems like any other, so that all are told at once. */
static bool read_dotenv(resolver *r, pd_err *err)
{
    if (!r->in->dotenv || pd_dotenv_load(&r->file, r->in->dotenv, err))
        return true;
    if (err->kind == PD_ERR_SYSTEM)
        return false;
    r->broken_input = true;
    for (size_t i = 0; i < r->file.errors.count; i++) {
        const pd_note *e = &r->file.errors.items[i];
        pd_notes_add(r->problems, e->line, e->hint, ".env line %d: %s", e->line, e->text);
    }
    if (r->file.errors.count == 0)
        pd_notes_add(r->problems, 0, NULL, ".env: %s", err->message);
    return true;
}

static void take_file_warnings(resolver *r)
{
    for (size_t i = 0; i < r->file.warnings.count; i++) {
        const pd_note *w = &r->file.warnings.items[i];
        if (w->line > 0)
            pd_notes_add(&r->cfg->warnings, w->line, w->hint, ".env line %d: %s", w->line, w->text);
        else
            pd_notes_add(&r->cfg->warnings, 0, w->hint, ".env: %s", w->text);
    }
    pd_config_unknown_names(r);
}

/* libpq reads a variable by itself and refuses an empty sslmode; the private server must not be
 * held to a TLS or replica setting that is meant for another one. Passing libpq's own default
 * undoes it. */
static bool must_undo(resolver *r, const option *o)
{
    if (!o->compiled || o->compiled[0] == '\0' || strcmp(o->keyword, "port") == 0)
        return false;
    if (pd_config_best(o) < LEVELS || pd_config_service(r) < LEVELS)
        return false;
    return o->empty_env || (o->from[FROM_ENV_PG].value && o->from[FROM_ENV_PG].ignored);
}

static void build_params(resolver *r)
{
    size_t n = 0, size = (r->count + 1) * sizeof(char *);
    const char **keywords = pd_config_alloc(r, size), **values = pd_config_alloc(r, size);

    if (!keywords || !values)
        return;
    for (size_t i = 0; i < r->count; i++) {
        const option *o = &r->options[i];
        level at = pd_config_best(o);
        const char *value = NULL;
        if (pd_config_passed(r, o))
            value = o->from[at].value;
        else if (must_undo(r, o))
            value = o->compiled;
        else if (strcmp(o->keyword, "connect_timeout") == 0 && at >= LEVELS &&
                 pd_config_service(r) >= LEVELS)
            value = PD_CONFIG_CONNECT_TIMEOUT;
        if (!value)
            continue;
        keywords[n] = pd_config_copy(r, o->keyword);
        values[n++] = pd_config_copy(r, value);
    }
    r->cfg->keywords = keywords;
    r->cfg->values = values;
    r->cfg->param_count = n;
}

static bool summarize(const pd_notes *problems, pd_err *err)
{
    char text[sizeof err->message] = "";
    size_t used = 0;

    if (problems->count == 1) {
        pd_err_set(err, PD_ERR_CONFIG, "%s", problems->items[0].text);
        err->line = problems->items[0].line;
        return pd_err_hint(err, "%s", problems->items[0].hint);
    }
    for (size_t i = 0; i < problems->count && used < sizeof text - 1; i++) {
        pd_err_copy(text + used, sizeof text - used, i > 0 ? "; " : "");
        used += strlen(text + used);
        pd_err_copy(text + used, sizeof text - used, problems->items[i].text);
        used += strlen(text + used);
    }
    return pd_err_set(err, PD_ERR_CONFIG, "%zu settings are wrong: %s", problems->count, text);
}

static bool resolve(resolver *r, pd_err *err)
{
    if (!read_dotenv(r, err))
        return false;
    if (!pd_config_gather(r))
        return out_of_memory(err);
    pd_config_check(r);
    take_file_warnings(r);
    pd_config_warn(r);
    build_params(r);
    pd_config_show(r);
    if (r->out_of_memory || r->problems->out_of_memory || r->cfg->warnings.out_of_memory)
        return out_of_memory(err);
    return r->problems->count == 0 || summarize(r->problems, err);
}

bool pd_config_resolve(const pd_config_input *in, pd_config **out, pd_notes *problems, pd_err *err)
{
    pd_err unwanted;
    resolver r = {.in = in, .problems = problems, .cfg = calloc(1, sizeof(pd_config))};
    bool ok = false;

    *out = NULL;
    err = err ? err : &unwanted;
    if (!r.cfg) {
        out_of_memory(err);
        goto done;
    }
    ok = resolve(&r, err);
    if (ok) {
        *out = r.cfg;
        r.cfg = NULL;
    } else if (err->kind == PD_ERR_SYSTEM) {
        pd_notes_free(problems);
    }
done:
    pd_dotenv_free(&r.file);
    pd_config_free_conninfo(r.dsn);
    pd_config_free_conninfo(r.table);
    free(r.options);
    pd_config_free(r.cfg);
    return ok;
}

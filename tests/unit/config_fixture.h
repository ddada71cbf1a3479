/* Runs pd_config_resolve on inputs written as text, and searches all it tells for the secret. */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include "core/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Stands for a password, or for a value that no message may repeat. */
#define SECRET "s3cr3tTOP"

typedef struct given {
    const char *dsn, *host, *port, *user;
    const char *env;    /* "A=1|B=2" */
    const char *dotenv; /* the text of .env; NULL = no such file */
} given;

typedef struct outcome {
    bool ok;
    pd_config *cfg;
    pd_notes problems;
    pd_err err;
    char *env_text;
    char *env[64];
} outcome;

static char dotenv_path[] = "/tmp/pd-config-XXXXXX";

static inline int make_dotenv(void **state)
{
    int fd = mkstemp(dotenv_path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static inline int remove_dotenv(void **state)
{
    (void)state;
    return unlink(dotenv_path);
}

static inline void no_secret(const char *text)
{
    if (text && strstr(text, SECRET))
        fail_msg("the secret is shown: %s", text);
}

static inline void no_secret_in_notes(const pd_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        no_secret(notes->items[i].text);
        no_secret(notes->items[i].hint);
    }
}

static inline void no_secret_anywhere(const outcome *o)
{
    no_secret_in_notes(&o->problems);
    if (!o->ok) {
        no_secret(o->err.message);
        no_secret(o->err.hint);
        no_secret(o->err.detail);
        return;
    }
    no_secret_in_notes(&o->cfg->warnings);
    no_secret(o->cfg->target);
    no_secret(o->cfg->origin);
    for (size_t i = 0; i < o->cfg->setting_count; i++) {
        const pd_setting *s = &o->cfg->settings[i];
        no_secret(s->key);
        no_secret(s->name);
        no_secret(s->value);
        no_secret(s->origin);
        assert_true(!s->secret || !s->value);
    }
}

static inline pd_config_input make_input(const given *in, outcome *o)
{
    size_t n = 0;

    memset(o, 0, sizeof *o);
    o->env_text = strdup(in->env ? in->env : "");
    assert_non_null(o->env_text);
    for (char *save = NULL, *e = strtok_r(o->env_text, "|", &save); e;
         e = strtok_r(NULL, "|", &save)) {
        assert_true(n < sizeof o->env / sizeof *o->env - 1);
        o->env[n++] = e;
    }
    if (in->dotenv) {
        FILE *f = fopen(dotenv_path, "w");
        assert_non_null(f);
        assert_true(fputs(in->dotenv, f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    return (pd_config_input){.dsn = in->dsn,
                             .host = in->host,
                             .port = in->port,
                             .user = in->user,
                             .env = o->env,
                             .dotenv = in->dotenv ? dotenv_path : NULL};
}

static inline void run_quietly(const given *in, outcome *o)
{
    pd_config_input input = make_input(in, o);

    o->ok = pd_config_resolve(&input, &o->cfg, &o->problems, &o->err);
    no_secret_anywhere(o);
    assert_true(o->ok == (o->cfg != NULL));
    assert_true(o->ok == (o->problems.count == 0));
}

static inline void run(const given *in, outcome *o)
{
    run_quietly(in, o);
    if (!o->ok)
        fail_msg("refused: %s", o->err.message);
}

static inline void finish(outcome *o)
{
    pd_config_free(o->cfg);
    pd_notes_free(&o->problems);
    free(o->env_text);
}

static inline const char *param(const outcome *o, const char *keyword)
{
    const char *value = NULL;

    for (size_t i = 0; i < o->cfg->param_count; i++) {
        if (strcmp(o->cfg->keywords[i], keyword) != 0)
            continue;
        assert_null(value); /* once */
        value = o->cfg->values[i];
    }
    assert_null(o->cfg->keywords[o->cfg->param_count]);
    assert_null(o->cfg->values[o->cfg->param_count]);
    return value;
}

static inline void assert_text(const char *what, const char *got, const char *want)
{
    got = got ? got : "(none)";
    want = want ? want : "(none)";
    if (strcmp(got, want) != 0)
        fail_msg("%s: got %s, want %s", what, got, want);
}

static inline const pd_setting *setting(const outcome *o, const char *key, bool ignored)
{
    for (size_t i = 0; i < o->cfg->setting_count; i++)
        if (strcmp(o->cfg->settings[i].key, key) == 0 && o->cfg->settings[i].ignored == ignored)
            return &o->cfg->settings[i];
    return NULL;
}

static inline bool has_note(const pd_notes *notes, const char *text)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strcmp(notes->items[i].text, text) == 0)
            return true;
    return false;
}

#endif

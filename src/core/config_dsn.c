/*
 * libpq parses the dsn; its messages quote what they could not read, which may be a password. So
 * they are thrown away, and the dsn is looked at again here only to say what kind of fault it is.
 */
#include "core/config_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ENCODE_HINT                                                                                \
    "percent-encode special characters of the user and the password: "                             \
    "@ %40, / %2F, : %3A, ? %3F, # %23, % %25"
#define FORM_HINT                                                                                  \
    "-d takes a URI such as postgresql://user@host:5432/mydb or keywords such as 'dbname=mydb'"
#define PARSE_FAULT(what) "--dsn could not be parsed: " what

typedef struct fault {
    const char *text, *hint; /* text NULL = none found */
} fault;

static const fault no_fault = {NULL, NULL};

typedef struct seen {
    resolver *r;
    bool *given; /* per option of the table */
} seen;

static size_t known_keyword(const resolver *r, const char *name, size_t len)
{
    size_t i = 0;

    while (r->table[i].keyword &&
           (strlen(r->table[i].keyword) != len || memcmp(r->table[i].keyword, name, len) != 0))
        i++;
    return i;
}

/* Only a name that libpq knows may be shown. */
static fault take_keyword(seen *s, const char *name, size_t len, bool uri)
{
    size_t i = known_keyword(s->r, name, len);

    if (s->r->table[i].keyword) {
        if (s->given[i])
            pd_notes_add(&s->r->cfg->warnings, 0, NULL, "--dsn gives %s twice; the last one counts",
                         s->r->table[i].keyword);
        s->given[i] = true;
        return no_fault;
    }
    if (uri)
        return (fault){
            PARSE_FAULT("a parameter after '?' is not known to libpq"),
            "parameters are libpq's keywords, such as ?sslmode=verify-full; " ENCODE_HINT};
    return (fault){PARSE_FAULT("a keyword is not known to libpq"),
                   "put a value with blanks in single quotes; keywords are host, port, dbname, "
                   "user, password, sslmode, ..."};
}

static const char *skip_space(const char *p)
{
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* Behind the value that starts at p; NULL when its quote is not closed. */
static const char *skip_value(const char *p)
{
    bool quoted = *p == '\'';

    for (p += quoted; *p; p++) {
        if (quoted ? *p == '\'' : isspace((unsigned char)*p))
            return p + quoted;
        if (*p == '\\' && p[1] != '\0')
            p++;
    }
    return quoted ? NULL : p;
}

static fault scan_keywords(seen *s, const char *p)
{
    for (p = skip_space(p); *p; p = skip_space(p)) {
        const char *name = p;
        while (*p && *p != '=' && !isspace((unsigned char)*p))
            p++;
        size_t len = (size_t)(p - name);
        p = skip_space(p);
        if (*p != '=')
            return (fault){PARSE_FAULT("a word has no '=' after it"), FORM_HINT};
        fault f = take_keyword(s, name, len, false);
        if (f.text)
            return f;
        p = skip_value(skip_space(p + 1));
        if (!p)
            return (fault){PARSE_FAULT("a single quote is not closed"),
                           "write \\' for a quote within a value and \\\\ for a backslash"};
    }
    return no_fault;
}

static const fault stray_at = {"--dsn has an '@' behind the user part", ENCODE_HINT};

static fault scan_query(seen *s, const char *p)
{
    while (*p) {
        size_t len = strcspn(p, "&");
        const char *eq = memchr(p, '=', len);
        if (!eq || memchr(eq + 1, '=', len - (size_t)(eq + 1 - p)))
            return (fault){PARSE_FAULT("a parameter after '?' is not of the form name=value"),
                           ENCODE_HINT ", = %3D, & %26"};
        size_t name_len = (size_t)(eq - p);
        bool user = name_len == 4 && memcmp(p, "user", 4) == 0; /* user=bob@corp is common */
        if (!user && memchr(eq, '@', len - name_len))
            return stray_at;
        /* "ssl=true" is JDBC's, accepted by libpq; an encoded name is left to libpq too. */
        bool skip = memchr(p, '%', name_len) || (len == 8 && memcmp(p, "ssl=true", 8) == 0);
        fault f = skip ? no_fault : take_keyword(s, p, name_len, true);
        if (f.text)
            return f;
        p += len + (p[len] == '&');
    }
    return no_fault;
}

static bool percent_wrong(const char *p)
{
    for (; (p = strchr(p, '%')); p += 3)
        if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]) ||
            (p[1] == '0' && p[2] == '0'))
            return true;
    return false;
}

/* rest is what follows "postgresql://". libpq ends the user part at the first '@' and has none when
 * a '/' comes first. Any '@' behind that is a password's, not encoded, and would pass for a part of
 * the host, the database name or a parameter. */
static fault scan_uri(seen *s, const char *rest)
{
    const char *p = rest + strcspn(rest, "@/");
    const char *place = *p == '@' ? p + 1 : rest;
    const char *query = place + strcspn(place, "?");

    if (percent_wrong(rest))
        return (fault){PARSE_FAULT("invalid percent-encoding"), "write % as %25; " ENCODE_HINT};
    if (memchr(place, '@', (size_t)(query - place)))
        return stray_at;
    if (memchr(place, '[', (size_t)(query - place)) && !memchr(place, ']', (size_t)(query - place)))
        return (fault){PARSE_FAULT("the '[' of an IPv6 address is not closed"), ENCODE_HINT};
    return *query ? scan_query(s, query + 1) : no_fault;
}

/* The scheme's length with "://", 0 when dsn does not look like a URI. */
static size_t scheme_length(const char *dsn)
{
    size_t len = 0;

    while (isalnum((unsigned char)dsn[len]) || strchr("+-.", dsn[len]) != NULL) {
        if (dsn[len] == '\0')
            return 0;
        len++;
    }
    return len > 0 && strncmp(dsn + len, "://", 3) == 0 ? len + 3 : 0;
}

static fault scan(seen *s, const char *dsn)
{
    size_t len = scheme_length(dsn);

    if (*skip_space(dsn) == '\0')
        return (fault){"--dsn is empty", FORM_HINT};
    if (len == 0)
        return scan_keywords(s, dsn);
    if (strncmp(dsn, "postgresql://", len) != 0 && strncmp(dsn, "postgres://", len) != 0)
        return (fault){PARSE_FAULT("unknown URI scheme"),
                       "a URI starts with postgresql:// or postgres://"};
    return scan_uri(s, dsn + len);
}

static PQconninfoOption *parse(resolver *r, const char *dsn)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(dsn, &message);

    if (!options && (!message || strcmp(message, "out of memory\n") == 0))
        r->out_of_memory = true;
    else if (!options)
        pd_notes_add(r->problems, 0, FORM_HINT "; " ENCODE_HINT,
                     "--dsn: the connection URI or keyword string could not be parsed");
    if (message) {
        explicit_bzero(message, strlen(message));
        PQfreemem(message);
    }
    return options;
}

PQconninfoOption *pd_config_parse_dsn(resolver *r)
{
    seen s = {.r = r, .given = calloc(r->count, sizeof(bool))};
    PQconninfoOption *options = NULL;

    if (!s.given) {
        r->out_of_memory = true;
        return NULL;
    }
    fault f = scan(&s, r->in->dsn);
    if (f.text)
        pd_notes_add(r->problems, 0, f.hint, "%s", f.text);
    else
        options = parse(r, r->in->dsn);
    free(s.given);
    return options;
}

void pd_config_free_conninfo(PQconninfoOption *options)
{
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val)
            explicit_bzero(o->val, strlen(o->val));
    PQconninfoFree(options);
}

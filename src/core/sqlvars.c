/* psql's variables: :name, :'name', :"name" and :{?name}, and the list of those a file uses. */
#include "core/sqlsplit.h"

#include <stdlib.h>
#include <string.h>

/* What a variable within a value costs of the budget beside its text: values that name each other
 * several times over take time even if they come to nothing. */
enum { NESTED_COST = 64 };

static unsigned hash_of(const char *name, size_t len)
{
    unsigned hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619U;
    return hash;
}

static const char *names_of(const pd_sqlbuild *build)
{
    return build->out->names;
}

/* The slot that holds the name, or the free one where it belongs. */
static unsigned *slot_of(pd_sqlbuild *build, const char *name, size_t len, unsigned hash)
{
    size_t i = hash & (build->table_size - 1);

    for (;; i = (i + 1) & (build->table_size - 1)) {
        unsigned index = build->table[i];
        if (index == 0)
            return &build->table[i];
        const pd_sqlname *known = &build->names[index - 1];
        if (known->hash == hash && known->len == len &&
            memcmp(names_of(build) + known->at, name, len) == 0)
            return &build->table[i];
    }
}

/* Keeps the table at most half full; its size is a power of two. */
static bool make_room(pd_sqlbuild *build)
{
    size_t size = build->table_size ? build->table_size * 2 : 64;
    unsigned *table;

    if (build->names_count * 2 < build->table_size)
        return true;
    table = calloc(size, sizeof *table);
    if (!table) {
        build->failed = true;
        return pd_err_set(build->err, PD_ERR_SYSTEM, "out of memory");
    }
    free(build->table);
    build->table = table;
    build->table_size = size;
    for (size_t i = 0; i < build->names_count; i++) {
        const pd_sqlname *n = &build->names[i];
        *slot_of(build, names_of(build) + n->at, n->len, n->hash) = (unsigned)i + 1;
    }
    return true;
}

static void remember(pd_sqlbuild *build, const char *name, size_t len, bool defined)
{
    pd_sqltext *out = build->out;
    unsigned hash = hash_of(name, len);

    if ((!defined && pd_sql_digit(name[0])) || !make_room(build))
        return;
    unsigned *slot = slot_of(build, name, len, hash);
    if (*slot != 0)
        return;
    build->names = pd_sqlbuild_grow(build, build->names, &build->names_cap, build->names_count + 1,
                                    sizeof *build->names);
    out->names =
        pd_sqlbuild_grow(build, out->names, &build->names_room, build->names_len + len + 1, 1);
    if (build->failed)
        return;
    memcpy(out->names + build->names_len, name, len);
    out->names[build->names_len + len] = '\0';
    build->names[build->names_count++] = (pd_sqlname){
        .at = build->names_len, .len = len, .hash = hash, .line = build->line, .defined = defined};
    build->names_len += len + 1;
    *slot = (unsigned)build->names_count;
}

/* The list for the caller, once the names have stopped moving. */
void pd_sqlvars_finish(pd_sqlbuild *build)
{
    pd_sqltext *out = build->out;
    size_t cap = 0;

    out->vars = pd_sqlbuild_grow(build, out->vars, &cap, build->names_count, sizeof *out->vars);
    if (build->failed)
        return;
    for (size_t i = 0; i < build->names_count; i++) {
        const pd_sqlname *n = &build->names[i];
        out->vars[i] =
            (pd_sqlvar){.name = out->names + n->at, .line = n->line, .defined = n->defined};
    }
    out->var_count = build->names_count;
}

static const char *look_up(const pd_sqlscan *scan, const char *name, size_t len)
{
    const pd_sqltext_vars *vars = scan->vars;

    return vars && vars->lookup ? vars->lookup(vars->ud, name, len) : NULL;
}

/* Length of the character at p (NUL-terminated), 0 if it is not valid UTF-8. */
static size_t utf8_length(const unsigned char *p)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    unsigned code;

    if (len < 2)
        return len;
    if (p[0] >= 0xF8)
        return 0;
    code = p[0] & (0x7FU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    if (code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    return len;
}

static bool is_utf8(const char *value)
{
    const unsigned char *p = (const unsigned char *)value;

    while (*p) {
        size_t len = utf8_length(p);
        if (len == 0)
            return false;
        p += len;
    }
    return true;
}

/* Quotes as libpq's PQescapeLiteral (') and PQescapeIdentifier (") do. */
static void substitute_quoted(pd_sqlscan *scan, const char *value, char quote, const char *at)
{
    pd_sqlbuild *build = scan->build;
    bool escape = quote == '\'' && strchr(value, '\\') != NULL;
    const char doubled[] = {quote, escape ? '\\' : '\0', '\0'};

    if (escape)
        pd_sqlbuild_substitute(build, " E", 2, at);
    pd_sqlbuild_substitute(build, &quote, 1, at);
    while (*value) {
        size_t n = strcspn(value, doubled);
        pd_sqlbuild_substitute(build, value, n, at);
        if (value[n]) {
            const char pair[] = {value[n], value[n]};
            pd_sqlbuild_substitute(build, pair, 2, at);
            n++;
        }
        value += n;
    }
    pd_sqlbuild_substitute(build, &quote, 1, at);
}

/* Where the text at p of the innermost source stands in the file. */
static const char *place(const pd_sqlscan *scan, const char *p)
{
    return scan->depth == 1 ? p : scan->anchor;
}

static void quote_variable(pd_sqlscan *scan, const char *p, size_t len)
{
    pd_sqlbuild *build = scan->build;
    const char *value = look_up(scan, p + 2, len);

    remember(build, p + 2, len, value != NULL);
    pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
    if (!value) {
        pd_sqlscan_take(scan, len + 3);
    } else if (!is_utf8(value)) {
        pd_sqlbuild_fail(build, build->line, "the value of a variable is not valid UTF-8: %.*s",
                         (int)(len < 64 ? len : 64), p + 2);
    } else {
        substitute_quoted(scan, value, p[1], place(scan, p));
        pd_sqlscan_top(scan)->p += len + 3;
    }
}

static bool is_being_expanded(const pd_sqlscan *scan, const char *name, size_t len)
{
    for (size_t i = 1; i < scan->depth; i++) {
        if (scan->stack[i].name_len == len && memcmp(scan->stack[i].name, name, len) == 0)
            return true;
    }
    return false;
}

/* The value is lexed in place of the name; within itself a name stands for itself. */
static void expand_variable(pd_sqlscan *scan, const char *p, size_t len)
{
    pd_sqlbuild *build = scan->build;
    const char *value = look_up(scan, p + 1, len);

    remember(build, p + 1, len, value != NULL);
    if (!value || is_being_expanded(scan, p + 1, len)) {
        pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
        pd_sqlscan_take(scan, len + 1);
        return;
    }
    size_t size = strlen(value), cost = size + (scan->depth > 1 ? NESTED_COST : 0);
    if (cost > scan->budget) {
        pd_sqlbuild_fail(build, build->line, "the variables of this file expand to too much text");
        return;
    }
    scan->budget -= cost;
    if (!build->has_token)
        build->note.begin = NULL; /* a comment's range holds nothing but comments */
    scan->anchor = place(scan, p);
    pd_sqlscan_top(scan)->p += len + 1;
    pd_sqlsource in = {.p = value, .end = value + size, .name = p + 1, .name_len = len};
    pd_sqlscan_push(scan, &in);
}

static void test_variable(pd_sqlscan *scan, const char *p, size_t len)
{
    bool defined = look_up(scan, p + 3, len) != NULL;

    if (defined)
        remember(scan->build, p + 3, len, true);
    pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
    if (defined)
        pd_sqlbuild_substitute(scan->build, "TRUE", 4, place(scan, p));
    else
        pd_sqlbuild_substitute(scan->build, "FALSE", 5, place(scan, p));
    pd_sqlscan_top(scan)->p += len + 4;
}

/* Takes the identifier that the source is at, quoted or not, under its other name if it has one. A
 * name longer than what PostgreSQL keeps of it has none. */
bool pd_sqlvars_renamed(pd_sqlscan *scan, const char *p, size_t len)
{
    const pd_sqltext_vars *vars = scan->vars;
    bool quoted = *p == '"';
    size_t size = quoted ? len - 2 : len;
    char name[64];

    if (!vars || !vars->rename || size >= sizeof name)
        return false;
    memcpy(name, p + quoted, size);
    for (size_t i = 0; i < size && !quoted; i++)
        name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    const char *other = vars->rename(vars->ud, name, size);
    if (!other)
        return false;
    pd_sqlbuild_substitute(scan->build, other, strlen(other), place(scan, p));
    pd_sqlscan_top(scan)->p += len;
    return true;
}

static size_t name_length(const char *p, size_t at, size_t rem)
{
    size_t n = at;

    while (n < rem && (pd_sql_letter(p[n]) || pd_sql_digit(p[n])))
        n++;
    return n - at;
}

/* The source is at a ':'. What looks like a variable but is not complete sends the colon alone. */
void pd_sqlvars_colon(pd_sqlscan *scan)
{
    const char *p = pd_sqlscan_top(scan)->p;
    size_t rem = (size_t)(pd_sqlscan_top(scan)->end - p), len = name_length(p, 1, rem);
    char next = rem > 1 ? p[1] : '\0';

    if (len > 0) {
        expand_variable(scan, p, len);
        return;
    }
    if (next == '\'' || next == '"') {
        len = name_length(p, 2, rem);
        if (len > 0 && len + 2 < rem && p[len + 2] == next) {
            quote_variable(scan, p, len);
            return;
        }
    } else if (next == '{' && rem > 2 && p[2] == '?') {
        len = name_length(p, 3, rem);
        if (len > 0 && len + 3 < rem && p[len + 3] == '}') {
            test_variable(scan, p, len);
            return;
        }
    }
    pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
    pd_sqlscan_take(scan, next == ':' ? 2 : 1);
}

/* The syntax of partition bounds, as ruleutils.c of PostgreSQL writes them. */
#include "core/bound.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct parser {
    const char *text, *at;
    pd_datum *datum; /* the next free one */
    char *copy;      /* where the next value's text goes */
    pd_err *err;
} parser;

static bool expected(parser *p, const char *what)
{
    long chars = 1;

    for (const char *c = p->text; c < p->at; c++)
        chars += ((unsigned char)*c & 0xC0) != 0x80;
    return pd_err_set(p->err, PD_ERR_INPUT,
                      "cannot read the partition bound: expected %s at character %ld of %s", what,
                      chars, p->text);
}

static void skip_space(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* The length of that word, in any case, at text; 0 when it is not there. */
static size_t word_length(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncasecmp(text, word, len) == 0 && !is_word(text[len]) ? len : 0;
}

/* Takes a word or nothing. */
static bool take_word(parser *p, const char *word)
{
    skip_space(p);
    size_t len = word_length(p->at, word);
    p->at += len;
    return len > 0;
}

static bool take_sign(parser *p, char sign)
{
    skip_space(p);
    if (*p->at != sign)
        return false;
    p->at++;
    return true;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The length of a number at text, 0 when there is none. */
static size_t number_length(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = digits(at), fraction = 0;

    at += whole;
    if (*at == '.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return 0;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');
        if (digits(exponent) == 0)
            return 0;
        at = exponent + digits(exponent);
    }
    return is_word(*at) ? 0 : (size_t)(at - text);
}

/* Within E'...', after a backslash: PostgreSQL itself writes only a doubled backslash. */
static bool unescape(parser *p)
{
    static const char from[] = "bfnrt\\'", to[] = "\b\f\n\r\t\\'";
    const char *found = *p->at ? strchr(from, *p->at) : NULL;

    if (!found)
        return expected(p, "\\\\, \\', \\b, \\f, \\n, \\r or \\t");
    *p->copy++ = to[found - from];
    p->at++;
    return true;
}

/* A string after its first quote. */
static bool take_quoted(parser *p, bool escapes)
{
    for (;;) {
        if (*p->at == '\0')
            return expected(p, "a closing quote");
        if (*p->at == '\'' && *++p->at != '\'')
            break;
        if (*p->at == '\\' && escapes) {
            p->at++;
            if (!unescape(p))
                return false;
            continue;
        }
        *p->copy++ = *p->at++;
    }
    *p->copy++ = '\0';
    return true;
}

static bool take_bits(parser *p)
{
    const char *text = p->copy;

    if (!take_quoted(p, false))
        return false;
    return text[strspn(text, "01")] == '\0' ? true : expected(p, "a string of 0 and 1");
}

static bool take_bare(parser *p)
{
    size_t len = number_length(p->at);

    len = len ? len : word_length(p->at, "true");
    len = len ? len : word_length(p->at, "false");
    if (len == 0)
        return expected(p, "a value");
    memcpy(p->copy, p->at, len);
    p->copy[len] = '\0';
    p->copy += len + 1;
    p->at += len;
    return true;
}

static bool take_value(parser *p, pd_boundkind kind)
{
    pd_datum *datum = p->datum++;

    *datum = (pd_datum){.kind = PD_DATUM_VALUE, .text = p->copy};
    skip_space(p);
    if (take_sign(p, '\'')) {
        datum->quote = '\'';
        return take_quoted(p, false);
    }
    if ((p->at[0] == 'E' || p->at[0] == 'e') && p->at[1] == '\'') {
        datum->quote = '\'';
        p->at += 2;
        return take_quoted(p, true);
    }
    if ((p->at[0] == 'B' || p->at[0] == 'b') && p->at[1] == '\'') {
        datum->quote = 'B';
        p->at += 2;
        return take_bits(p);
    }
    datum->text = NULL;
    if (kind == PD_BOUND_LIST && take_word(p, "NULL")) {
        datum->kind = PD_DATUM_NULL;
    } else if (kind == PD_BOUND_RANGE && take_word(p, "MINVALUE")) {
        datum->kind = PD_DATUM_MINVALUE;
    } else if (kind == PD_BOUND_RANGE && take_word(p, "MAXVALUE")) {
        datum->kind = PD_DATUM_MAXVALUE;
    } else {
        datum->text = p->copy;
        return take_bare(p);
    }
    return true;
}

/* "(value, value)" */
static bool take_row(parser *p, pd_boundkind kind, pd_datum **row, size_t *count)
{
    *row = p->datum;
    if (!take_sign(p, '('))
        return expected(p, "\"(\"");
    do {
        if (!take_value(p, kind))
            return false;
    } while (take_sign(p, ','));
    *count = (size_t)(p->datum - *row);
    return take_sign(p, ')') ? true : expected(p, "\",\" or \")\"");
}

static bool take_integer(parser *p, const char *name, int least, int *value)
{
    long number = 0;

    if (!take_word(p, name))
        return expected(p, name);
    skip_space(p);
    if (digits(p->at) == 0)
        return expected(p, "a whole number");
    for (; *p->at >= '0' && *p->at <= '9' && number <= INT_MAX; p->at++)
        number = number * 10 + (*p->at - '0');
    if (number < least || number > INT_MAX)
        return expected(p, "another whole number before this");
    *value = (int)number;
    return true;
}

static bool take_hash(parser *p, pd_bound *b)
{
    b->kind = PD_BOUND_HASH;
    if (!take_sign(p, '('))
        return expected(p, "\"(\"");
    if (!take_integer(p, "modulus", 1, &b->modulus))
        return false;
    if (!take_sign(p, ','))
        return expected(p, "\",\"");
    if (!take_integer(p, "remainder", 0, &b->remainder))
        return false;
    if (b->remainder >= b->modulus)
        return expected(p, "a remainder below the modulus before this");
    return take_sign(p, ')') ? true : expected(p, "\")\"");
}

static bool take_range(parser *p, pd_bound *b)
{
    size_t count;

    b->kind = PD_BOUND_RANGE;
    if (!take_row(p, b->kind, &b->from, &b->count))
        return false;
    if (!take_word(p, "TO"))
        return expected(p, "TO");
    if (!take_row(p, b->kind, &b->to, &count))
        return false;
    return count == b->count ? true : expected(p, "as many values after TO as before, not this");
}

static bool take_bound(parser *p, pd_bound *b)
{
    bool ok;

    if (take_word(p, "DEFAULT")) {
        b->kind = PD_BOUND_DEFAULT;
        ok = true;
    } else if (!take_word(p, "FOR") || !take_word(p, "VALUES")) {
        return expected(p, "FOR VALUES or DEFAULT");
    } else if (take_word(p, "FROM")) {
        ok = take_range(p, b);
    } else if (take_word(p, "IN")) {
        b->kind = PD_BOUND_LIST;
        ok = take_row(p, b->kind, &b->from, &b->count);
    } else if (take_word(p, "WITH")) {
        ok = take_hash(p, b);
    } else {
        return expected(p, "FROM, IN or WITH");
    }
    skip_space(p);
    return ok && (*p->at == '\0' || expected(p, "the end"));
}

/* A row has one value more than commas, and there are two rows at most. A value's text with its NUL
 * is never longer than its source with the comma or parenthesis behind it. */
bool pd_bound_parse(pd_bound *bound, const char *text, pd_err *err)
{
    size_t most = 2;
    parser p = {.text = text, .at = text, .err = err};

    *bound = (pd_bound){0};
    for (const char *c = text; *c; c++)
        most += *c == ',';
    size_t datums = most * sizeof *p.datum;
    bound->memory = malloc(datums + strlen(text) + 1);
    if (!bound->memory)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    p.datum = bound->memory;
    p.copy = (char *)bound->memory + datums;
    if (!take_bound(&p, bound)) {
        pd_bound_free(bound);
        return false;
    }
    return true;
}

void pd_bound_free(pd_bound *bound)
{
    free(bound->memory);
    *bound = (pd_bound){0};
}

/*
 * The lexer. It follows the rules of psql 15's own (longest match first), which are the server's
 * but for variables and backslashes; tokens that make no difference to where a statement, quote or
 * comment ends are taken byte by byte. No token reaches over the end of a source.
 */
#include "core/sqlsplit.h"

#include <string.h>

void pd_sqlscan_push(pd_sqlscan *scan, const pd_sqlsource *in)
{
    scan->stack = pd_sqlbuild_grow(scan->build, scan->stack, &scan->cap, scan->depth + 1,
                                   sizeof *scan->stack);
    if (!scan->build->failed)
        scan->stack[scan->depth++] = *in;
}

bool pd_sqlscan_in_quote(const pd_sqlscan *scan)
{
    return scan->state != PD_SQL_PLAIN && scan->state != PD_SQL_QUOTE_END;
}

void pd_sqlscan_take(pd_sqlscan *scan, size_t len)
{
    pd_sqlsource *in = pd_sqlscan_top(scan);

    if (scan->depth == 1)
        pd_sqlbuild_copy(scan->build, in->p, len);
    else
        pd_sqlbuild_substitute(scan->build, in->p, len, scan->anchor);
    in->p += len;
}

/* White space and "--" comments are not sent before something else is. */
static void take_blank(pd_sqlscan *scan, size_t len)
{
    if (pd_sqlbuild_started(scan->build))
        pd_sqlscan_take(scan, len);
    else
        pd_sqlscan_top(scan)->p += len;
}

static void take_other(pd_sqlscan *scan, size_t len)
{
    pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
    pd_sqlscan_take(scan, len);
}

static void open_quote(pd_sqlscan *scan, size_t len, pd_sqlstate state)
{
    scan->open_line = scan->build->line;
    scan->state = state;
    take_other(scan, len);
}

/* The end of the identifier that begins at `at`; `at` itself if none does. */
static size_t identifier(const char *p, size_t at, size_t rem)
{
    if (at < rem && pd_sql_letter(p[at])) {
        while (at < rem && (pd_sql_letter(p[at]) || pd_sql_digit(p[at]) || p[at] == '$'))
            at++;
    }
    return at;
}

/* A letter: a quote with a prefix, or an identifier. */
static void word(pd_sqlscan *scan, const char *p, size_t rem)
{
    char c = (char)(*p | 0x20), next = rem > 1 ? p[1] : '\0';
    size_t len = 1;

    if (next == '\'' && (c == 'b' || c == 'x')) {
        open_quote(scan, 2, PD_SQL_QUOTE);
    } else if (next == '\'' && c == 'e') {
        open_quote(scan, 2, PD_SQL_EQUOTE);
    } else if (next == '&' && c == 'u' && rem > 2 && (p[2] == '\'' || p[2] == '"')) {
        open_quote(scan, 3, p[2] == '"' ? PD_SQL_IDENT : PD_SQL_QUOTE);
    } else if ((next == '\'' && c == 'n') || (next == '&' && c == 'u')) {
        take_other(scan, 1); /* no identifier to psql */
    } else {
        len = identifier(p, 0, rem);
        pd_sqlscan_token(scan, PD_SQL_WORD, p, len);
        if (!pd_sqlvars_renamed(scan, p, len))
            pd_sqlscan_take(scan, len);
    }
}

static size_t digits(const char *p, size_t at, size_t rem)
{
    while (at < rem && pd_sql_digit(p[at]))
        at++;
    return at;
}

/*
 * Length of a number and of the identifier right behind it, so that "1e'" opens no E string. The
 * longer reading counts: "1e5$$" is 1 and the identifier e5$$. A sign that follows an exponent's
 * letter is taken too: "1e--" begins no comment.
 */
static size_t number(const char *p, size_t rem)
{
    size_t n = digits(p, 0, rem), junk;

    if (n + 1 < rem && p[n] == '.' && p[n + 1] == '.')
        return n;
    if (n < rem && p[n] == '.')
        n = digits(p, n + 1, rem);
    junk = identifier(p, n, rem);
    if (n < rem && (p[n] | 0x20) == 'e') {
        bool sign = n + 1 < rem && (p[n + 1] == '+' || p[n + 1] == '-');
        size_t exponent = n + 1 + sign, end = digits(p, exponent, rem);
        if (end > exponent)
            n = identifier(p, end, rem);
        else if (sign)
            n = exponent;
    }
    return n > junk ? n : junk;
}

static void dollar(pd_sqlscan *scan, const char *p, size_t rem)
{
    size_t n = pd_sqlscan_dollar_tag(p, rem);

    if (n > 0) {
        scan->tag = p;
        scan->tag_len = n;
        open_quote(scan, n, PD_SQL_DOLLAR);
        return;
    }
    n = digits(p, 1, rem); /* a parameter, with an identifier behind it as for a number */
    if (n > 1)
        n = identifier(p, n, rem);
    take_other(scan, n);
}

static void semicolon(pd_sqlscan *scan)
{
    if (scan->parens > 0 || scan->begins > 0) {
        pd_sqlscan_token(scan, PD_SQL_SEMICOLON, NULL, 0);
        pd_sqlscan_take(scan, 1);
        return;
    }
    pd_sqlscan_top(scan)->p++;
    scan->words = 0;
    scan->copy = PD_COPY_START;
    pd_sqlbuild_end(scan->build);
}

/* "\;" and "\:" send what is behind the backslash; anything else is a command of psql. */
static void backslash(pd_sqlscan *scan, const char *p, size_t rem)
{
    size_t n = 1;

    if (rem > 1 && (p[1] == ';' || p[1] == ':')) {
        pd_sqlscan_token(scan, p[1] == ';' ? PD_SQL_SEMICOLON : PD_SQL_OTHER, NULL, 0);
        if (p[1] == ';')
            scan->words = 0;
        pd_sqlscan_top(scan)->p++;
        pd_sqlscan_take(scan, 1);
        return;
    }
    while (n < rem && n < 40 && p[n] > ' ' && p[n] < 0x7F && p[n] != '\\')
        n++;
    pd_sqlbuild_fail(scan->build, scan->build->line, "\"%.*s\" is a command of psql, not SQL",
                     (int)n, p);
    pd_err_hint(scan->build->err, "Commands of psql never reach the server: a scenario has steps, "
                                  "parameters and copy steps for what they do.");
}

static void line_comment(pd_sqlscan *scan, const char *p, size_t rem)
{
    size_t n = 2;
    bool noted = scan->depth == 1 && !scan->build->has_token;

    while (n < rem && p[n] != '\n' && p[n] != '\r')
        n++;
    if (noted) {
        pd_sqlnote_open(scan->build, p);
        pd_sqlnote_close(scan->build, p + n);
    }
    take_blank(scan, n);
}

static void open_comment(pd_sqlscan *scan, const char *p)
{
    if (scan->depth == 1 && !scan->build->has_token)
        pd_sqlnote_open(scan->build, p);
    scan->open_line = scan->build->line;
    scan->state = PD_SQL_COMMENT;
    scan->comments = 0;
    pd_sqlscan_take(scan, 2);
}

/* A quoted identifier that ends on its line and has no quote in it may have another name. */
static void quoted_identifier(pd_sqlscan *scan, const char *p, size_t rem)
{
    const char *end = memchr(p + 1, '"', rem - 1);

    pd_sqlscan_token(scan, PD_SQL_OTHER, NULL, 0);
    if (end && (end + 1 == p + rem || end[1] != '"') &&
        pd_sqlvars_renamed(scan, p, (size_t)(end - p) + 1))
        return;
    scan->open_line = scan->build->line;
    scan->state = PD_SQL_IDENT;
    pd_sqlscan_take(scan, 1);
}

static void parenthesis(pd_sqlscan *scan, char c)
{
    if (c == '(')
        scan->parens++;
    else if (scan->parens > 0)
        scan->parens--;
    take_other(scan, 1);
}

static void punctuation(pd_sqlscan *scan, const char *p, size_t rem)
{
    char next = rem > 1 ? p[1] : '\0';

    if (*p == '-' && next == '-')
        line_comment(scan, p, rem);
    else if (*p == '/' && next == '*')
        open_comment(scan, p);
    else if (*p == '.' && next == '.')
        take_other(scan, 2);
    else if (*p == '.' && pd_sql_digit(next))
        take_other(scan, number(p, rem));
    else
        take_other(scan, 1);
}

static void plain(pd_sqlscan *scan, const char *p, size_t rem)
{
    char c = *p;
    size_t n = 1;

    if (pd_sql_space(c)) {
        while (n < rem && pd_sql_space(p[n]))
            n++;
        take_blank(scan, n);
    } else if (pd_sql_letter(c)) {
        word(scan, p, rem);
    } else if (pd_sql_digit(c)) {
        take_other(scan, number(p, rem));
    } else if (c == '"') {
        quoted_identifier(scan, p, rem);
    } else if (c == '\'') {
        open_quote(scan, 1, PD_SQL_QUOTE);
    } else if (c == '(' || c == ')') {
        parenthesis(scan, c);
    } else if (c == '$') {
        dollar(scan, p, rem);
    } else if (c == ';') {
        semicolon(scan);
    } else if (c == '\\') {
        backslash(scan, p, rem);
    } else if (c == ':') {
        pd_sqlvars_colon(scan);
    } else {
        punctuation(scan, p, rem);
    }
}

static void step(pd_sqlscan *scan)
{
    const char *p = pd_sqlscan_top(scan)->p;
    size_t rem = (size_t)(pd_sqlscan_top(scan)->end - p);

    switch (scan->state) {
    case PD_SQL_PLAIN:
        plain(scan, p, rem);
        break;
    case PD_SQL_QUOTE:
    case PD_SQL_EQUOTE:
        pd_sqlscan_quoted(scan, p, rem, '\'');
        break;
    case PD_SQL_IDENT:
        pd_sqlscan_quoted(scan, p, rem, '"');
        break;
    case PD_SQL_QUOTE_END:
        pd_sqlscan_quote_end(scan, p, rem);
        break;
    case PD_SQL_DOLLAR:
        pd_sqlscan_dollar_quoted(scan, p, rem);
        break;
    case PD_SQL_COMMENT:
        pd_sqlscan_commented(scan, p, rem);
        break;
    }
}

void pd_sqlscan_run(pd_sqlscan *scan)
{
    while (scan->depth > 0 && !scan->build->failed) {
        if (pd_sqlscan_top(scan)->p == pd_sqlscan_top(scan)->end)
            scan->depth--;
        else
            step(scan);
    }
}

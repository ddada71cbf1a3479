/* What the lexer learns from tokens: where a statement begins, its verb, COPY FROM STDIN, bodies.
 */
#include "core/sqlsplit.h"

#include <string.h>

/* word is in lower case, letters only. Not strncasecmp: some locales know another i. */
static bool is_word(const char *p, size_t len, const char *word)
{
    size_t n = 0;

    while (n < len && word[n] && (p[n] | 0x20) == word[n])
        n++;
    return n == len && !word[n];
}

static void set_verb(char verb[16], const char *p, size_t len)
{
    size_t n = len < 15 ? len : 15;

    while (n > 0 && n < len && !pd_sql_starts_character(p[n]))
        n--;
    for (size_t i = 0; i < n; i++)
        verb[i] = (char)(p[i] >= 'a' && p[i] <= 'z' ? p[i] - 'a' + 'A' : p[i]);
}

/* FROM STDIN outside of parentheses in a command that begins with COPY; the server takes STDOUT
 * for STDIN there. */
static void watch_copy(pd_sqlscan *scan, pd_sqltoken kind, const char *p, size_t len)
{
    bool word = kind == PD_SQL_WORD;

    if (kind == PD_SQL_SEMICOLON) {
        scan->copy = PD_COPY_START;
    } else if (scan->copy == PD_COPY_START) {
        scan->copy = word && is_word(p, len, "copy") ? PD_COPY_YES : PD_COPY_NO;
    } else if (scan->copy == PD_COPY_FROM && word &&
               (is_word(p, len, "stdin") || is_word(p, len, "stdout"))) {
        pd_sqlbuild_fail(scan->build, scan->build->stmt.line,
                         "COPY ... FROM STDIN is not possible in a SQL file");
        pd_err_hint(scan->build->err, "A copy step of a scenario sends rows to the server.");
    } else if (scan->copy == PD_COPY_FROM) {
        scan->copy = PD_COPY_NO; /* a further FROM belongs to an expression */
    } else if (scan->copy == PD_COPY_YES && word && scan->parens == 0 && is_word(p, len, "from")) {
        scan->copy = PD_COPY_FROM;
    }
}

/*
 * The body of CREATE [OR REPLACE] FUNCTION|PROCEDURE may be BEGIN ATOMIC ...; END. psql looks at
 * the first four identifiers of a statement for that, wherever they stand.
 */
static void watch_body(pd_sqlscan *scan, const char *p, size_t len)
{
    static const char *const leads[] = {"create", "or", "replace", "function", "procedure"};
    const char *heads = scan->heads;

    if (scan->words == 0)
        memset(scan->heads, 0, sizeof scan->heads);
    for (size_t i = 0; i < sizeof leads / sizeof *leads && scan->words < 4; i++) {
        if (is_word(p, len, leads[i]))
            scan->heads[scan->words] = leads[i][0];
    }
    scan->words++;
    const char *routine = heads[1] == 'o' && heads[2] == 'r' ? heads + 3 : heads + 1;
    if (heads[0] != 'c' || (*routine != 'f' && *routine != 'p') || scan->parens > 0)
        return;
    if (is_word(p, len, "begin") || (scan->begins > 0 && is_word(p, len, "case")))
        scan->begins++;
    else if (scan->begins > 0 && is_word(p, len, "end"))
        scan->begins--;
}

/* To be called for each token before it is taken. */
void pd_sqlscan_token(pd_sqlscan *scan, pd_sqltoken kind, const char *p, size_t len)
{
    pd_sqlbuild *build = scan->build;

    if (kind == PD_SQL_SEMICOLON && !build->has_token) {
        build->note.begin = NULL;
    } else if (!build->has_token) {
        build->has_token = true;
        build->stmt.line = build->line;
        pd_sqlnote_settle(build);
    }
    if (kind == PD_SQL_WORD && build->stmt.verb[0] == '\0')
        set_verb(build->stmt.verb, p, len);
    if (kind == PD_SQL_WORD)
        watch_body(scan, p, len);
    watch_copy(scan, kind, p, len);
}

/* The lexer within quotes and comments: each function takes what of the source belongs to it. */
#include "core/sqlsplit.h"

#include <string.h>

/* "$tag$" or "$$" at p, 0 if it is neither. */
size_t pd_sqlscan_dollar_tag(const char *p, size_t rem)
{
    size_t n = 1;

    if (n < rem && pd_sql_letter(p[n])) {
        while (n < rem && (pd_sql_letter(p[n]) || pd_sql_digit(p[n])))
            n++;
    }
    return n < rem && p[n] == '$' ? n + 1 : 0;
}

/* Within '...' or "...": up to and with the closing quote. */
void pd_sqlscan_quoted(pd_sqlscan *scan, const char *p, size_t rem, char quote)
{
    size_t n = 0;

    while (n < rem) {
        if (p[n] == '\\' && scan->state == PD_SQL_EQUOTE) {
            n += rem - n > 1 ? 2 : 1;
        } else if (p[n++] != quote) {
            continue;
        } else if (n < rem && p[n] == quote) {
            n++;
        } else {
            scan->before_end = scan->state;
            scan->state = quote == '"' ? PD_SQL_PLAIN : PD_SQL_QUOTE_END;
            break;
        }
    }
    pd_sqlscan_take(scan, n);
}

/* A string goes on after white space with a newline in it and a further quote. To psql only a
 * newline within the source counts: a lone '\r', or one in a value. */
void pd_sqlscan_quote_end(pd_sqlscan *scan, const char *p, size_t rem)
{
    size_t n = 0;
    bool newline = false;

    while (n < rem && p[n] != '\'') {
        if (n + 1 < rem && p[n] == '-' && p[n + 1] == '-') {
            while (n < rem && p[n] != '\n' && p[n] != '\r')
                n++;
        } else if (pd_sql_space(p[n])) {
            newline |= p[n] == '\n' || p[n] == '\r';
            n++;
        } else {
            break;
        }
    }
    scan->state = PD_SQL_PLAIN;
    if (n < rem && p[n] == '\'' && newline) {
        scan->state = scan->before_end;
        pd_sqlscan_take(scan, n + 1);
    }
}

void pd_sqlscan_dollar_quoted(pd_sqlscan *scan, const char *p, size_t rem)
{
    const char *found = memchr(p, '$', rem);
    size_t n = found ? (size_t)(found - p) : rem;
    size_t tag = found ? pd_sqlscan_dollar_tag(found, rem - n) : 0;

    if (tag > 0 && tag == scan->tag_len && memcmp(found, scan->tag, tag) == 0) {
        scan->state = PD_SQL_PLAIN;
        n += tag;
    } else if (tag > 0) {
        n += tag - 1; /* its second dollar may begin the right one */
    } else if (found) {
        n++;
    }
    pd_sqlscan_take(scan, n);
}

void pd_sqlscan_commented(pd_sqlscan *scan, const char *p, size_t rem)
{
    size_t n = 0;

    while (n < rem && scan->state == PD_SQL_COMMENT) {
        if (rem - n > 1 && p[n] == '/' && p[n + 1] == '*') {
            scan->comments++;
            n += 2;
        } else if (rem - n > 1 && p[n] == '*' && p[n + 1] == '/') {
            if (scan->comments == 0)
                scan->state = PD_SQL_PLAIN;
            else
                scan->comments--;
            n += 2;
        } else {
            n++;
        }
    }
    if (scan->state == PD_SQL_PLAIN && scan->depth == 1 && !scan->build->has_token &&
        scan->build->note.begin)
        pd_sqlnote_close(scan->build, p + n);
    pd_sqlscan_take(scan, n);
}

#include "core/oplog.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_RECORDS 4096

typedef struct chunk {
    struct chunk *next;
    size_t count;
    pd_oprecord ops[CHUNK_RECORDS];
} chunk;

struct pd_oplog {
    chunk *first, *last;
    size_t count, dropped;
    size_t entry_count;
    pd_buf ledgers[]; /* by entry */
};

#define STATE_CHARS 5
#define CHAR_BITS   6

uint32_t pd_state_pack(const char *sqlstate)
{
    uint32_t state = 0;

    for (int i = 0; i < STATE_CHARS && sqlstate[i] != '\0'; i++) {
        char c = sqlstate[i];
        uint32_t code = c >= '0' && c <= '9'   ? (uint32_t)(c - '0') + 1
                        : c >= 'A' && c <= 'Z' ? (uint32_t)(c - 'A') + 11
                                               : 63;
        state |= code << (CHAR_BITS * i);
    }
    return state;
}

void pd_state_unpack(uint32_t state, char *text)
{
    int n = 0;

    for (; n < STATE_CHARS && state != 0; n++, state >>= CHAR_BITS) {
        uint32_t code = state & ((1U << CHAR_BITS) - 1);
        text[n] = (char)(code <= 10 ? '0' + code - 1 : code <= 36 ? 'A' + code - 11 : '?');
    }
    text[n] = '\0';
}

pd_oplog *pd_oplog_new(size_t entry_count, pd_err *err)
{
    pd_oplog *log = calloc(1, sizeof *log + entry_count * sizeof log->ledgers[0]);

    if (log)
        log->entry_count = entry_count;
    else
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    return log;
}

void pd_oplog_free(pd_oplog *log)
{
    if (!log)
        return;
    for (chunk *c = log->first, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    for (size_t i = 0; i < log->entry_count; i++)
        pd_buf_free(&log->ledgers[i]);
    free(log);
}

void pd_oplog_add(pd_oplog *log, const pd_oprecord *op)
{
    if (!log->last || log->last->count == CHUNK_RECORDS) {
        chunk *c = malloc(sizeof *c);
        if (!c) {
            log->dropped++;
            return;
        }
        c->next = NULL;
        c->count = 0;
        if (log->last)
            log->last->next = c;
        else
            log->first = c;
        log->last = c;
    }
    log->last->ops[log->last->count++] = *op;
    log->count++;
}

size_t pd_oplog_count(const pd_oplog *log)
{
    return log->count;
}

size_t pd_oplog_dropped(const pd_oplog *log)
{
    return log->dropped;
}

void pd_oplog_copy(const pd_oplog *log, pd_oprecord *into)
{
    for (const chunk *c = log->first; c; c = c->next) {
        memcpy(into, c->ops, c->count * sizeof *into);
        into += c->count;
    }
}

const pd_buf *pd_oplog_ledger(const pd_oplog *log, size_t entry)
{
    return &log->ledgers[entry];
}

/* As COPY's text format wants it; at most two bytes for each. */
static void put_escaped(pd_buf *buf, const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = value[i];
        char letter = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c == '\\' ? '\\' : 0;
        if (letter)
            buf->data[buf->len++] = '\\';
        buf->data[buf->len++] = letter ? letter : c;
    }
}

static bool put_rows(pd_buf *lines, const PGresult *result)
{
    int columns = PQnfields(result);

    for (int row = 0; row < PQntuples(result); row++)
        for (int i = 0; i < columns; i++) {
            size_t len = (size_t)PQgetlength(result, row, i);
            if (!pd_buf_reserve(lines, 2 * len + 3, NULL))
                return false;
            if (PQgetisnull(result, row, i)) {
                lines->data[lines->len++] = '\\';
                lines->data[lines->len++] = 'N';
            } else {
                put_escaped(lines, PQgetvalue(result, row, i), len);
            }
            lines->data[lines->len++] = i + 1 < columns ? '\t' : '\n';
        }
    return true;
}

void pd_oplog_write(pd_oplog *log, size_t entry, const PGresult *rows)
{
    pd_buf *ledger = &log->ledgers[entry];
    size_t whole = ledger->len;

    if (put_rows(ledger, rows))
        return;
    ledger->len = whole;
    log->dropped++;
}

/*
 * What each operation of a load was: when it was due, sent and answered, and how it ended; and the
 * ledger, the keys that the server acknowledged. A log belongs to one thread while it is written,
 * and only grows: nothing is summed up before the end, so every question can still be asked then
 * (core/impact.h).
 */
#ifndef PD_CORE_OPLOG_H
#define PD_CORE_OPLOG_H

#include "core/buf.h"
#include "core/err.h"

#include <libpq-fe.h>
#include <stdint.h>

typedef enum pd_outcome {
    PD_OP_ACKNOWLEDGED,
    PD_OP_FAILED,  /* the server refused it or undid it */
    PD_OP_UNKNOWN, /* the connection was lost at its commit */
    PD_OP_UNSENT   /* it was due, and the run ended before it was begun, or cut it off */
} pd_outcome;

enum { PD_NO_ENTRY = 0xFFFF }; /* of an operation that was never begun */

/* Times are nanoseconds since the begin of the run. */
typedef struct pd_oprecord {
    int64_t due, sent, done; /* done < 0: never answered */
    uint32_t state;          /* pd_state_pack() of why it failed; 0 = it did not */
    uint16_t entry;          /* of the mix, or PD_NO_ENTRY */
    uint8_t outcome;         /* pd_outcome */
    uint8_t retries;         /* 255 = as many or more */
} pd_oprecord;

/* An SQLSTATE as a number, 0 for ""; and back, into text[6]. */
uint32_t pd_state_pack(const char *sqlstate);
void pd_state_unpack(uint32_t state, char *text);

typedef struct pd_oplog pd_oplog;

/* A log of a mix with so many entries; NULL with err when memory ran out. */
pd_oplog *pd_oplog_new(size_t entry_count, pd_err *err);
void pd_oplog_free(pd_oplog *log);

/* Keeps a copy of the record. Without memory it is only counted as dropped. */
void pd_oplog_add(pd_oplog *log, const pd_oprecord *op);
size_t pd_oplog_count(const pd_oplog *log);
size_t pd_oplog_dropped(const pd_oplog *log);

/* Copies all records, in the order in which they were added. */
void pd_oplog_copy(const pd_oplog *log, pd_oprecord *into);

/* The ledger of an entry: appends the rows of a text result as lines of COPY ... (FORMAT text).
 * Without memory they count as dropped. */
void pd_oplog_write(pd_oplog *log, size_t entry, const PGresult *rows);
const pd_buf *pd_oplog_ledger(const pd_oplog *log, size_t entry);

#endif

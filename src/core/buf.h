/*
 * A growing byte buffer. All zero is a valid empty buffer; what grows it may fail, what fills
 * reserved room may not.
 */
#ifndef PD_CORE_BUF_H
#define PD_CORE_BUF_H

#include "core/err.h"

typedef struct pd_buf {
    char *data; /* owned; NULL while nothing was reserved */
    size_t len, cap;
} pd_buf;

/* The slow half of pd_buf_reserve. */
bool pd_buf_grow(pd_buf *buf, size_t room, pd_err *err);

/* Makes room for that many bytes after data + len; on failure (PD_ERR_SYSTEM) nothing changed. */
static inline bool pd_buf_reserve(pd_buf *buf, size_t room, pd_err *err)
{
    return buf->cap - buf->len >= room || pd_buf_grow(buf, room, err);
}

/* Frees the bytes; the buffer is empty and valid afterwards. */
void pd_buf_free(pd_buf *buf);

#endif

#include "core/buf.h"

#include <stdint.h>
#include <stdlib.h>

bool pd_buf_grow(pd_buf *buf, size_t room, pd_err *err)
{
    size_t cap = buf->cap < 512 ? 512 : buf->cap;
    char *data;

    while (cap - buf->len < room && cap <= SIZE_MAX / 2)
        cap *= 2;
    data = cap - buf->len < room ? NULL : realloc(buf->data, cap);
    if (!data)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    buf->data = data;
    buf->cap = cap;
    return true;
}

void pd_buf_free(pd_buf *buf)
{
    free(buf->data);
    *buf = (pd_buf){0};
}

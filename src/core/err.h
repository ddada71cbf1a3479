/*
 * The one error value of the C side. A function that can fail is `bool f(..., pd_err *err)`: on
 * false it has filled *err. Fixed buffers: filling one cannot fail and nobody has to free it.
 * A text that is too long is cut at a character boundary.
 */
#ifndef PD_CORE_ERR_H
#define PD_CORE_ERR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum pd_errkind {
    PD_ERR_NONE,
    PD_ERR_SQL,       /* the server refused a statement; sqlstate is set */
    PD_ERR_CONN,      /* no connection, or the connection was lost */
    PD_ERR_CONFIG,    /* a setting is missing or wrong */
    PD_ERR_SERVER,    /* the private server could not be made or started */
    PD_ERR_INPUT,     /* a file or an argument is not what it has to be */
    PD_ERR_SYSTEM,    /* an operating system call failed, or memory ran out */
    PD_ERR_INTERRUPT, /* a signal asked to stop */
} pd_errkind;

typedef struct pd_err {
    pd_errkind kind;
    char sqlstate[6]; /* "" when there is none */
    int position;     /* in characters from 1 within the statement sent; 0 = none */
    int line;         /* in a file, from 1; 0 = none */
    char message[1024];
    char detail[1024];
    char hint[1024];
    char context[1024]; /* PostgreSQL's CONTEXT */
} pd_err;

/* Clears *err, then sets kind and the formatted message. Always returns false, so that
 * `return pd_err_set(err, ...)` reads well. err may be NULL. */
bool pd_err_set(pd_err *err, pd_errkind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the hint of an error that is already filled; always returns false. */
bool pd_err_hint(pd_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "sql", "connection", "config", "server", "input", "system", "interrupt", "none". */
const char *pd_err_kind_name(pd_errkind kind);

/* Copies src into dst[size], cut at a UTF-8 character boundary; NULL counts as "". */
void pd_err_copy(char *dst, size_t size, const char *src);

#endif

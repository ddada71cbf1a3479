/*
 * A PostgreSQL server that believes everything: it lets one client in over a Unix socket in a
 * directory of its own, answers each simple query with success and keeps its bytes.
 */
#ifndef PD_TEST_FAKE_BACKEND_H
#define PD_TEST_FAKE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

typedef struct fake_backend {
    char dir[64]; /* to be given to the client as host, with port 5432 */
    int listener;
    char *
        *queries; /* of the last client, each with its length: a query may hold any byte but NUL */
    size_t *lengths;
    size_t count, cap;
} fake_backend;

bool fake_backend_open(fake_backend *backend);

/* Serves one client until it says goodbye. False: it took longer than `seconds`, or broke the
 * protocol. */
bool fake_backend_serve(fake_backend *backend, int seconds);

void fake_backend_forget(fake_backend *backend); /* drops the queries */
void fake_backend_close(fake_backend *backend);

#endif

#include "fake_backend.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"

bool fake_backend_open(fake_backend *backend)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *backend = (fake_backend){.listener = -1};
    strcpy(backend->dir, "/tmp/partdemo-fake-backend-XXXXXX");
    if (!mkdtemp(backend->dir))
        return false;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/" SOCKET_NAME, backend->dir);
    backend->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return backend->listener >= 0 &&
           bind(backend->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(backend->listener, 4) == 0;
}

void fake_backend_forget(fake_backend *backend)
{
    for (size_t i = 0; i < backend->count; i++)
        free(backend->queries[i]);
    backend->count = 0;
}

void fake_backend_close(fake_backend *backend)
{
    char path[128];

    fake_backend_forget(backend);
    free(backend->queries);
    free(backend->lengths);
    if (backend->listener >= 0)
        close(backend->listener);
    snprintf(path, sizeof path, "%s/" SOCKET_NAME, backend->dir);
    unlink(path);
    rmdir(backend->dir);
}

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool wait_for(int fd, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline - now_ms();

    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static bool receive(int fd, void *data, size_t size, int64_t deadline)
{
    char *p = data;

    while (size > 0) {
        if (!wait_for(fd, deadline))
            return false;
        ssize_t n = recv(fd, p, size, 0);
        if (n <= 0)
            return false;
        p += n;
        size -= (size_t)n;
    }
    return true;
}

/* The body of a message, with a NUL behind it; *size is that of the body. */
static char *receive_body(int fd, size_t *size, int64_t deadline)
{
    uint32_t length;
    char *body;

    if (!receive(fd, &length, sizeof length, deadline))
        return NULL;
    length = ntohl(length);
    if (length < 4 || length > 1U << 30)
        return NULL;
    *size = length - 4;
    body = malloc(*size + 1);
    if (body && !receive(fd, body, *size, deadline)) {
        free(body);
        return NULL;
    }
    if (body)
        body[*size] = '\0';
    return body;
}

static bool reply(int fd, char type, const void *body, size_t size)
{
    char message[256];
    uint32_t length = htonl((uint32_t)size + 4);

    if (size > sizeof message - 5)
        return false;
    message[0] = type;
    memcpy(message + 1, &length, 4);
    memcpy(message + 5, body, size);
    return send(fd, message, size + 5, MSG_NOSIGNAL) == (ssize_t)size + 5;
}

static bool greet(int fd, int64_t deadline)
{
    static const char settings[][40] = {
        "server_version\0"
        "15.0",
        "server_encoding\0"
        "UTF8",
        "client_encoding\0"
        "UTF8",
        "standard_conforming_strings\0"
        "on",
        "integer_datetimes\0"
        "on",
        "DateStyle\0"
        "ISO, MDY",
    };
    size_t size;
    char *startup = receive_body(fd, &size, deadline);
    bool ok = startup && size > 4 && memcmp(startup, "\0\3\0\0", 4) == 0;

    free(startup);
    ok = ok && reply(fd, 'R', "\0\0\0\0", 4);
    for (size_t i = 0; ok && i < sizeof settings / sizeof *settings; i++) {
        size_t name = strlen(settings[i]) + 1;
        ok = reply(fd, 'S', settings[i], name + strlen(settings[i] + name) + 1);
    }
    return ok && reply(fd, 'K', "\0\0\0\1\0\0\0\1", 8) && reply(fd, 'Z', "I", 1);
}

static bool keep(fake_backend *backend, char *query, size_t length)
{
    if (backend->count == backend->cap) {
        size_t cap = backend->cap * 2 + 64;
        char **queries = realloc(backend->queries, cap * sizeof *queries);
        if (queries)
            backend->queries = queries;
        size_t *lengths = realloc(backend->lengths, cap * sizeof *lengths);
        if (lengths)
            backend->lengths = lengths;
        if (!queries || !lengths)
            return false;
        backend->cap = cap;
    }
    backend->queries[backend->count] = query;
    backend->lengths[backend->count++] = length;
    return true;
}

/* 0: goodbye, 1: go on, -1: broken */
static int answer(fake_backend *backend, int fd, int64_t deadline)
{
    char type, *body;
    size_t size;

    if (!receive(fd, &type, 1, deadline) || !(body = receive_body(fd, &size, deadline)))
        return -1;
    if (type == 'Q' && size > 0 && keep(backend, body, size - 1))
        return reply(fd, 'C', "DO", 3) && reply(fd, 'Z', "I", 1) ? 1 : -1;
    free(body);
    return type == 'X' ? 0 : -1;
}

bool fake_backend_serve(fake_backend *backend, int seconds)
{
    int64_t deadline = now_ms() + seconds * 1000LL;
    int fd, more;

    fake_backend_forget(backend);
    if (!wait_for(backend->listener, deadline))
        return false;
    fd = accept4(backend->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return false;
    more = greet(fd, deadline) ? 1 : -1;
    while (more == 1)
        more = answer(backend, fd, deadline);
    close(fd);
    return more == 0;
}

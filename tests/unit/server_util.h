/* What the tests of the private server share: each test has a state directory of its own under one
 * temporary directory, and a real PostgreSQL. As root the server runs as `postgres`. */
#ifndef TEST_SERVER_UTIL_H
#define TEST_SERVER_UTIL_H

#include "core/process.h"
#include "core/server.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];

typedef bool server_call(const pd_server_opts *opts, pd_server_info *info, pd_err *err);

static void show(const pd_err *err)
{
    print_error("%s\n%s\n%s\n", err->message, err->detail, err->hint);
}

static inline pd_server_info must(server_call *f, const char *state)
{
    pd_server_opts opts = {.state = state};
    pd_server_info info;
    pd_err err = {0};

    if (!f(&opts, &info, &err)) {
        show(&err);
        fail();
    }
    return info;
}

static inline pd_err must_fail(server_call *f, const pd_server_opts *opts, pd_errkind kind,
                               const char *message)
{
    pd_server_info info;
    pd_err err = {0};

    assert_false(f(opts, &info, &err));
    if (err.kind != kind || !strstr(err.message, message))
        show(&err);
    assert_int_equal(err.kind, kind);
    assert_non_null(strstr(err.message, message));
    return err;
}

static inline void path_in(char *out, size_t size, const char *dir, const char *name)
{
    int n = snprintf(out, size, "%s/%s", dir, name);
    assert_true(n > 0 && (size_t)n < size);
}

static inline bool exists(const char *dir, const char *name)
{
    char path[256];
    struct stat st;

    path_in(path, sizeof path, dir, name);
    return lstat(path, &st) == 0;
}

static inline void put(const char *dir, const char *name, const char *text)
{
    char path[256];

    path_in(path, sizeof path, dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* As any client would, with the keywords that the server gives; the first column of the first row,
 * or "" for a command. */
static inline void ask_in(const pd_server_info *info, const char *database, const char *sql,
                          char *out, size_t size)
{
    const char *keys[PD_SERVER_KEYWORDS + 1], *values[PD_SERVER_KEYWORDS + 1];

    pd_server_keywords(info, keys, values);
    if (database)
        values[3] = database;
    PGconn *conn = PQconnectdbParams(keys, values, 0);
    if (PQstatus(conn) != CONNECTION_OK)
        print_error("%s", PQerrorMessage(conn));
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    PGresult *res = PQexec(conn, sql);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        assert_int_equal(PQresultStatus(res), PGRES_COMMAND_OK);
    snprintf(out, size, "%s", PQntuples(res) > 0 ? PQgetvalue(res, 0, 0) : "");
    PQclear(res);
    PQfinish(conn);
}

static inline void ask(const pd_server_info *info, const char *sql, char *out, size_t size)
{
    ask_in(info, NULL, sql, out, size);
}

/* A partdemo of its own that starts the server; writes what it got to report unless that is -1. */
static inline pid_t start_in_child(const char *root, int report)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        pd_server_opts opts = {.state = root};
        pd_server_info info;
        pd_err err;
        bool ok = pd_server_start(&opts, &info, &err);
        if (!ok)
            show(&err);
        if (report >= 0 && write(report, &info, sizeof info) != (ssize_t)sizeof info)
            ok = false;
        _exit(ok ? 0 : 1);
    }
    return pid;
}

static int make_top(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/pdsrvXXXXXX");
    unsetenv("PARTDEMO_STATE");
    return mkdtemp(top) && chmod(top, 0755) == 0 ? 0 : -1;
}

/* Fails when a test left anything behind. */
static int remove_top(void **state)
{
    (void)state;
    return rmdir(top);
}

#endif

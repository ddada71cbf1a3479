/* Loaded before libpq (LD_PRELOAD) into partdemo: kills at a certain statement. Statements are
 * counted that partdemo sends over the connection that does a scenario's work, by its
 * application_name; a probe or a load has another one. Variables of the environment:
 *
 * - KILL_AT: the statement's number, from 1, or a part of its text: the first one that has it.
 * - KILL_WHO: "partdemo-before" kills partdemo before the statement is sent, by SIGKILL; "partdemo"
 *   once it was sent, so that the server executes it and nobody reads the answer; "backend" ends
 *   partdemo's backend by SIGTERM before it is sent, "backend-during" once it was sent; "server"
 *   kills a backend by SIGKILL once it was sent, so that all of the server crashes.
 * - KILL_LOG: a file that gets a line for each statement: its number, whether a transaction was
 *   open, its text.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count;

static bool is_counted(PGconn *conn)
{
    const char *name = PQparameterStatus(conn, "application_name");
    return name && strcmp(name, "partdemo") == 0;
}

static void note(PGconn *conn, const char *sql)
{
    const char *path = getenv("KILL_LOG");
    FILE *log = path ? fopen(path, "a") : NULL;

    if (!log)
        return;
    fprintf(log, "%d %s ", count, PQtransactionStatus(conn) == PQTRANS_IDLE ? "alone" : "within");
    for (; *sql; sql++)
        fputc(isspace((unsigned char)*sql) ? ' ' : *sql, log);
    fputc('\n', log);
    fclose(log);
}

static bool is_meant(const char *sql)
{
    const char *at = getenv("KILL_AT");

    if (!at)
        return false;
    if (isdigit((unsigned char)at[0]))
        return atoi(at) == count;
    return strstr(sql, at);
}

static void flush(PGconn *conn)
{
    struct pollfd socket = {.fd = PQsocket(conn), .events = POLLOUT};

    while (PQflush(conn) > 0)
        poll(&socket, 1, -1);
}

static void strike(PGconn *conn, const char *who, bool sent)
{
    bool before = strcmp(who, "partdemo-before") == 0 || strcmp(who, "backend") == 0;

    if (before == sent)
        return;
    if (sent)
        flush(conn);
    if (strncmp(who, "partdemo", strlen("partdemo")) == 0)
        raise(SIGKILL);
    kill(PQbackendPID(conn), strcmp(who, "server") == 0 ? SIGKILL : SIGTERM);
}

/* The statement about to be sent: who is to be killed, NULL for nobody. */
static const char *begin(PGconn *conn, const char *sql)
{
    const char *who = getenv("KILL_WHO");

    if (!is_counted(conn))
        return NULL;
    count++;
    note(conn, sql);
    if (!who || !*who || !is_meant(sql))
        return NULL;
    unsetenv("KILL_AT"); /* once */
    strike(conn, who, false);
    return who;
}

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    return found;
}

int PQsendQuery(PGconn *conn, const char *sql)
{
    int (*send)(PGconn *, const char *);
    void *found = next("PQsendQuery");

    memcpy(&send, &found, sizeof send); /* ISO C has no conversion to a function */
    const char *who = begin(conn, sql);
    int ok = send(conn, sql);
    if (who)
        strike(conn, who, true);
    return ok;
}

int PQsendQueryParams(PGconn *conn, const char *sql, int n, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats, int binary)
{
    int (*send)(PGconn *, const char *, int, const Oid *, const char *const *, const int *,
                const int *, int);
    void *found = next("PQsendQueryParams");

    memcpy(&send, &found, sizeof send);
    const char *who = begin(conn, sql);
    int ok = send(conn, sql, n, types, values, lengths, formats, binary);
    if (who)
        strike(conn, who, true);
    return ok;
}

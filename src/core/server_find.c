/* Where the server's state and programs are. */
#include "core/server_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKET_NAME "/run/.s.PGSQL." PD_SERVER_PORT
#define PACKAGED    "/usr/lib/postgresql"

enum { SOCKET_LIMIT = 107, MAJORS = 32 };

static const char *env_or(const char *given, const char *name)
{
    if (!given || given[0] == '\0')
        given = getenv(name);
    return given && given[0] != '\0' ? given : NULL;
}

static bool fits(const char *root)
{
    return strlen(root) + strlen(SOCKET_NAME) <= SOCKET_LIMIT;
}

/* The nearest directory that exists on the way to path can be written to. */
static bool writable(const char *path)
{
    char prefix[PATH_MAX];

    snprintf(prefix, sizeof prefix, "%s", path);
    while (access(prefix, F_OK) != 0 && errno == ENOENT) {
        char *slash = strrchr(prefix, '/');
        if (!slash || slash == prefix)
            return false;
        *slash = '\0';
    }
    return access(prefix, W_OK | X_OK) == 0;
}

/* An ordinary user's default must work without a home directory too, or with a long one. */
static void default_state(const srv *s, char *path, size_t size)
{
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (s->user.drop) {
        snprintf(path, size, "/var/lib/partdemo");
        return;
    }
    if (!home || home[0] != '/')
        home = s->user.home;
    if (xdg && xdg[0] == '/')
        snprintf(path, size, "%s/partdemo", xdg);
    else
        snprintf(path, size, "%s/.local/state/partdemo", home);
    if (path[0] != '/' || !fits(path) || !writable(path))
        snprintf(path, size, "/tmp/partdemo-%lu", (unsigned long)s->user.uid);
}

static bool absolute(const char *given, char *path, size_t size, pd_err *err)
{
    char cwd[PATH_MAX] = "";

    if (given[0] != '/' && !getcwd(cwd, sizeof cwd))
        return pd_err_set(err, PD_ERR_SYSTEM, "cannot tell the working directory: %s",
                          strerror(errno));
    int n = given[0] == '/' ? snprintf(path, size, "%s", given)
                            : snprintf(path, size, "%s/%s", cwd, given);
    if (n < 0 || (size_t)n >= size)
        return pd_err_set(err, PD_ERR_SERVER, "the path of the state directory is too long");
    /* A trailing slash would let lstat follow a symlink. */
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    return true;
}

static bool check_path(const char *path, pd_err *err)
{
    const char *last = strrchr(path, '/') + 1;

    for (const unsigned char *c = (const unsigned char *)path; *c; c++)
        if (*c < 0x20 || *c == 0x7f || *c == ',') {
            pd_err_set(err, PD_ERR_SERVER, "the path of the state directory holds a %s",
                       *c == ',' ? "comma" : "control character");
            return pd_err_hint(err, "libpq cannot reach a socket there. Set PARTDEMO_STATE to "
                                    "another directory.");
        }
    if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return pd_err_set(err, PD_ERR_SERVER, "the state directory cannot be %s", path);
    if (fits(path))
        return true;
    pd_err_set(err, PD_ERR_SERVER,
               "the path of the server's socket would be %zu bytes long, and the limit is %d",
               strlen(path) + strlen(SOCKET_NAME), SOCKET_LIMIT);
    pd_err_copy(err->detail, sizeof err->detail, path);
    return pd_err_hint(err, "Set PARTDEMO_STATE to a shorter path, for example /tmp/partdemo.");
}

bool srv_find_state(srv *s, const char *state, pd_err *err)
{
    char path[PATH_MAX + 64];
    const char *given = env_or(state, "PARTDEMO_STATE");

    if (!given)
        default_state(s, path, sizeof path);
    else if (!absolute(given, path, sizeof path, err))
        return false;
    if (!check_path(path, err))
        return false;
    pd_server_info *i = s->info;
    snprintf(i->root, sizeof i->root, "%.*s", SOCKET_LIMIT, path);
    snprintf(i->data, sizeof i->data, "%.*s/data", SOCKET_LIMIT, path);
    snprintf(i->socket, sizeof i->socket, "%.*s/run", SOCKET_LIMIT, path);
    snprintf(i->log, sizeof i->log, "%.*s/server.log", SOCKET_LIMIT, path);
    return true;
}

static bool has(const char *dir, const char *program)
{
    char path[PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s", dir, program);

    return n > 0 && (size_t)n < sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           access(path, X_OK) == 0;
}

static bool has_programs(const char *dir)
{
    return has(dir, "postgres") && has(dir, "initdb") && has(dir, "pg_ctl");
}

/* Asks the program itself: a directory's name proves nothing. */
static bool ask_major(srv *s, srv_bin *bin, pd_err *err)
{
    char program[PATH_MAX + 16], text[256];
    const char *argv[] = {program, "--version", NULL};

    snprintf(program, sizeof program, "%s/postgres", bin->dir);
    if (!pd_process_capture(argv, &s->user, text, sizeof text, &s->stop, err))
        return false;
    if (sscanf(text, "postgres (PostgreSQL) %d", &bin->major) != 1) {
        pd_err_set(err, PD_ERR_SERVER, "%s is not PostgreSQL", program);
        pd_err_copy(err->detail, sizeof err->detail, text);
        return false;
    }
    return true;
}

static bool check_major(const srv *s, const srv_bin *bin, int want, pd_err *err)
{
    if (want != 0 && bin->major != want) {
        pd_err_set(err, PD_ERR_SERVER,
                   "the private server's data was made by PostgreSQL %d, and %s holds %d", want,
                   bin->dir, bin->major);
        return pd_err_hint(err,
                           "Install it (apt-get install postgresql-%d), give its directory with "
                           "--pg-bin, or drop the data in %s with `partdemo server destroy`.",
                           want, s->info->data);
    }
    if (bin->major >= PD_SERVER_OLDEST)
        return true;
    pd_err_set(err, PD_ERR_SERVER, "PostgreSQL %d in %s is too old: %d is the oldest that works",
               bin->major, bin->dir, PD_SERVER_OLDEST);
    return pd_err_hint(err, "Install a newer one (apt-get install postgresql) or give its "
                            "directory with --pg-bin.");
}

static bool given_bin(srv *s, const char *given, int want, srv_bin *bin, pd_err *err)
{
    if (!realpath(given, bin->dir)) {
        pd_err_set(err, PD_ERR_SERVER, "cannot use %s for the server programs: %s", given,
                   strerror(errno));
        return pd_err_hint(err, "--pg-bin and PARTDEMO_PG_BIN name the directory that holds "
                                "postgres, initdb and pg_ctl.");
    }
    if (!has_programs(bin->dir)) {
        pd_err_set(err, PD_ERR_SERVER, "there is no %s in %s",
                   !has(bin->dir, "postgres") ? "postgres"
                   : !has(bin->dir, "initdb") ? "initdb"
                                              : "pg_ctl",
                   bin->dir);
        return pd_err_hint(err, "--pg-bin and PARTDEMO_PG_BIN name the directory that holds "
                                "postgres, initdb and pg_ctl, such as " PACKAGED "/15/bin.");
    }
    return ask_major(s, bin, err) && check_major(s, bin, want, err);
}

static int descending(const void *a, const void *b)
{
    return *(const int *)b - *(const int *)a;
}

/* Majors that a distribution's packages brought, the newest first. */
static int list_packaged(int majors[MAJORS])
{
    DIR *dir = opendir(PACKAGED);
    struct dirent *e;
    int n = 0;

    while (dir && n < MAJORS && (e = readdir(dir))) {
        char path[PATH_MAX], *end;
        long major = strtol(e->d_name, &end, 10);
        if (major <= 0 || major > 1000 || (*end != '\0' && *end != '.'))
            continue;
        snprintf(path, sizeof path, PACKAGED "/%s/bin", e->d_name);
        if (*end == '\0' && has_programs(path))
            majors[n++] = (int)major;
    }
    if (dir)
        closedir(dir);
    qsort(majors, (size_t)n, sizeof majors[0], descending);
    return n;
}

/* Programs in PATH are often links or wrappers: where a link leads is where the others are. */
static bool path_entry(const char *entry, srv_bin *bin)
{
    char program[PATH_MAX];
    int n = snprintf(program, sizeof program, "%s/initdb", entry);

    if (n < 0 || (size_t)n >= sizeof program || !realpath(program, bin->dir))
        return false;
    *strrchr(bin->dir, '/') = '\0';
    return has_programs(bin->dir) || (has_programs(entry) && realpath(entry, bin->dir));
}

static bool search_path(srv *s, int want, srv_bin *bin)
{
    const char *path = getenv("PATH");
    char entry[PATH_MAX];

    while (path && *path) {
        size_t len = strcspn(path, ":");
        /* A relative entry would run what lies in the working directory. */
        if (len > 0 && len < sizeof entry && path[0] == '/') {
            memcpy(entry, path, len);
            entry[len] = '\0';
            if (path_entry(entry, bin) && ask_major(s, bin, NULL) &&
                bin->major >= PD_SERVER_OLDEST && (want == 0 || bin->major == want))
                return true;
        }
        path += len + (path[len] == ':');
    }
    return false;
}

static bool nothing_found(const srv *s, int want, const int *majors, int n, pd_err *err)
{
    char list[256] = "";

    for (int i = 0; i < n; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%d", i ? ", " : "", majors[i]);
    }
    if (want == 0) {
        pd_err_set(err, PD_ERR_SERVER, "no PostgreSQL server programs found");
        snprintf(err->detail, sizeof err->detail,
                 "Looked for postgres, initdb and pg_ctl of version %d or newer in " PACKAGED
                 "/*/bin and in PATH%s%s.",
                 PD_SERVER_OLDEST, n ? "; found only " : "", list);
        return pd_err_hint(err, "Install them (apt-get install postgresql-15), give their "
                                "directory with --pg-bin, or name a running server with "
                                "POSTGRES_HOST.");
    }
    pd_err_set(err, PD_ERR_SERVER,
               "the private server's data was made by PostgreSQL %d, which is not installed", want);
    if (n > 0)
        snprintf(err->detail, sizeof err->detail, "Installed: %s.", list);
    return pd_err_hint(err,
                       "Install it (apt-get install postgresql-%d), give its directory with "
                       "--pg-bin, or drop the data in %s with `partdemo server destroy`.",
                       want, s->info->data);
}

bool srv_find_bin(srv *s, int want, srv_bin *bin, pd_err *err)
{
    const char *given = env_or(s->pg_bin, "PARTDEMO_PG_BIN");
    int majors[MAJORS], n;

    memset(bin, 0, sizeof *bin);
    if (given)
        return given_bin(s, given, want, bin, err);
    n = list_packaged(majors);
    for (int i = 0; i < n; i++) {
        if (majors[i] < PD_SERVER_OLDEST || (want != 0 && majors[i] != want))
            continue;
        snprintf(bin->dir, sizeof bin->dir, PACKAGED "/%d/bin", majors[i]);
        return ask_major(s, bin, err) && check_major(s, bin, want, err);
    }
    if (search_path(s, want, bin))
        return true;
    if (!pd_process_sleep(0, &s->stop, err))
        return false;
    return nothing_found(s, want, majors, n, err);
}

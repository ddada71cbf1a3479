/* The private server when something is wrong: killed at any point, damaged, or impossible. */
#include "server_util.h"

#include <errno.h>
#include <fcntl.h>

/* partdemo killed at many moments of a first start: the next start completes it. */
static void test_killed_starter(void **state)
{
    char root[128], text[16];
    (void)state;
    path_in(root, sizeof root, top, "killed");

    long begun = pd_process_clock();
    must(pd_server_start, root);
    long whole = pd_process_clock() - begun;
    must(pd_server_destroy, root);
    for (int i = 0; i < 8; i++) {
        pid_t child = start_in_child(root, -1);
        pd_process_sleep((int)(whole * i / 7), NULL, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        /* Killed twice in a row, then completed. */
        if (i % 2 == 0)
            continue;
        pd_server_info info = must(pd_server_start, root);
        ask(&info, "SELECT 1", text, sizeof text);
        must(pd_server_destroy, root);
    }
    must(pd_server_destroy, root);
    assert_false(exists(top, "killed"));
}

static bool late(void *arg)
{
    return pd_process_clock() >= *(const long *)arg;
}

/* A stop is obeyed in time at any moment, and leaves nothing that the next start cannot use. */
static void test_interrupted(void **state)
{
    static const int delays[] = {0, 100, 600, 800};
    char root[128];
    (void)state;
    path_in(root, sizeof root, top, "intr");

    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        long limit = pd_process_clock() + delays[i];
        pd_server_opts opts = {.state = root, .stop = {late, &limit}};
        pd_server_info info;
        pd_err err = {0};
        if (pd_server_start(&opts, &info, &err)) {
            assert_true(delays[i] > 100);
            must(pd_server_destroy, root);
        } else {
            if (err.kind != PD_ERR_INTERRUPT)
                show(&err);
            assert_int_equal(err.kind, PD_ERR_INTERRUPT);
            assert_true(pd_process_clock() < limit + 2000);
            assert_false(exists(root, "data.new"));
        }
    }
    must(pd_server_start, root);
    must(pd_server_destroy, root);
}

static void test_lost_database(void **state)
{
    char root[128], text[32];
    (void)state;
    path_in(root, sizeof root, top, "lost");

    pd_server_info info = must(pd_server_start, root);
    ask_in(&info, "postgres", "DROP DATABASE " PD_SERVER_DATABASE, text, sizeof text);
    /* The caller's environment names another server and breaks the session: neither may matter. */
    setenv("PGHOSTADDR", "127.0.0.9", 1);
    setenv("PGOPTIONS", "-c no_such_setting=1", 1);
    setenv("PGREQUIREPEER", "nobody", 1);
    setenv("PGSSLMODE", "require", 1);
    pd_server_info again = must(pd_server_start, root);
    pd_server_info status = must(pd_server_status, root);
    unsetenv("PGHOSTADDR");
    unsetenv("PGOPTIONS");
    unsetenv("PGREQUIREPEER");
    unsetenv("PGSSLMODE");
    assert_int_equal(again.pid, info.pid);
    assert_false(again.started);
    assert_string_equal(status.version, info.version);
    ask(&again, "SELECT current_database()", text, sizeof text);
    assert_string_equal(text, PD_SERVER_DATABASE);
    must(pd_server_destroy, root);
}

static void kill_postmaster(int pid)
{
    char path[64];
    struct stat st;

    assert_int_equal(kill(pid, SIGKILL), 0);
    snprintf(path, sizeof path, "/proc/%d/cwd", pid);
    for (int i = 0; i < 500 && stat(path, &st) == 0; i++)
        pd_process_sleep(10, NULL, NULL);
    assert_int_not_equal(stat(path, &st), 0);
}

/* Puts pid into the lock files that a dead server left. */
static void fake_pid(const char *root, const char *name, int pid)
{
    char path[256], old[2048] = "";

    path_in(path, sizeof path, root, name);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_true(read(fd, old, sizeof old - 1) > 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_true(dprintf(fd, "%d%s", pid, strchr(old, '\n')) > 0);
    assert_int_equal(close(fd), 0);
}

/* kill -9 of the postmaster: the next start recovers what was committed, also when the pid in its
 * lock files has come to belong to another program of the same user. */
static void test_killed_postmaster(void **state)
{
    const char *argv[] = {"/bin/sleep", "60", NULL};
    char root[128], text[32];
    pd_user user;
    pd_err err;
    pid_t other;
    (void)state;
    path_in(root, sizeof root, top, "crash");

    pd_server_info info = must(pd_server_start, root);
    ask(&info, "CREATE TABLE kept AS SELECT 7 AS v", text, sizeof text);
    kill_postmaster(info.pid);
    assert_int_equal(must(pd_server_status, root).state, PD_SERVER_CRASHED);
    info = must(pd_server_start, root);
    assert_true(info.started && !info.created);

    kill_postmaster(info.pid);
    assert_true(pd_user_find(&user, &err));
    assert_true(pd_process_spawn(argv, &user, -1, false, &other, &err));
    fake_pid(root, "data/postmaster.pid", other);
    fake_pid(root, "run/.s.PGSQL." PD_SERVER_PORT ".lock", other);
    assert_int_equal(must(pd_server_status, root).state, PD_SERVER_CRASHED);
    info = must(pd_server_start, root);
    assert_int_equal(kill(other, SIGKILL), 0);
    assert_int_equal(waitpid(other, NULL, 0), other);
    ask(&info, "SELECT v FROM kept", text, sizeof text);
    assert_string_equal(text, "7");
    must(pd_server_destroy, root);
}

/* A backend that is stopped cannot notice that its postmaster died, and holds the memory. */
static void test_orphan(void **state)
{
    char root[128], text[32];
    const char *keys[PD_SERVER_KEYWORDS + 1], *values[PD_SERVER_KEYWORDS + 1];
    (void)state;
    path_in(root, sizeof root, top, "orphan");
    pd_server_opts opts = {.state = root};

    pd_server_info info = must(pd_server_start, root);
    pd_server_keywords(&info, keys, values);
    PGconn *conn = PQconnectdbParams(keys, values, 0);
    int backend = PQbackendPID(conn);
    assert_int_equal(kill(backend, SIGSTOP), 0);
    kill_postmaster(info.pid);
    pd_err err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "was killed still run");
    assert_non_null(strstr(err.hint, "partdemo server stop"));
    assert_int_equal(kill(backend, SIGCONT), 0);
    PQfinish(conn);
    must(pd_server_stop, root);
    info = must(pd_server_start, root);
    ask(&info, "SELECT 1", text, sizeof text);
    must(pd_server_destroy, root);
}

/* Data that the server refuses, data of another version, and what a killed initdb leaves. */
static void test_damaged(void **state)
{
    char root[128], data[256], other[256], text[16];
    (void)state;
    path_in(root, sizeof root, top, "damaged");
    path_in(data, sizeof data, root, "data");
    pd_server_opts opts = {.state = root};

    must(pd_server_start, root);
    must(pd_server_stop, root);
    put(root, "data/postgresql.auto.conf", "no_such_setting = 1\n");
    pd_err err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "did not start");
    assert_non_null(strstr(err.detail, "no_such_setting"));
    assert_non_null(strstr(err.hint, "server.log"));

    put(root, "data/PG_VERSION", "99\n");
    err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "made by PostgreSQL 99");
    assert_non_null(strstr(err.hint, "apt-get install postgresql-99"));
    assert_non_null(strstr(err.hint, "partdemo server destroy"));

    path_in(other, sizeof other, root, "data/PG_VERSION");
    assert_int_equal(unlink(other), 0);
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "PG_VERSION is missing");

    path_in(other, sizeof other, root, "data.new");
    assert_int_equal(rename(data, other), 0);
    assert_int_equal(must(pd_server_status, root).state, PD_SERVER_ABSENT);
    pd_server_info info = must(pd_server_start, root);
    assert_true(info.created && info.started);
    assert_false(exists(root, "data.new"));
    ask(&info, "SELECT 1", text, sizeof text);
    must(pd_server_destroy, root);
}

static void test_no_programs(void **state)
{
    char root[128], bin[128];
    (void)state;
    path_in(root, sizeof root, top, "none");
    path_in(bin, sizeof bin, top, "bin");
    pd_server_opts opts = {.state = root, .pg_bin = bin};

    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "No such file");
    assert_int_equal(mkdir(bin, 0755), 0);
    pd_err err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "there is no postgres in");
    assert_non_null(strstr(err.hint, "--pg-bin"));
    put(bin, "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 12.3'\n");
    put(bin, "initdb", "#!/bin/sh\necho 'cannot make it'; exit 1\n");
    put(bin, "pg_ctl", "");
    static const char *const names[] = {"postgres", "initdb", "pg_ctl"};
    char path[256];
    for (int i = 0; i < 3; i++) {
        path_in(path, sizeof path, bin, names[i]);
        assert_int_equal(chmod(path, 0755), 0);
    }
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "PostgreSQL 12 in");
    put(bin, "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 19beta1'\n");
    err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "initdb could not make");
    assert_string_equal(err.detail, "cannot make it");
    for (int i = 0; i < 3; i++) {
        path_in(path, sizeof path, bin, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(bin), 0);
    must(pd_server_destroy, root);
}

static void test_bad_directory(void **state)
{
    char root[256], target[128], deep[256];
    pd_server_opts opts = {.state = root};
    (void)state;

    memset(deep, 'x', sizeof deep);
    deep[90] = '\0';
    path_in(root, sizeof root, "/tmp", deep);
    pd_err err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, "113 bytes long");
    assert_non_null(strstr(err.message, "107"));
    assert_non_null(strstr(err.hint, "PARTDEMO_STATE"));
    deep[84] = '\0';
    path_in(root, sizeof root, "/tmp", deep);
    must(pd_server_start, root);
    must(pd_server_destroy, root);

    path_in(root, sizeof root, top, "a,b");
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "comma");
    path_in(root, sizeof root, top, "a\nb");
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "control character");
    path_in(root, sizeof root, top, "..");
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "cannot be");

    path_in(target, sizeof target, top, "target");
    assert_int_equal(mkdir(target, 0700), 0);
    path_in(root, sizeof root, top, "link/");
    root[strlen(root) - 1] = '\0';
    assert_int_equal(symlink(target, root), 0);
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "symbolic link");
    strcat(root, "/");
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "symbolic link");
    must_fail(pd_server_destroy, &opts, PD_ERR_SERVER, "symbolic link");
    root[strlen(root) - 1] = '\0';
    assert_int_equal(unlink(root), 0);

    path_in(root, sizeof root, top, "target");
    assert_int_equal(chmod(target, 0777), 0);
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "others may write");
    assert_int_equal(chmod(target, 0700), 0);
    put(target, "file", "x");
    if (geteuid() == 0) {
        must_fail(pd_server_start, &opts, PD_ERR_SERVER, "belongs to another user");
        pd_user user;
        assert_true(pd_user_find(&user, &err));
        assert_int_equal(chown(target, user.uid, user.gid), 0);
    }
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "did not make");
    must_fail(pd_server_destroy, &opts, PD_ERR_SERVER, "did not make");
    path_in(root, sizeof root, target, "file");
    must_fail(pd_server_start, &opts, PD_ERR_SERVER, "no directory");
    assert_int_equal(unlink(root), 0);
    assert_int_equal(rmdir(target), 0);
}

/* Root may go where the user that the server runs as may not. */
static void test_unreachable(void **state)
{
    char root[128], closed[128];
    pd_server_opts opts = {.state = root};
    (void)state;
    if (geteuid() != 0)
        return;
    path_in(closed, sizeof closed, top, "closed");
    path_in(root, sizeof root, closed, "in/state");
    assert_int_equal(mkdir(closed, 0700), 0);
    pd_err err = must_fail(pd_server_start, &opts, PD_ERR_SERVER, closed);
    assert_non_null(strstr(err.message, "may not enter"));
    assert_int_equal(rmdir(closed), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_starter), cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_lost_database),  cmocka_unit_test(test_killed_postmaster),
        cmocka_unit_test(test_orphan),         cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_no_programs),    cmocka_unit_test(test_bad_directory),
        cmocka_unit_test(test_unreachable),
    };
    return cmocka_run_group_tests(tests, make_top, remove_top);
}

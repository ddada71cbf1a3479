/* The private server in ordinary use: made, started, reused, shared, stopped, removed. */
#include "server_util.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>

static void test_lifecycle(void **state)
{
    char root[128], text[128];
    (void)state;
    path_in(root, sizeof root, top, "life");

    assert_int_equal(must(pd_server_status, root).state, PD_SERVER_ABSENT);
    assert_int_equal(must(pd_server_stop, root).state, PD_SERVER_ABSENT);
    assert_false(exists(top, "life"));

    pd_server_info first = must(pd_server_start, root);
    assert_true(first.started && first.created && first.pid > 0);
    ask(&first, "SHOW listen_addresses", text, sizeof text);
    assert_string_equal(text, "");
    ask(&first, "SHOW max_locks_per_transaction", text, sizeof text);
    assert_string_equal(text, "1024");
    ask(&first, "SHOW fsync", text, sizeof text);
    assert_string_equal(text, "on");
    ask(&first, "SELECT current_database() || current_user || current_setting('TimeZone')", text,
        sizeof text);
    assert_string_equal(text, "partitiondbpostgresUTC");
    ask(&first, "SELECT pg_encoding_to_char(encoding) || datcollate FROM pg_database", text,
        sizeof text);
    assert_string_equal(text, "UTF8C");
    ask(&first, "SHOW server_version", text, sizeof text);
    assert_memory_equal(text, first.version, strlen(first.version));
    ask(&first, "CREATE TABLE kept AS SELECT 42 AS v", text, sizeof text);

    pd_server_info again = must(pd_server_start, root);
    assert_false(again.started || again.created);
    assert_int_equal(again.pid, first.pid);
    assert_string_equal(again.version, first.version);

    pd_server_info status = must(pd_server_status, root);
    assert_int_equal(status.state, PD_SERVER_RUNNING);
    assert_int_equal(status.pid, first.pid);
    assert_string_equal(status.version, first.version);

    assert_int_equal(must(pd_server_stop, root).state, PD_SERVER_STOPPED);
    assert_false(exists(root, "data/postmaster.pid"));
    assert_int_equal(must(pd_server_stop, root).state, PD_SERVER_STOPPED);
    again = must(pd_server_start, root);
    assert_true(again.started && !again.created);
    ask(&again, "SELECT v FROM kept", text, sizeof text);
    assert_string_equal(text, "42");

    assert_int_equal(must(pd_server_destroy, root).state, PD_SERVER_ABSENT);
    assert_false(exists(top, "life"));
    must(pd_server_destroy, root);
}

/* Everything in the state directory is private to the user that runs the server, and removing it
 * leaves what others put there. */
static void test_private(void **state)
{
    static const char *const names[] = {"", "data", "run", "lock", "server.log", ".partdemo"};
    char root[128], path[256];
    pd_user user;
    pd_err err;
    struct stat st;
    (void)state;
    path_in(root, sizeof root, top, "private");

    assert_true(pd_user_find(&user, &err));
    must(pd_server_start, root);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(path, sizeof path, root, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_uid, user.uid);
        assert_int_equal(st.st_mode & 077, 0);
    }
    put(root, "mine.txt", "x");
    path_in(path, sizeof path, root, "link");
    assert_int_equal(symlink("/etc", path), 0);
    pd_server_opts opts = {.state = root};
    must_fail(pd_server_destroy, &opts, PD_ERR_SERVER, "holds files that partdemo did not make");
    assert_true(exists(root, "mine.txt") && exists("/etc", "passwd"));
    assert_false(exists(root, "data"));
    assert_int_equal(unlink(path), 0);
    path_in(path, sizeof path, root, "mine.txt");
    assert_int_equal(unlink(path), 0);
    must(pd_server_destroy, root);
    assert_false(exists(top, "private"));
}

/* A removal follows no symbolic link out of the state directory. */
static void test_removes_no_target(void **state)
{
    char root[128], outside[128], path[256];
    (void)state;
    path_in(root, sizeof root, top, "inside");
    path_in(outside, sizeof outside, top, "outside");

    must(pd_server_start, root);
    must(pd_server_stop, root);
    assert_int_equal(mkdir(outside, 0700), 0);
    put(outside, "precious", "x");
    path_in(path, sizeof path, root, "data/pg_tblspc/16384");
    assert_int_equal(symlink(outside, path), 0);
    must(pd_server_destroy, root);
    assert_true(exists(outside, "precious"));
    path_in(path, sizeof path, outside, "precious");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void test_concurrent(void **state)
{
    enum { STARTS = 4 };
    char root[128];
    int fds[2], created = 0, started = 0, pid = 0;
    pid_t children[STARTS];
    (void)state;
    path_in(root, sizeof root, top, "both");

    assert_int_equal(pipe(fds), 0);
    for (int i = 0; i < STARTS; i++)
        children[i] = start_in_child(root, fds[1]);
    for (int i = 0; i < STARTS; i++) {
        pd_server_info info;
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        assert_int_equal(read(fds[0], &info, sizeof info), sizeof info);
        created += info.created;
        started += info.started;
        assert_true(pid == 0 || pid == info.pid);
        pid = info.pid;
    }
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(created, 1);
    assert_int_equal(started, 1);
    must(pd_server_destroy, root);
}

static bool never(void *arg)
{
    ++*(int *)arg;
    return false;
}

/* A server that is being made is reported so, and its maker's lock is waited for. */
static void test_waits_for_lock(void **state)
{
    char root[128], path[256];
    int asked = 0;
    (void)state;
    path_in(root, sizeof root, top, "locked");
    pd_server_opts opts = {.state = root, .stop = {never, &asked}};

    must(pd_server_start, root);
    must(pd_server_stop, root);
    path_in(path, sizeof path, root, "lock");
    pid_t holder = fork();
    if (holder == 0) {
        int fd = open(path, O_RDWR);
        if (fd < 0 || flock(fd, LOCK_EX) != 0)
            _exit(1);
        pd_process_sleep(600, NULL, NULL);
        _exit(0);
    }
    pd_process_sleep(200, NULL, NULL);
    long begun = pd_process_clock();
    pd_server_info info;
    pd_err err;
    assert_true(pd_server_start(&opts, &info, &err));
    assert_true(pd_process_clock() - begun >= 300);
    assert_true(asked > 5);
    int status;
    assert_int_equal(waitpid(holder, &status, 0), holder);
    assert_int_equal(status, 0);
    must(pd_server_destroy, root);
}

static void test_odd_path(void **state)
{
    static const char *const names[] = {"a b'c\"d%s%n\\e$HOME`x`", "žluťoučký 数据 #=;&"};
    char root[128], text[64];
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(root, sizeof root, top, names[i]);
        pd_server_info info = must(pd_server_start, root);
        ask(&info, "SELECT current_database()", text, sizeof text);
        assert_string_equal(text, PD_SERVER_DATABASE);
        assert_false(must(pd_server_start, root).started);
        must(pd_server_destroy, root);
        assert_false(exists(top, names[i]));
    }
}

/* The server outlives its starter and holds none of its descriptors or directories. */
static void test_daemon(void **state)
{
    char root[128], text[16], path[64], cwd[256] = "";
    int fds[2];
    (void)state;
    path_in(root, sizeof root, top, "daemon");

    assert_int_equal(pipe(fds), 0);
    pid_t child = start_in_child(root, -1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(fds[1]);
    assert_int_equal(read(fds[0], text, 1), 0);
    close(fds[0]);
    pd_server_info info = must(pd_server_status, root);
    assert_int_equal(info.state, PD_SERVER_RUNNING);
    assert_int_not_equal(getsid(info.pid), getsid(0));
    snprintf(path, sizeof path, "/proc/%d/cwd", info.pid);
    assert_true(readlink(path, cwd, sizeof cwd - 1) > 0);
    assert_string_equal(cwd, info.data);
    must(pd_server_destroy, root);
}

static int as_user(const pd_user *user, const char *root)
{
    pd_server_opts opts = {.state = root};
    pd_server_info info;
    pd_err err = {0};

    if (setgroups(0, NULL) != 0 || setgid(user->gid) != 0 || setuid(user->uid) != 0)
        return 10;
    if (!pd_server_start(&opts, &info, &err) || !info.created || info.state != PD_SERVER_RUNNING)
        return show(&err), 11;
    if (!pd_server_start(&opts, &info, &err) || info.started)
        return show(&err), 12;
    return 0;
}

/* An ordinary user needs no root, and root manages that user's server as the same one. */
static void test_ordinary_user(void **state)
{
    char home[128], root[128];
    pd_user user;
    pd_err err;
    int status = 0;
    (void)state;
    if (geteuid() != 0)
        return;
    path_in(home, sizeof home, top, "home");
    path_in(root, sizeof root, home, "deep/er/state");

    assert_true(pd_user_find(&user, &err));
    assert_int_equal(mkdir(home, 0755), 0);
    assert_int_equal(chown(home, user.uid, user.gid), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(as_user(&user, root));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(must(pd_server_start, root).started);
    must(pd_server_destroy, root);
    path_in(root, sizeof root, home, "deep/er");
    assert_int_equal(rmdir(root), 0);
    path_in(root, sizeof root, home, "deep");
    assert_int_equal(rmdir(root), 0);
    assert_int_equal(rmdir(home), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lifecycle),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_removes_no_target),
        cmocka_unit_test(test_concurrent),
        cmocka_unit_test(test_waits_for_lock),
        cmocka_unit_test(test_odd_path),
        cmocka_unit_test(test_daemon),
        cmocka_unit_test(test_ordinary_user),
    };
    return cmocka_run_group_tests(tests, make_top, remove_top);
}

/*
 * libpq itself is asked what it makes of the parameters, with the same process environment: the
 * host is a socket directory that does not exist, so it fails before it connects to anything.
 */
#include "config_fixture.h"

#include <libpq-fe.h>

#define NOWHERE "/nonexistent-partdemo"

typedef struct want {
    const char *host, *port, *user, *dbname, *password;
} want;

static void check(const given *in, const want *w)
{
    outcome o;
    pd_config_input input = make_input(in, &o);

    for (char **e = o.env; *e; e++)
        assert_int_equal(putenv(*e), 0);
    o.ok = pd_config_resolve(&input, &o.cfg, &o.problems, &o.err);
    if (!o.ok)
        fail_msg("refused: %s", o.err.message);
    PGconn *conn = PQconnectdbParams(o.cfg->keywords, o.cfg->values, 0);
    assert_non_null(conn);
    const char *message = PQerrorMessage(conn);
    if (!strstr(message, NOWHERE "/.s.PGSQL."))
        fail_msg("libpq did not get as far as the socket: %s", message);
    assert_text("host", PQhost(conn), w->host);
    assert_text("port", PQport(conn), w->port);
    assert_text("user", PQuser(conn), w->user);
    assert_text("dbname", PQdb(conn), w->dbname);
    assert_text("password", PQpass(conn), w->password ? w->password : "");
    PQfinish(conn);
    for (char **e = o.env; *e; e++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        unsetenv(name);
    }
    finish(&o);
}

static void test_levels(void **state)
{
    (void)state;
    check(&(given){.dotenv = "POSTGRES_HOST=" NOWHERE "\nPOSTGRES_PORT=7\nPOSTGRES_DB=d\n"
                             "POSTGRES_USER=u\nPOSTGRES_PASSWORD=" SECRET},
          &(want){NOWHERE, "7", "u", "d", SECRET});
    check(&(given){.env = "PGHOST=" NOWHERE "|PGUSER=eu|PGPASSWORD=ep",
                   .dotenv = "POSTGRES_HOST=h\nPOSTGRES_DB=d\nPOSTGRES_USER=u\n"
                             "POSTGRES_PASSWORD=" SECRET},
          &(want){NOWHERE, "5432", "eu", "d", "ep"});
    check(&(given){.dsn = "postgresql://du:dp@%2Fnonexistent-partdemo/dd",
                   .port = "8",
                   .env = "PGHOST=h|PGUSER=eu|PGPASSWORD=ep|POSTGRES_DB=ed"},
          &(want){NOWHERE, "8", "du", "dd", "dp"});
    /* libpq alone refuses these two */
    check(&(given){.dsn = "host=" NOWHERE " user=u", .env = "PGSSLMODE=|PGTARGETSESSIONATTRS="},
          &(want){NOWHERE, "5432", "u", "u", NULL});
}

static void test_service(void **state)
{
    char path[] = "/tmp/pd-service-XXXXXX", env[200];
    int fd = mkstemp(path);
    static const char text[] =
        "[s]\nhost=" NOWHERE "\nport=9\nuser=su\n[t]\nhost=" NOWHERE "\ndbname=td\nuser=tu\n";

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    setenv("PGSERVICEFILE", path, 1);
    snprintf(env, sizeof env, "PGSERVICE=s|PGUSER=eu|PGDATABASE=ed|POSTGRES_PORT=10");
    check(&(given){.env = env, .dotenv = "POSTGRES_HOST=h\nPGPASSWORD=" SECRET},
          &(want){NOWHERE, "10", "su", "ed", NULL});
    check(&(given){.dsn = "service=t", .env = "PGSERVICE=s|POSTGRES_USER=eu|PGPORT=11"},
          &(want){NOWHERE, "11", "tu", "td", NULL});
    check(&(given){.env = "PGUSER=eu", .dotenv = "PGSERVICE=s\nPOSTGRES_DB=fd\nPGPASSWORD=fp"},
          &(want){NOWHERE, "9", "eu", "fd", "fp"});
    check(&(given){.dsn = "service=t", .user = "flag", .env = "PGSERVICE="},
          &(want){NOWHERE, "5432", "flag", "td", NULL});
    unsetenv("PGSERVICEFILE");
    unlink(path);
}

/* The tests of libpq's reading must not depend on who runs them. */
static int clean_environment(void **state)
{
    PQconninfoOption *table = PQconninfoParse("", NULL);

    for (PQconninfoOption *o = table; o && o->keyword; o++)
        if (o->envvar)
            unsetenv(o->envvar);
    PQconninfoFree(table);
    setenv("PGPASSFILE", NOWHERE, 1);
    return make_dotenv(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_service),
    };
    return cmocka_run_group_tests(tests, clean_environment, remove_dotenv);
}

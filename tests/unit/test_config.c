/* What counts: levels, services, the private server, and how the outcome is shown. */
#include "config_fixture.h"

/* One key, given at every combination of levels as: absent, empty, a value. */
typedef struct key {
    const char *keyword, *postgres, *pg;
    bool flag;
} key;

enum { AT_FLAG, AT_DSN, AT_ENV_POSTGRES, AT_ENV_PG, AT_FILE_POSTGRES, AT_FILE_PG, ALL };

static void add(char *text, const char *name, const char *end, int how, int level)
{
    char value[16] = "";

    if (how == 2)
        snprintf(value, sizeof value, "%d", level + 1);
    if (how > 0)
        sprintf(text + strlen(text), "%s=%s%s", name, value, end);
}

static void check_combination(const key *k, const int *how)
{
    char dsn[64] = "application_name=x", env[128] = "", file[128] = "", flag[8] = "1";
    given in = {.dsn = dsn, .env = env, .dotenv = file};
    outcome o;
    int best = 0;

    if (how[AT_FLAG] == 2 && strcmp(k->keyword, "host") == 0)
        in.host = flag;
    if (how[AT_FLAG] == 2 && strcmp(k->keyword, "port") == 0)
        in.port = flag;
    if (how[AT_FLAG] == 2 && strcmp(k->keyword, "user") == 0)
        in.user = flag;
    if (how[AT_DSN] > 0)
        sprintf(dsn, "application_name=x %s=%s", k->keyword, how[AT_DSN] == 2 ? "2" : "''");
    add(env, k->postgres, "|", how[AT_ENV_POSTGRES], AT_ENV_POSTGRES);
    add(env, k->pg, "|", how[AT_ENV_PG], AT_ENV_PG);
    add(file, k->postgres, "\n", how[AT_FILE_POSTGRES], AT_FILE_POSTGRES);
    add(file, k->pg, "\n", how[AT_FILE_PG], AT_FILE_PG);
    if (strcmp(k->keyword, "host") == 0)
        strcat(dsn, " dbname=d user=u"); /* POSTGRES_HOST asks for them */
    while (best < ALL && how[best] != 2)
        best++;

    run(&in, &o);
    char want[16] = "";
    snprintf(want, sizeof want, "%d", best + 1);
    assert_text(k->keyword, param(&o, k->keyword), best == ALL || best == AT_ENV_PG ? NULL : want);
    const pd_setting *s = setting(&o, k->keyword, false);
    assert_non_null(s);
    assert_true(s->set == (best < ALL));
    if (best < ALL && !s->secret)
        assert_text(k->keyword, s->value, want);
    char origin[64] = "default";
    if (best == AT_FLAG)
        snprintf(origin, sizeof origin, "flag --%s", k->keyword);
    else if (best == AT_DSN)
        strcpy(origin, "--dsn");
    else if (best == AT_ENV_POSTGRES || best == AT_ENV_PG)
        snprintf(origin, sizeof origin, "environment %s", best == AT_ENV_PG ? k->pg : k->postgres);
    else if (best < ALL)
        snprintf(origin, sizeof origin, ".env line %d",
                 best == AT_FILE_PG && how[AT_FILE_POSTGRES] ? 2 : 1);
    assert_text(k->keyword, s->origin, origin);
    finish(&o);
}

static void test_every_combination(void **state)
{
    static const key keys[] = {
        {"host", "POSTGRES_HOST", "PGHOST", true},
        {"port", "POSTGRES_PORT", "PGPORT", true},
        {"dbname", "POSTGRES_DB", "PGDATABASE", false},
        {"user", "POSTGRES_USER", "PGUSER", true},
        {"password", "POSTGRES_PASSWORD", "PGPASSWORD", false},
    };

    (void)state;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (int code = 0; code < 729; code++) {
            int how[ALL], rest = code;
            for (int i = 0; i < ALL; i++, rest /= 3)
                how[i] = rest % 3;
            if (how[AT_FLAG] == 1 || (how[AT_FLAG] == 2 && !keys[k].flag))
                continue;
            check_combination(&keys[k], how);
        }
    }
}

static void test_other_libpq_options(void **state)
{
    outcome o;

    (void)state;
    run(&(given){.env = "PGSSLMODE=require|PGHOST=h",
                 .dotenv = "PGSSLMODE=disable\nPGSSLCERT=/c\nPGAPPNAME=mine\nPGPASSFILE=/p\n"},
        &o);
    assert_text("sslmode", param(&o, "sslmode"), NULL);
    assert_text("sslmode", setting(&o, "sslmode", false)->value, "require");
    assert_text("sslmode", setting(&o, "sslmode", false)->origin, "environment PGSSLMODE");
    assert_text("sslcert", param(&o, "sslcert"), "/c");
    assert_text("application_name", param(&o, "application_name"), "mine");
    assert_text("passfile", param(&o, "passfile"), "/p");
    assert_text("passfile", setting(&o, "passfile", false)->name, "PGPASSFILE");
    finish(&o);
    run(&(given){.dsn = "postgresql://h/d?sslmode=allow",
                 .dotenv = "PGSSLMODE=disable\nPGCONNECT_TIMEOUT=3"},
        &o);
    assert_text("sslmode", param(&o, "sslmode"), "allow");
    assert_text("connect_timeout", param(&o, "connect_timeout"), "3");
    finish(&o);
    run(&(given){.dsn = "host=h", .env = "PGCONNECT_TIMEOUT=4"}, &o);
    assert_text("connect_timeout", param(&o, "connect_timeout"), NULL);
    finish(&o);
    run(&(given){.dsn = "host=h"}, &o);
    assert_text("connect_timeout", param(&o, "connect_timeout"), "10");
    assert_text("connect_timeout", setting(&o, "connect_timeout", false)->origin, "default");
    finish(&o);
    run(&(given){.dsn = "host=h", .env = "PGSSLMODE=|PGCONNECT_TIMEOUT="}, &o);
    assert_text("sslmode", param(&o, "sslmode"), "prefer");
    assert_text("connect_timeout", param(&o, "connect_timeout"), "10");
    finish(&o);
}

static void test_named_or_private(void **state)
{
    static const struct {
        given in;
        bool private_server;
    } rows[] = {
        {{.env = ""}, true},
        {{.env = NULL}, true},
        {{.dotenv = ""}, true},
        {{.env = "PGPORT=1|PGUSER=u|PGDATABASE=d|PGPASSWORD=p|PGSSLMODE=require"}, true},
        {{.env = "POSTGRES_DB=d|POSTGRES_USER=u|POSTGRES_PORT=x"}, true},
        {{.dotenv = "POSTGRES_PORT=x\nPGUSER=u\nPGPASSFILE=/f"}, true},
        {{.env = "POSTGRES_HOST=|PGHOST=|PGHOSTADDR="}, true},
        {{.dotenv = "POSTGRES_HOST=\nPGSERVICE="}, true},
        {{.dsn = "dbname=d"}, false},
        {{.host = "h"}, false},
        {{.port = "1"}, false},
        {{.host = "h", .user = "u"}, false},
        {{.env = "PGHOST=h"}, false},
        {{.env = "PGHOSTADDR=127.0.0.1"}, false},
        {{.env = "PGSERVICE=s"}, false},
        {{.env = "POSTGRES_HOST=h|PGDATABASE=d|PGUSER=u"}, false},
        {{.dotenv = "PGHOST=h"}, false},
        {{.dotenv = "PGHOSTADDR=127.0.0.1"}, false},
        {{.dotenv = "PGSERVICE=s"}, false},
        {{.env = "PGDATABASE=d", .dotenv = "POSTGRES_HOST=h\nPGUSER=u"}, false},
    };
    outcome o;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(&rows[i].in, &o);
        if (o.cfg->private_server != rows[i].private_server)
            fail_msg("row %zu: private is %d", i, o.cfg->private_server);
        if (rows[i].private_server) {
            assert_string_equal(o.cfg->target, "private server");
            assert_string_equal(o.cfg->origin, "nothing names a server");
        }
        finish(&o);
    }
}

static void test_private_ignores(void **state)
{
    static const char *const none[] = {"host",     "port",   "dbname",  "user",
                                       "password", "sslkey", "passfile"};
    outcome o;

    (void)state;
    run(&(given){.env = "PGUSER=u|PGPASSWORD=" SECRET "|PGSSLMODE=verify-full|PGOPTIONS=-c a.b=1",
                 .dotenv = "POSTGRES_DB=d\nPOSTGRES_PASSWORD=" SECRET "\nPGAPPNAME=mine\n"
                           "PGSSLKEY=/k\nPOSTGRES_PORT=99999\n"},
        &o);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_text(none[i], param(&o, none[i]), NULL);
    /* libpq would read these two by itself */
    assert_text("sslmode", param(&o, "sslmode"), "prefer");
    assert_text("options", param(&o, "options"), NULL);
    assert_text("application_name", param(&o, "application_name"), "mine");
    assert_text("connect_timeout", param(&o, "connect_timeout"), "10");
    assert_text("dbname", setting(&o, "dbname", true)->origin, ".env line 1");
    assert_text("dbname", setting(&o, "dbname", true)->value, "d");
    assert_text("user", setting(&o, "user", true)->origin, "environment PGUSER");
    assert_text("port", setting(&o, "port", true)->origin, ".env line 5");
    assert_true(setting(&o, "password", true)->set);
    assert_null(setting(&o, "dbname", false));
    assert_non_null(setting(&o, "options", false));
    assert_true(has_note(&o.cfg->warnings,
                         "POSTGRES_PASSWORD (.env line 2) is ignored: nothing names a server, so "
                         "the private one is used"));
    finish(&o);
}

static void test_service(void **state)
{
    static const char file[] = "POSTGRES_HOST=fh\nPGUSER=fu\nPGPASSWORD=" SECRET "\nPGSSLCERT=/c\n";
    outcome o;

    (void)state;
    run(&(given){.env = "PGSERVICE=s|PGUSER=eu|POSTGRES_DB=ed", .dotenv = file}, &o);
    assert_text("host", param(&o, "host"), NULL);
    assert_text("user", param(&o, "user"), NULL);
    assert_text("password", param(&o, "password"), NULL);
    assert_text("sslcert", param(&o, "sslcert"), NULL);
    assert_text("dbname", param(&o, "dbname"), "ed");
    assert_text("service", param(&o, "service"), NULL);
    assert_text("connect_timeout", param(&o, "connect_timeout"), NULL);
    assert_text("host", setting(&o, "host", true)->origin, ".env line 1");
    assert_text("host", setting(&o, "host", false)->origin, "service file (libpq)");
    assert_text("user", setting(&o, "user", false)->origin, "service file or environment PGUSER");
    assert_text("service", setting(&o, "service", false)->origin, "environment PGSERVICE");
    assert_string_equal(o.cfg->target, "service=s dbname=ed");
    assert_string_equal(o.cfg->origin,
                        "host and port from the service file; db from the environment; user from "
                        "the service file or the environment");
    finish(&o);

    run(&(given){.dsn = "service=s", .env = "POSTGRES_HOST=eh|PGUSER=eu", .dotenv = file}, &o);
    assert_text("service", param(&o, "service"), "s");
    assert_text("host", param(&o, "host"), NULL);
    assert_text("user", param(&o, "user"), NULL);
    assert_string_equal(o.cfg->target, "service=s");
    finish(&o);

    /* The process environment is stronger than a service of .env. */
    run(&(given){.env = "PGUSER=eu",
                 .dotenv = "PGSERVICE=s\nPOSTGRES_DB=fd\nPGPORT=7\n"
                           "PGPASSWORD=" SECRET},
        &o);
    assert_text("service", param(&o, "service"), "s");
    assert_text("user", param(&o, "user"), "eu");
    assert_text("dbname", param(&o, "dbname"), "fd");
    assert_text("port", param(&o, "port"), NULL);
    assert_text("password", param(&o, "password"), SECRET);
    assert_string_equal(o.cfg->target, "service=s dbname=fd user=eu");
    finish(&o);

    run(&(given){.dsn = "service=s", .host = "h", .user = "u"}, &o);
    assert_string_equal(o.cfg->target, "service=s host=h user=u");
    assert_string_equal(o.cfg->origin,
                        "host and user from flags; port and db from the service file");
    finish(&o);
}

static void test_address(void **state)
{
    outcome o;

    (void)state;
    run(&(given){.host = "h", .dotenv = "PGHOSTADDR=10.0.0.1"}, &o);
    assert_text("hostaddr", param(&o, "hostaddr"), NULL);
    finish(&o);
    run(&(given){.host = "h", .dsn = "hostaddr=10.0.0.1"}, &o);
    assert_text("hostaddr", param(&o, "hostaddr"), NULL);
    finish(&o);
    run(&(given){.dsn = "hostaddr=10.0.0.1 host=h user=u dbname=d"}, &o);
    assert_text("hostaddr", param(&o, "hostaddr"), "10.0.0.1");
    assert_string_equal(o.cfg->target, "u@h(10.0.0.1):5432/d");
    finish(&o);
    run(&(given){.dotenv = "PGHOST=h\nPGHOSTADDR=10.0.0.1"}, &o);
    assert_text("hostaddr", param(&o, "hostaddr"), "10.0.0.1");
    finish(&o);
    run(&(given){.host = "h", .env = "PGHOSTADDR=10.0.0.1"}, &o);
    assert_true(has_note(&o.cfg->warnings, "PGHOSTADDR (environment) decides which machine is "
                                           "connected to; host (flag --host) is only its name"));
    finish(&o);
}

static void test_target(void **state)
{
    static const char example[] = "POSTGRES_HOST=localhost\nPOSTGRES_PORT=5438\n"
                                  "POSTGRES_DB=partitiondb\nPOSTGRES_USER=postgres\n"
                                  "POSTGRES_PASSWORD=" SECRET "\nSIMULATOR_INTERVAL_MS=500\n";
    static const struct {
        given in;
        const char *target, *origin;
    } rows[] = {
        {{.dotenv = example}, "postgres@localhost:5438/partitiondb", "from .env"},
        {{.dotenv = example, .host = "h"},
         "postgres@h:5438/partitiondb",
         "host from flags; port, db and user from .env"},
        {{.dotenv = example, .env = "PGPORT=1|POSTGRES_DB=e"},
         "postgres@localhost:1/e",
         "host and user from .env; port and db from the environment"},
        {{.dsn = "postgresql://u:" SECRET "@h:1/d"}, "u@h:1/d", "from --dsn"},
        {{.dsn = "postgresql://u@h/d"},
         "u@h:5432/d",
         "host, db and user from --dsn; port from defaults"},
        {{.dsn = "user=u", .port = "9"},
         "u@[local]:9/u",
         "host and db from defaults; port from flags; user from --dsn"},
        {{.dsn = "host=/run/pg user=u dbname=d port=1"}, "u@/run/pg:1/d", "from --dsn"},
        {{.dsn = "postgresql://u@[::1]:1/d"}, "u@[::1]:1/d", "from --dsn"},
        {{.dsn = "postgresql://u@a:1,b:2/d"}, "u@a,b:1,2/d", "from --dsn"},
        {{.dsn = "hostaddr=10.0.0.1 port=1 user=u dbname=d"}, "u@10.0.0.1:1/d", "from --dsn"},
        {{.dsn = "host=h port=1 user='a\x1b[31m\nb' dbname='\xC3\xA4\xFF\xC2\x9B'"},
         "a\\x1B[31m\\x0Ab@h:1/\xC3\xA4\\xFF\\xC2\\x9B",
         "from --dsn"},
    };
    outcome o;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(&rows[i].in, &o);
        assert_text("target", o.cfg->target, rows[i].target);
        assert_text("origin", o.cfg->origin, rows[i].origin);
        finish(&o);
    }
}

static void test_own_settings(void **state)
{
    outcome o;

    (void)state;
    run(&(given){0}, &o);
    assert_int_equal(o.cfg->simulator_interval_ms, 2000);
    assert_null(o.cfg->root);
    assert_text("interval", setting(&o, "SIMULATOR_INTERVAL_MS", false)->origin, "default");
    assert_false(setting(&o, "PARTDEMO_STATE", false)->set);
    finish(&o);
    run(&(given){.env = "PARTDEMO_ROOT=/e|PARTDEMO_STATE=",
                 .dotenv = "PARTDEMO_ROOT=/f\nPARTDEMO_STATE=/s\nPARTDEMO_PG_BIN='/b c'\n"
                           "SIMULATOR_INTERVAL_MS=2147483647"},
        &o);
    assert_text("root", o.cfg->root, "/e");
    assert_text("state", o.cfg->state, "/s");
    assert_text("pg_bin", o.cfg->pg_bin, "/b c");
    assert_int_equal(o.cfg->simulator_interval_ms, 2147483647);
    assert_text("root", setting(&o, "PARTDEMO_ROOT", false)->origin, "environment PARTDEMO_ROOT");
    assert_text("state", setting(&o, "PARTDEMO_STATE", false)->origin, ".env line 2");
    finish(&o);
}

static void test_scrub(void **state)
{
    char arg[] = "postgresql://u:" SECRET "@h";

    (void)state;
    pd_config_scrub_arg(arg);
    assert_int_equal(strlen(arg), sizeof arg - 1);
    assert_int_equal(strspn(arg, "x"), sizeof arg - 1);
    pd_config_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_other_libpq_options),
        cmocka_unit_test(test_named_or_private),
        cmocka_unit_test(test_private_ignores),
        cmocka_unit_test(test_service),
        cmocka_unit_test(test_address),
        cmocka_unit_test(test_target),
        cmocka_unit_test(test_own_settings),
        cmocka_unit_test(test_scrub),
    };
    return cmocka_run_group_tests(tests, make_dotenv, remove_dotenv);
}

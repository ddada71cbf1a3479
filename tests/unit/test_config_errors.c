/* What is refused or warned about, in which words, and that no value is repeated. */
#include "config_fixture.h"

static void check_problem(const given *in, const char *want, const char *hint)
{
    outcome o;

    run_quietly(in, &o);
    if (o.ok)
        fail_msg("accepted, wanted: %s", want);
    assert_int_equal(o.err.kind, PD_ERR_CONFIG);
    assert_text("problem", o.problems.items[0].text, want);
    assert_int_equal(o.problems.count, 1);
    assert_text("message", o.err.message, want);
    if (hint && !strstr(o.problems.items[0].hint, hint))
        fail_msg("the hint of '%s' is '%s' and lacks '%s'", want, o.problems.items[0].hint, hint);
    finish(&o);
}

static void test_dsn(void **state)
{
#define UNPARSED "--dsn could not be parsed: "
    static const char port[] = "port (--dsn) is not a port: a number from 1 to 65535";
    static const char at[] = "--dsn has an '@' behind the user part";
    static const char percent[] = UNPARSED "invalid percent-encoding";
    static const char word[] = UNPARSED "a word has no '=' after it";
    static const char keyword[] = UNPARSED "a keyword is not known to libpq";
    static const char query[] = UNPARSED "a parameter after '?' is not known to libpq";
    static const char form[] = UNPARSED "a parameter after '?' is not of the form name=value";
    static const struct {
        const char *dsn, *want, *hint;
    } rows[] = {
        {"", "--dsn is empty", "-d takes a URI"},
        {"  ", "--dsn is empty", "-d takes a URI"},
        {SECRET, word, "'dbname=mydb'"},
        {"bob:" SECRET "@h/db", word, "postgresql://"},
        {"host=h password=my " SECRET, word, NULL},
        {"host=h " SECRET " =1 x", keyword, NULL},
        {SECRET "=1", keyword, "single quotes"},
        {"password=a b=" SECRET, keyword, NULL},
        {"=" SECRET, keyword, NULL},
        {"password='" SECRET, UNPARSED "a single quote is not closed", "\\'"},
        {"password='" SECRET "\\'", UNPARSED "a single quote is not closed", "\\'"},
        {"mysql://bob:" SECRET "@h/db", UNPARSED "unknown URI scheme", "postgresql://"},
        {"POSTGRES://bob:" SECRET "@h/db", UNPARSED "unknown URI scheme", "postgresql://"},
        {"p://bob:" SECRET "@h/db", UNPARSED "unknown URI scheme", NULL},
        {"postgresql:/bob:" SECRET "@h/db", word, NULL},
        {"postgresql://bob:" SECRET "%zz@h/db", percent, "%25"},
        {"postgresql://bob:" SECRET "%", percent, "%25"},
        {"postgresql://bob:" SECRET "%4@h", percent, NULL},
        {"postgresql://bob:" SECRET "%00@h", percent, NULL},
        {"postgresql://h/db?sslmode=%" SECRET, percent, NULL},
        {"postgresql://bob:p@" SECRET "@h/db", at, "@ %40"},
        {"postgresql://bob:p#a/" SECRET "@h/db", at, "/ %2F"},
        {"postgresql://bob:12/" SECRET "@h/db", at, "/ %2F"},
        {"postgresql://bob:12?" SECRET "/x@h/db", form, NULL},
        {"postgresql://bob:" SECRET "/db", port, "part of a password"},
        {"postgresql://bob:p#" SECRET, port, "part of a password"},
        {"postgresql://h/db?" SECRET "=1", query, "sslmode"},
        {"postgresql://h/db?" SECRET, form, NULL},
        {"postgresql://h/db?sslmode=" SECRET "=1", form, NULL},
        {"postgresql://bob:1/?sslmode=" SECRET "@h/db", at, "@ %40"},
        {"postgresql://u:" SECRET "@[::1/db", UNPARSED "the '[' of an IPv6 address is not closed",
         NULL},
        {"postgresql://u@[::1]" SECRET "/db",
         "--dsn: the connection URI or keyword string could not be parsed", NULL},
        {"postgresql://h/db?%68%6fst" SECRET "=1",
         "--dsn: the connection URI or keyword string could not be parsed", NULL},
        {"port=" SECRET, port, "part of a password"},
        {"host=h port=0", port, NULL},
        {"host=h port=65536", port, NULL},
        {"host=h port=-1", port, NULL},
        {"host=h port=' 1'", port, NULL},
        {"host=h port=1,", "port (--dsn) lists 2 ports for 1 host", "one for each host"},
        {"host=a,b port=1,2,3", "port (--dsn) lists 3 ports for 2 hosts", NULL},
        {"host=a,b port=1," SECRET, port, NULL},
        {"dbname=postgresql://u:" SECRET "@h/d", "dbname (--dsn) is not a plain name", "-d/--dsn"},
        {"dbname='user=u password=" SECRET "'", "dbname (--dsn) is not a plain name", NULL},
        {"host=u:" SECRET "@h", "host (--dsn) is not a host", NULL},
        {"user='  '", "user (--dsn) is blank", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_problem(&(given){.dsn = rows[i].dsn}, rows[i].want, rows[i].hint);
#undef UNPARSED
}

static void test_dsn_accepted(void **state)
{
    static const struct {
        const char *dsn, *keyword, *value;
    } rows[] = {
        {"postgresql://", "host", NULL},
        {"postgres://h", "host", "h"},
        {"postgresql://u:p%40%2F%3a%25@h/d", "password", "p@/:%"},
        {"postgresql://u:a#b?c@h/d", "password", "a#b?c"},
        {"postgresql://u:a:b@h/d", "password", "a:b"},
        {"postgresql:///d?user=bob@corp&host=h", "user", "bob@corp"},
        {"postgresql://h?ssl=true", "sslmode", "require"},
        {"postgresql://h/d?%73slmode=allow", "sslmode", "allow"},
        {"postgresql://a,b/d", "host", "a,b"},
        {"postgresql://a,b:5/d", "port", ",5"},
        {"postgresql://%2Frun%2Fpg/d", "host", "/run/pg"},
        {"host = h  user = 'a b' ", "user", "a b"},
        {"password='it\\'s \\\\'", "password", "it's \\"},
        {"password=a\\ b", "password", "a b"},
        {"host=@abstract", "host", "@abstract"},
        {"host=@a,@b", "host", "@a,@b"},
        {"host=a,b port=7", "port", "7"},
        {"service=s port=1,2", "port", "1,2"},
        {"port=65535", "port", "65535"},
    };
    outcome o;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(&(given){.dsn = rows[i].dsn}, &o);
        assert_text(rows[i].dsn, param(&o, rows[i].keyword), rows[i].value);
        finish(&o);
    }
}

static void test_values(void **state)
{
    static const char interval[] =
        "SIMULATOR_INTERVAL_MS (%s) is not a number of milliseconds from 1 to 2147483647";
    static const char *const intervals[] = {
        "0", "-1", "1.5", "1e3", SECRET, "2s", " 1", "+1", "2147483648", "99999999999999999999"};
    char env[100], want[200];

    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        snprintf(env, sizeof env, "SIMULATOR_INTERVAL_MS=%s", intervals[i]);
        snprintf(want, sizeof want, interval, "environment");
        check_problem(&(given){.env = env}, want, NULL);
        snprintf(env, sizeof env, "\nSIMULATOR_INTERVAL_MS='%s'", intervals[i]);
        snprintf(want, sizeof want, interval, ".env line 2");
        check_problem(&(given){.dotenv = env}, want, NULL);
    }
    check_problem(&(given){.host = ""}, "host (flag --host) is empty", NULL);
    check_problem(&(given){.port = ""}, "port (flag --port) is empty", NULL);
    check_problem(&(given){.host = "h", .user = ""}, "user (flag --user) is empty", NULL);
    check_problem(&(given){.user = "u"}, "-U needs a server: -h or -d", NULL);
    check_problem(&(given){.port = SECRET},
                  "port (flag --port) is not a port: a number from 1 to 65535", NULL);
    check_problem(&(given){.env = "PGHOST=h|PGPORT=" SECRET},
                  "PGPORT (environment) is not a port: a number from 1 to 65535", NULL);
    check_problem(&(given){.dotenv = "PGHOST=h\nPOSTGRES_PORT=" SECRET},
                  "POSTGRES_PORT (.env line 2) is not a port: a number from 1 to 65535", NULL);
    check_problem(&(given){.host = "postgresql://u:" SECRET "@h/d"},
                  "host (flag --host) is not a host", "-d/--dsn");
    check_problem(&(given){.env = "PGHOST=h|PGDATABASE=postgresql://u:" SECRET "@h/d"},
                  "PGDATABASE (environment) is not a plain name", "-d/--dsn");
    check_problem(&(given){.env = "PGSERVICE="},
                  "PGSERVICE (environment) is set but empty, and libpq takes that for a name",
                  "unset PGSERVICE");
}

static void test_required(void **state)
{
    static const char db[] = "POSTGRES_DB is required when POSTGRES_HOST names the server";
    static const char user[] = "POSTGRES_USER is required when POSTGRES_HOST names the server";
    outcome o;

    (void)state;
    check_problem(&(given){.env = "POSTGRES_HOST=h|PGUSER=u"}, db, ".env");
    check_problem(&(given){.dotenv = "POSTGRES_HOST=h\nPOSTGRES_DB=d"}, user, ".env");
    check_problem(&(given){.dotenv = "POSTGRES_HOST=h\nPOSTGRES_USER=u\nPOSTGRES_DB=\n"},
                  "POSTGRES_DB (.env line 3) is empty, and it is required when POSTGRES_HOST names "
                  "the server",
                  ".env");
    run(&(given){.dotenv = "POSTGRES_HOST=h\nPOSTGRES_DB=d", .user = "u"}, &o);
    finish(&o);
    run(&(given){.dotenv = "POSTGRES_HOST=h", .dsn = "user=u dbname=d"}, &o);
    finish(&o);
    run(&(given){.dotenv = "POSTGRES_HOST=h", .host = "other"}, &o);
    finish(&o);
    run(&(given){.env = "POSTGRES_HOST=h|PGSERVICE=s"}, &o);
    finish(&o);
}

static void test_all_at_once(void **state)
{
    outcome o;

    (void)state;
    run_quietly(&(given){.dsn = "postgresql://u:" SECRET "%x@h",
                         .port = SECRET,
                         .env = "SIMULATOR_INTERVAL_MS=" SECRET,
                         .dotenv = "POSTGRES_HOST=h\n" SECRET "\nA='" SECRET "\n"},
                &o);
    assert_false(o.ok);
    assert_int_equal(o.problems.count, 5);
    assert_true(has_note(&o.problems, ".env line 2: no '=' after the name"));
    assert_true(has_note(&o.problems, ".env line 3: the quote is not closed"));
    assert_true(has_note(&o.problems, "--dsn could not be parsed: invalid percent-encoding"));
    assert_non_null(strstr(o.err.message, "5 settings are wrong: .env line 2: no '=' after the "
                                          "name; .env line 3: the quote is not closed; --dsn "));
    finish(&o);

    check_problem(&(given){.dotenv = "POSTGRES_PASSWORD=" SECRET " \n" SECRET "\n"},
                  ".env line 2: no '=' after the name", NULL);
    pd_config_input in = {.dotenv = "/tmp"};
    pd_notes problems = {0};
    pd_config *cfg;
    assert_false(pd_config_resolve(&in, &cfg, &problems, NULL));
    assert_true(has_note(&problems, ".env: cannot read /tmp: it is a directory"));
    pd_notes_free(&problems);
}

static void check_warning(const given *in, const char *want)
{
    outcome o;

    run(in, &o);
    if (want ? !has_note(&o.cfg->warnings, want) : o.cfg->warnings.count > 0)
        fail_msg("warnings are %zu, first: %s; want %s", o.cfg->warnings.count,
                 o.cfg->warnings.count ? o.cfg->warnings.items[0].text : "", want ? want : "none");
    finish(&o);
}

static void test_warnings(void **state)
{
    static const char clear[] = "a password goes over the network to a server whose identity is "
                                "not checked (sslmode is weaker than verify-full)";
    static const char foreign[] =
        "POSTGRES_PASSWORD (.env line 2) is used for a host that .env does not name";
    static const char *const local[] = {"localhost", "127.0.0.1", "127.1.2.3",    "::1",
                                        "/run/pg",   "@abstract", "localhost,::1"};
    static const char *const remote[] = {
        "db", "10.0.0.1", "127.evil.org", "localhost.evil.org", "localhost,db", "::2"};
    static const char with_host[] = "PGHOST=localhost\nPOSTGRES_PASSWORD=" SECRET "\n";

    (void)state;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        check_warning(&(given){.host = local[i], .env = "PGPASSWORD=" SECRET}, NULL);
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        check_warning(&(given){.host = remote[i], .env = "PGPASSWORD=" SECRET}, clear);
    check_warning(&(given){.host = "db", .env = "PGPASSWORD=x|PGSSLMODE=verify-full"}, NULL);
    check_warning(&(given){.host = "db", .env = "PGPASSWORD=x|PGSSLMODE=verify-ca"}, clear);
    check_warning(&(given){.host = "db", .env = "PGPASSWORD=x|PGSSLROOTCERT=system"}, NULL);
    check_warning(&(given){.host = "db", .env = "PGPASSWORD=x|PGSSLROOTCERT=/r"}, clear);
    check_warning(&(given){.host = "db"}, NULL);
    check_warning(&(given){.dsn = "hostaddr=10.0.0.1", .env = "PGPASSWORD=" SECRET}, clear);

    check_warning(&(given){.host = "db", .dotenv = with_host}, foreign);
    check_warning(&(given){.host = "localhost", .dotenv = with_host}, NULL);
    check_warning(&(given){.dotenv = with_host}, NULL);
    check_warning(&(given){.dsn = "password=" SECRET},
                  "the password in --dsn stays in the history of the shell");
    check_warning(&(given){.dsn = "host=a host=b"}, "--dsn gives host twice; the last one counts");
    check_warning(&(given){.dsn = "postgresql://h/d?sslmode=allow&sslmode=prefer"},
                  "--dsn gives sslmode twice; the last one counts");
    check_warning(&(given){.dotenv = "A=" SECRET "\nA=" SECRET},
                  ".env line 2: the name is set on line 1 too; the last one counts");
}

static void test_names_in_dotenv(void **state)
{
    (void)state;
    check_warning(&(given){.dotenv = "PARTDEMO_STAET=" SECRET},
                  ".env line 1: unknown name PARTDEMO_STAET; did you mean PARTDEMO_STATE?");
    check_warning(&(given){.dotenv = "\nPARTDEMO_NONSENSE=" SECRET},
                  ".env line 2: unknown name PARTDEMO_NONSENSE");
    check_warning(&(given){.dotenv = "POSTGRES_HOTS=x"},
                  ".env line 1: unknown name POSTGRES_HOTS; did you mean POSTGRES_HOST?");
    check_warning(&(given){.dotenv = "PGSLMODE=x"},
                  ".env line 1: unknown name PGSLMODE; did you mean PGSSLMODE?");
    check_warning(&(given){.dotenv = "SIMULATOR_INTERVAL=1"}, NULL);
    check_warning(&(given){.dotenv = "SIMULATOR_INTERVALMS=1"},
                  ".env line 1: unknown name SIMULATOR_INTERVALMS; did you mean "
                  "SIMULATOR_INTERVAL_MS?");
    check_warning(&(given){.dotenv = "PGTZ=UTC"},
                  ".env line 1: libpq reads PGTZ from the process environment only");
    check_warning(&(given){.dotenv = "PGDATA=/d\nPOSTGRES_INITDB_ARGS=x\nEDITOR=vi\n"
                                     "PARTDEMO_ROOT=/r\nPGAPPNAME=a\n"},
                  NULL);
    check_warning(&(given){.env = "PARTDEMO_STAET=x"}, NULL);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void add_junk(char *text, uint32_t *seed)
{
    static const char *const pieces[] = {"@",  "%",     "%4", "%40", "/", "?", "&",
                                         "'",  " ",     "\\", "[",   "]", "=", ":",
                                         "//", "host=", "#",  "://", ",", "7", "sslmode="};

    for (uint32_t n = next(seed) % 4; n > 0; n--)
        strcat(text, pieces[next(seed) % (sizeof pieces / sizeof *pieces)]);
}

/* A password with special characters that nobody encoded is refused or understood, not shown. */
static void test_garbage(void **state)
{
    uint32_t seed = 20240301;
    size_t accepted = 0;

    (void)state;
    for (int round = 0; round < 15000; round++) {
        char dsn[128], dotenv[300];
        outcome o;
        strcpy(dsn, "postgresql://bob:");
        add_junk(dsn, &seed);
        strcat(dsn, SECRET);
        add_junk(dsn, &seed);
        strcat(dsn, "@h/db");
        snprintf(dotenv, sizeof dotenv, "POSTGRES_PASSWORD=%s\n%s\n", dsn, dsn);
        run_quietly(&(given){.dsn = dsn, .dotenv = round % 8 ? NULL : dotenv}, &o);
        accepted += o.ok;
        finish(&o);
    }
    assert_in_range(accepted, 500, 14500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dsn),
        cmocka_unit_test(test_dsn_accepted),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_names_in_dotenv),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, make_dotenv, remove_dotenv);
}

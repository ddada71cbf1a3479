/*
 * Every allocation fails in turn, libpq's too: the allocator of the program is this one. Under ASan
 * the real one is ASan's, so that leaks and stray reads are seen as well.
 */
#include "config_fixture.h"

#include "core/dotenv.h"

#ifdef __SANITIZE_ADDRESS__
#define REAL(f) __interceptor_##f
#else
#define REAL(f) __libc_##f
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t size);

/* Called before ASan is ready. */
#define RAW __attribute__((no_sanitize("address", "undefined")))

static bool armed;
static size_t calls, fail_at;

RAW static bool fails(void)
{
    return armed && ++calls == fail_at;
}

RAW void *malloc(size_t size)
{
    return fails() ? NULL : REAL(malloc)(size);
}

RAW void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : REAL(calloc)(n, size);
}

RAW void *realloc(void *p, size_t size)
{
    return fails() ? NULL : REAL(realloc)(p, size);
}

/* Fails allocation 1, 2, 3, ... until one run needs fewer; returns how many there are. */
static size_t fail_each(bool (*once)(const given *, pd_err *), const given *in)
{
    pd_err err;

    for (fail_at = 1; fail_at < 10000; fail_at++) {
        err.kind = PD_ERR_NONE;
        bool as_usual = once(in, &err);
        if (calls < fail_at)
            return calls;
        if (as_usual)
            continue; /* an allocation whose failure somebody could bear */
        assert_int_equal(err.kind, PD_ERR_SYSTEM);
        assert_string_equal(err.message, "out of memory");
    }
    fail_msg("no end of allocations");
    return 0;
}

static bool load_once(const given *in, pd_err *err)
{
    pd_dotenv env = {0};

    (void)in;
    calls = 0;
    armed = true;
    bool ok = pd_dotenv_load(&env, dotenv_path, err);
    armed = false;
    bool as_usual = ok ? env.count == 3 && env.warnings.count == 1
                       : err->kind == PD_ERR_CONFIG && env.errors.count == 2;
    pd_dotenv_free(&env);
    return as_usual;
}

static bool resolve_once(const given *in, pd_err *err)
{
    outcome o;
    pd_config_input input = make_input(in, &o);

    calls = 0;
    armed = true;
    o.ok = pd_config_resolve(&input, &o.cfg, &o.problems, err);
    armed = false;
    o.err = *err;
    no_secret_anywhere(&o);
    bool as_usual = o.ok ? strcmp(o.cfg->target, "u@h:5432/d") == 0 && o.cfg->warnings.count == 5
                         : err->kind == PD_ERR_CONFIG && o.problems.count == 4;
    finish(&o);
    return as_usual;
}

static void test_dotenv(void **state)
{
    outcome o;

    (void)state;
    make_input(&(given){.dotenv = "A=1\nA=2\nB=3\n"}, &o);
    finish(&o);
    assert_in_range(fail_each(load_once, NULL), 5, 50);
    make_input(&(given){.dotenv = "A\nB='\nC=1\n"}, &o);
    finish(&o);
    assert_in_range(fail_each(load_once, NULL), 5, 50);
}

static void test_resolve(void **state)
{
    static const given good = {.dsn = "postgresql://u:" SECRET "@g/d",
                               .host = "h",
                               .env = "PGAPPNAME=a|PGUSER=e",
                               .dotenv = "POSTGRES_HOST=f\nPARTDEMO_ROT=1\nPGSSLCERT=c\n"
                                         "A=1\nA=2\nPGTZ=UTC\n"};
    static const given bad = {
        .dsn = "host=h port=" SECRET, .env = "SIMULATOR_INTERVAL_MS=0", .dotenv = SECRET "\nA='\n"};
    static const given bad_dsn = {.dsn = "postgresql://h:1/d?sslmode=a&" SECRET "=1",
                                  .env = "SIMULATOR_INTERVAL_MS=0",
                                  .dotenv = SECRET "\nA='\n"};

    (void)state;
    assert_in_range(fail_each(resolve_once, &good), 20, 1000);
    assert_in_range(fail_each(resolve_once, &bad), 20, 1000);
    assert_in_range(fail_each(resolve_once, &bad_dsn), 10, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dotenv),
        cmocka_unit_test(test_resolve),
    };
    return cmocka_run_group_tests(tests, make_dotenv, remove_dotenv);
}

/* Errors and time: texts cut at characters, moments that cannot overflow. */
#include "core/clock.h"
#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static void test_set(void **state)
{
    pd_err err;

    (void)state;
    memset(&err, 'x', sizeof err);
    assert_false(pd_err_set(&err, PD_ERR_INPUT, "%s %d", "line", 7));
    assert_int_equal(err.kind, PD_ERR_INPUT);
    assert_string_equal(err.message, "line 7");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.sqlstate, "");
    assert_int_equal(err.line, 0);
    assert_int_equal(err.position, 0);
    assert_false(pd_err_hint(&err, "%c", 'h'));
    assert_string_equal(err.hint, "h");
    assert_string_equal(err.message, "line 7");
    assert_false(pd_err_set(NULL, PD_ERR_INPUT, "nobody listens"));
    assert_false(pd_err_hint(NULL, "nobody listens"));
}

/* Characters of 1 to 4 bytes, the cut at every offset within them. */
static void test_cut(void **state)
{
    static const char *const characters[] = {"a", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x90\x98"};
    char text[2100], small[64];
    pd_err err;

    (void)state;
    for (size_t c = 0; c < 4; c++)
        for (size_t lead = 0; lead < 4; lead++) {
            size_t len = lead, width = strlen(characters[c]);
            memset(text, 'x', lead);
            for (; len < 2000; len += width)
                memcpy(text + len, characters[c], width + 1);
            pd_err_set(&err, PD_ERR_SQL, "%s", text);
            size_t whole = (sizeof err.message - 1 - lead) / width * width + lead;
            assert_int_equal(strlen(err.message), whole);
            assert_memory_equal(err.message, text, whole);
            pd_err_hint(&err, "%s", text);
            assert_int_equal(strlen(err.hint), whole);
            for (size_t size = 1; size < sizeof small; size++) {
                pd_err_copy(small, size, text);
                whole = size - 1 < lead ? size - 1 : (size - 1 - lead) / width * width + lead;
                assert_int_equal(strlen(small), whole);
                assert_memory_equal(small, text, whole);
            }
        }
}

/* What is no UTF-8 at all is still a string that ends. */
static void test_cut_garbage(void **state)
{
    char text[200], small[50];

    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        memset(text, byte, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        for (size_t size = 1; size < sizeof small; size++) {
            memset(small, 'z', sizeof small);
            pd_err_copy(small, size, text);
            assert_true(strlen(small) < size);
            assert_true(size == 1 || strlen(small) + 5 >= size);
        }
    }
    pd_err_copy(small, sizeof small, NULL);
    assert_string_equal(small, "");
}

static void test_kinds(void **state)
{
    (void)state;
    assert_string_equal(pd_err_kind_name(PD_ERR_NONE), "none");
    assert_string_equal(pd_err_kind_name(PD_ERR_SQL), "sql");
    assert_string_equal(pd_err_kind_name(PD_ERR_CONN), "connection");
    assert_string_equal(pd_err_kind_name(PD_ERR_CONFIG), "config");
    assert_string_equal(pd_err_kind_name(PD_ERR_SERVER), "server");
    assert_string_equal(pd_err_kind_name(PD_ERR_INPUT), "input");
    assert_string_equal(pd_err_kind_name(PD_ERR_SYSTEM), "system");
    assert_string_equal(pd_err_kind_name(PD_ERR_INTERRUPT), "interrupt");
}

static void test_clock(void **state)
{
    static const double at_once[] = {0, -0.0, -1, -1e300, NAN, -INFINITY};
    static const double never[] = {1.1e9, 1e300, INFINITY};

    (void)state;
    for (size_t i = 0; i < sizeof at_once / sizeof *at_once; i++) {
        int64_t before = pd_clock_now(), at = pd_clock_after(at_once[i]);
        assert_true(at >= before && at <= pd_clock_now());
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_true(pd_clock_after(never[i]) == PD_FOREVER);
    int64_t before = pd_clock_now(), at = pd_clock_after(1.5);
    assert_true(at - before >= 3 * PD_SECOND / 2 && at <= pd_clock_now() + 3 * PD_SECOND / 2);
    assert_true(pd_clock_after(1e9) > before && pd_clock_after(1e9) != PD_FOREVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),         cmocka_unit_test(test_cut),
        cmocka_unit_test(test_cut_garbage), cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

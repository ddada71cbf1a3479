/* Positions in what is sent, traced back to the file. */
#include "core/sqltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const char *lookup(void *ud, const char *name, size_t len)
{
    static const char *const known[][2] = {
        {"quote", "it's"},
        {"wide", "a + b"},
        {"twice", ":wide :wide"},
    };

    (void)ud;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i][0]) == len && memcmp(known[i][0], name, len) == 0)
            return known[i][1];
    }
    return NULL;
}

static const pd_sqltext_vars vars = {.lookup = lookup};

static pd_sqltext *split(const char *src)
{
    pd_sqltext *text = NULL;
    pd_err err;

    if (!pd_sqltext_split(src, strlen(src), &vars, &text, &err))
        fail_msg("%s (line %d)", err.message, err.line);
    return text;
}

static void expect_position(const pd_sqltext *text, size_t i, const char *needle, int line,
                            int column, const char *shown, int caret)
{
    pd_sqlstmt stmt = pd_sqltext_get(text, i);
    const char *at = strstr(stmt.text, needle);
    pd_sqlpos pos;
    int position = 1;

    assert_non_null(at);
    for (const char *p = stmt.text; p < at; p++)
        position += ((unsigned char)p[1] & 0xC0) != 0x80;
    assert_true(pd_sqltext_locate(text, i, position, &pos));
    assert_int_equal(pos.line, line);
    assert_int_equal(pos.column, column);
    assert_string_equal(pos.text, shown);
    assert_int_equal(pos.caret, caret);
}

static void test_locate(void **state)
{
    pd_sqltext *text =
        split("\xEF\xBB\xBFSELECT 1; -- é\r\n\r\n-- c\r\n  SELECT 'é' ||\tfoo,\r\n\n\n bar\r\n");

    (void)state;
    expect_position(text, 0, "SELECT", 1, 1, "SELECT 1", 0);
    expect_position(text, 0, "1", 1, 8, "SELECT 1", 7);
    expect_position(text, 1, "SELECT", 4, 3, "SELECT 'é' || foo,", 0);
    expect_position(text, 1, "foo", 4, 17, "SELECT 'é' || foo,", 14);
    expect_position(text, 1, "bar", 7, 2, " bar", 1);
    pd_sqltext_free(text);
}

static void test_locate_in_variables(void **state)
{
    pd_sqltext *text =
        split("SELECT 1;\nSELECT :wide, :'quote', é :nope, x,\n :twice y\n\n\\; z\\:q");
    pd_sqlpos pos;

    (void)state;
    expect_position(text, 1, "a + b", 2, 8, "SELECT a + b, 'it''s', é :nope, x,", 7);
    expect_position(text, 1, "+ b, '", 2, 8, "SELECT a + b, 'it''s', é :nope, x,", 9);
    expect_position(text, 1, ", 'it", 2, 13, "SELECT a + b, 'it''s', é :nope, x,", 12);
    expect_position(text, 1, "s',", 2, 15, "SELECT a + b, 'it''s', é :nope, x,", 19);
    expect_position(text, 1, ":nope", 2, 27, "SELECT a + b, 'it''s', é :nope, x,", 25);
    expect_position(text, 1, "x,", 2, 34, "SELECT a + b, 'it''s', é :nope, x,", 32);
    expect_position(text, 1, "b a + b y", 3, 2, " a + b a + b y", 5);
    expect_position(text, 1, "y", 3, 9, " a + b a + b y", 13);
    expect_position(text, 1, ";", 5, 2, "; z:q", 0);
    expect_position(text, 1, "z", 5, 4, "; z:q", 2);
    expect_position(text, 1, "q", 5, 7, "; z:q", 4);
    assert_true(pd_sqltext_locate(text, 1, 10, &pos));
    assert_true(pos.in_value);
    assert_true(pd_sqltext_locate(text, 1, 1, &pos));
    assert_false(pos.in_value);
    pd_sqltext_free(text);
}

static void test_locate_bounds(void **state)
{
    pd_sqltext *text = split("SELECT é;SELECT (1");
    pd_sqlpos pos;

    (void)state;
    assert_true(pd_sqltext_locate(text, 0, 9, &pos)); /* the end of input */
    assert_int_equal(pos.column, 9);
    assert_int_equal(pos.caret, 8);
    assert_false(pd_sqltext_locate(text, 0, 10, &pos));
    assert_false(pd_sqltext_locate(text, 0, 0, &pos));
    assert_false(pd_sqltext_locate(text, 0, -1, &pos));
    assert_false(pd_sqltext_locate(text, 0, INT32_MAX, &pos));
    assert_true(pd_sqltext_locate(text, 1, 10, &pos));
    assert_int_equal(pos.column, 19);
    assert_false(pd_sqltext_locate(text, 2, 1, &pos));
    pd_sqltext_free(text);
}

static void test_locate_long_line(void **state)
{
    char src[4096] = "SELECT ";
    pd_sqlpos pos;

    (void)state;
    for (int i = 0; i < 500; i++)
        strcat(src, "ü€");
    pd_sqltext *text = split(src);
    for (int position = 1; position <= 1008; position++) {
        assert_true(pd_sqltext_locate(text, 0, position, &pos));
        assert_int_equal(pos.column, position);
        int shown = 0, at = 0;
        for (const char *p = pos.text; *p; p++) {
            shown += ((unsigned char)*p & 0xC0) != 0x80;
            if (shown == pos.caret + 1 && at == 0)
                at = (int)(p - pos.text) + 1;
        }
        assert_true(shown <= PD_SQLPOS_COLUMNS + 6);
        if (position < 8)
            assert_int_equal(pos.text[at - 1], "SELECT "[position - 1]);
        else if (position < 1008)
            assert_memory_equal(pos.text + at - 1, position % 2 == 0 ? "ü" : "€", 2);
        else
            assert_int_equal(pos.caret, shown);
    }
    assert_memory_equal(pos.text, "...", 3);
    pd_sqltext_free(text);
}

/* Every prefix of a text that has it all, and every byte of it replaced: no crash, and positions
 * that stay within the file. */
static void test_any_bytes(void **state)
{
    static const char src[] =
        "\xEF\xBB\xBF-- a\nSELECT :twice, :'quote' $a$ ; $b$ $a$;\r\n/* b /* c */ */\n"
        "CREATE FUNCTION f() BEGIN ATOMIC CASE; END; END; E'\\'' U&\"x\" \\; 1e5;";
    char copy[sizeof src];

    (void)state;
    for (size_t i = 0; i < sizeof src; i++) {
        for (int byte = 0; byte < 256; byte += i % 2 ? 7 : 11) {
            pd_sqltext *text;
            memcpy(copy, src, sizeof src);
            copy[i] = (char)byte;
            size_t len = byte == 0 ? i : sizeof src - 1;
            if (!pd_sqltext_split(copy, len, &vars, &text, NULL))
                continue;
            for (size_t s = 0; s < pd_sqltext_count(text); s++) {
                pd_sqlpos pos;
                for (int p = 1; pd_sqltext_locate(text, s, p, &pos); p++)
                    assert_in_range(pos.line, 1, 5);
            }
            pd_sqltext_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locate),        cmocka_unit_test(test_locate_in_variables),
        cmocka_unit_test(test_locate_bounds), cmocka_unit_test(test_locate_long_line),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

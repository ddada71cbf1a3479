/* Other names for identifiers: which tokens take them, and that places still lead to the file. */
#include "core/sqltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const char *rename_identifier(void *ud, const char *name, size_t len)
{
    static const char *const known[][2] = {
        {"logs", "logs_old"}, {"Mixed Case", "\"the old one\""}, {"größe", "size"}, {"gone", ""}};

    (void)ud;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i][0]) == len && memcmp(known[i][0], name, len) == 0)
            return known[i][1];
    }
    return NULL;
}

static const char *lookup(void *ud, const char *name, size_t len)
{
    (void)ud;
    return len == 1 && *name == 't' ? "logs AS x" : NULL;
}

static pd_sqltext *split(const char *src)
{
    static const pd_sqltext_vars vars = {.lookup = lookup, .rename = rename_identifier};
    pd_sqltext *text = NULL;
    pd_err err;

    if (!pd_sqltext_split(src, strlen(src), &vars, &text, &err))
        fail_msg("%s (line %d)", err.message, err.line);
    return text;
}

static void test_identifiers(void **state)
{
    static const char *const cases[][2] = {
        {"SELECT logs.id FROM logs", "SELECT logs_old.id FROM logs_old"},
        {"TABLE LOGS", "TABLE logs_old"},
        {"TABLE public.\"logs\"", "TABLE public.logs_old"},
        {"logs", "logs_old"},
        {"\"logs\"", "logs_old"},
        {"(logs)", "(logs_old)"},
        {"TABLE \"Mixed Case\"", "TABLE \"the old one\""},
        {"TABLE größe", "TABLE size"},
        {"SELECT gone 1", "SELECT  1"},
        {"FROM :t, logs", "FROM logs_old AS x, logs_old"},
        {"SELECT 1.logs", "SELECT 1.logs"}, /* a number with an identifier glued to it */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pd_sqltext *text = split(cases[i][0]);
        assert_string_equal(pd_sqltext_get(text, 0).text, cases[i][1]);
        pd_sqltext_free(text);
    }
}

static void test_everything_else(void **state)
{
    static const char *const cases[] = {
        "SELECT 'logs'",
        "SELECT E'\\'logs'",
        "SELECT 'a' 'logs'",
        "SELECT $$ logs $$, $logs$ logs $logs$",
        "SELECT 1 /* logs */ -- logs",
        "TABLE logs_1",
        "TABLE _logs",
        "TABLE logs$",
        "TABLE \"LOGS\"",
        "TABLE \" logs\"",
        "TABLE \"\"\"logs\"",
        "TABLE \"logs\"\"\"",
        "TABLE mixed case",
        "TABLE U&\"logs\"",
        "SELECT B'logs', x'logs', n'logs'",
        "TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pd_sqltext *text = split(cases[i]);
        assert_int_equal(pd_sqltext_count(text), 1);
        assert_string_equal(pd_sqltext_get(text, 0).text, cases[i]);
        pd_sqltext_free(text);
    }
}

static void test_places(void **state)
{
    pd_sqltext *text = split("SELECT 1;\n-- note\nSELECT 2\nFROM logs, x");
    pd_sqlstmt stmt = pd_sqltext_get(text, 1);
    pd_sqlpos pos;

    (void)state;
    assert_string_equal(stmt.text, "SELECT 2\nFROM logs_old, x");
    assert_string_equal(stmt.comment, "note");
    assert_string_equal(stmt.verb, "SELECT");
    assert_true(pd_sqltext_locate(text, 1, 17, &pos)); /* within logs_old */
    assert_int_equal(pos.line, 4);
    assert_int_equal(pos.column, 6);
    assert_true(pd_sqltext_locate(text, 1, 25, &pos)); /* x */
    assert_int_equal(pos.line, 4);
    assert_int_equal(pos.column, 12);
    pd_sqltext_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identifiers),
        cmocka_unit_test(test_everything_else),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

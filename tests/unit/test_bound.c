/* Partition bounds read and written as PostgreSQL writes them. */
#include "core/bound.h"
#include "core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pd_bound parsed(const char *text)
{
    pd_bound bound;
    pd_err err;

    if (!pd_bound_parse(&bound, text, &err))
        fail_msg("%s", err.message);
    return bound;
}

static void prints(const char *text, const char *want)
{
    pd_bound bound = parsed(text);
    pd_buf out = {0};
    pd_err err;

    assert_true(pd_bound_print(&bound, &out, &err));
    assert_string_equal(out.data, want);
    assert_int_equal(out.len, strlen(want));
    pd_buf_free(&out);
    pd_bound_free(&bound);
}

/* As pg_get_expr() of PostgreSQL 15 to 18 gave them. */
static const char *const catalog[] = {
    "DEFAULT",
    "FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')",
    "FOR VALUES FROM (MINVALUE) TO ('2024-02-01 00:00:00+00')",
    "FOR VALUES FROM ('infinity') TO (MAXVALUE)",
    "FOR VALUES FROM (1) TO (10)",
    "FOR VALUES FROM ('-10') TO (1)",
    "FOR VALUES FROM (1.50) TO (20000000000.25)",
    "FOR VALUES FROM (1, 'a', MINVALUE) TO (1, 'b', MAXVALUE)",
    "FOR VALUES FROM ('2024-01-01', MINVALUE, MINVALUE) TO (MAXVALUE, MAXVALUE, MAXVALUE)",
    "FOR VALUES IN ('US', 'CA', 'it''s', '')",
    "FOR VALUES IN (NULL)",
    "FOR VALUES IN ('NULL', NULL, 'a,b', '(', ')', ' x ')",
    "FOR VALUES IN (true, false, NULL)",
    "FOR VALUES IN ('-5', 0, 5)",
    "FOR VALUES IN (E'a\\\\b', E'\\\\''')",
    "FOR VALUES IN ('{1,2}', '(1,\"x y\")', '\"quoted\"')",
    "FOR VALUES IN (B'101', B'')",
    "FOR VALUES IN ('\u4e2d\u6587', 'line\nbreak')",
    "FOR VALUES WITH (modulus 4, remainder 0)",
    "FOR VALUES WITH (modulus 2147483647, remainder 2147483646)",
};

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof catalog / sizeof *catalog; i++)
        prints(catalog[i], catalog[i]);
}

/* A person's spelling is as good. */
static void test_spelling(void **state)
{
    (void)state;
    prints("  default ", "DEFAULT");
    prints("for values from(minvalue,\n1)to( 1e5 ,+2.)",
           "FOR VALUES FROM (MINVALUE, 1) TO (1e5, +2.)");
    prints("for values in (e'x', b'1', True)", "FOR VALUES IN ('x', B'1', True)");
    prints("For Values With (Modulus 4,Remainder 1)", "FOR VALUES WITH (modulus 4, remainder 1)");
}

static void test_parts(void **state)
{
    pd_bound b = parsed("FOR VALUES FROM ('it''s', MINVALUE, -1.5e-3) TO (E'a\\n\\'', 7, true)");

    (void)state;
    assert_int_equal(b.kind, PD_BOUND_RANGE);
    assert_int_equal(b.count, 3);
    assert_string_equal(b.from[0].text, "it's");
    assert_int_equal(b.from[0].quote, '\'');
    assert_int_equal(b.from[1].kind, PD_DATUM_MINVALUE);
    assert_null(b.from[1].text);
    assert_string_equal(b.from[2].text, "-1.5e-3");
    assert_int_equal(b.from[2].quote, 0);
    assert_string_equal(b.to[0].text, "a\n'");
    assert_string_equal(b.to[1].text, "7");
    assert_string_equal(b.to[2].text, "true");
    pd_bound_free(&b);
    b = parsed("FOR VALUES WITH (modulus 8, remainder 3)");
    assert_int_equal(b.kind, PD_BOUND_HASH);
    assert_int_equal(b.modulus, 8);
    assert_int_equal(b.remainder, 3);
    pd_bound_free(&b);
    b = parsed("FOR VALUES IN (NULL, 'NULL')");
    assert_int_equal(b.from[0].kind, PD_DATUM_NULL);
    assert_int_equal(b.from[1].kind, PD_DATUM_VALUE);
    pd_bound_free(&b);
    pd_bound_free(&b);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *expected;
        int at;
    } rows[] = {
        {"", "FOR VALUES or DEFAULT", 1},
        {"DEFAULTS", "FOR VALUES or DEFAULT", 1},
        {"DEFAULT x", "the end", 9},
        {"FOR VALUE", "FOR VALUES or DEFAULT", 5},
        {"FOR VALUES", "FROM, IN or WITH", 11},
        {"FOR VALUES FROM 1", "\"(\"", 17},
        {"FOR VALUES FROM (", "a value", 18},
        {"FOR VALUES FROM ()", "a value", 18},
        {"FOR VALUES FROM (1)", "TO", 20},
        {"FOR VALUES FROM (1) TO", "\"(\"", 23},
        {"FOR VALUES FROM (1) TO (1, 2)", "as many values after TO as before, not this", 30},
        {"FOR VALUES FROM (NULL) TO (1)", "a value", 18},
        {"FOR VALUES FROM (1 2) TO (1)", "\",\" or \")\"", 20},
        {"FOR VALUES FROM (now()) TO (1)", "a value", 18},
        {"FOR VALUES FROM (1x) TO (1)", "a value", 18},
        {"FOR VALUES FROM (1e) TO (1)", "a value", 18},
        {"FOR VALUES FROM (.) TO (1)", "a value", 18},
        {"FOR VALUES FROM ('a) TO (1)", "a closing quote", 28},
        {"FOR VALUES FROM ('\u4e2d) TO", "a closing quote", 24},
        {"FOR VALUES IN (MINVALUE)", "a value", 16},
        {"FOR VALUES IN (1,)", "a value", 18},
        {"FOR VALUES IN (1", "\",\" or \")\"", 17},
        {"FOR VALUES IN ('a'::text)", "\",\" or \")\"", 19},
        {"FOR VALUES IN (E'\\z')", "\\\\, \\', \\b, \\f, \\n, \\r or \\t", 19},
        {"FOR VALUES IN (E'\\", "\\\\, \\', \\b, \\f, \\n, \\r or \\t", 19},
        {"FOR VALUES IN (B'12')", "a string of 0 and 1", 21},
        {"FOR VALUES IN (trues)", "a value", 16},
        {"FOR VALUES WITH modulus", "\"(\"", 17},
        {"FOR VALUES WITH (remainder 1, modulus 4)", "modulus", 18},
        {"FOR VALUES WITH (modulus x, remainder 0)", "a whole number", 26},
        {"FOR VALUES WITH (modulus 0, remainder 0)", "another whole number before this", 27},
        {"FOR VALUES WITH (modulus 2147483648, remainder 0)", "another whole number before this",
         36},
        {"FOR VALUES WITH (modulus 99999999999999999999, remainder 0)",
         "another whole number before this", 36},
        {"FOR VALUES WITH (modulus 4 remainder 0)", "\",\"", 28},
        {"FOR VALUES WITH (modulus 4, remainder 4)", "a remainder below the modulus before this",
         40},
        {"FOR VALUES WITH (modulus 4, remainder 0", "\")\"", 40},
        {"FOR VALUES WITH (modulus 4, remainder -1)", "a whole number", 39},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[300];
        pd_bound bound;
        pd_err err;
        if (pd_bound_parse(&bound, rows[i].text, &err))
            fail_msg("accepted: %s", rows[i].text);
        snprintf(want, sizeof want,
                 "cannot read the partition bound: expected %s at character %d of %s",
                 rows[i].expected, rows[i].at, rows[i].text);
        assert_string_equal(err.message, want);
        assert_int_equal(err.kind, PD_ERR_INPUT);
        assert_null(bound.memory);
    }
}

static void set_ranks(pd_bound *b, long first, long second)
{
    b->from[0].rank = first;
    b->to[0].rank = second;
}

static void equal(const char *a, const char *b, bool want)
{
    pd_bound x = parsed(a), y = parsed(b);

    if (pd_bound_equal(&x, &y) != want || pd_bound_equal(&y, &x) != want)
        fail_msg("%s, %s", a, b);
    pd_bound_free(&x);
    pd_bound_free(&y);
}

static void test_equal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof catalog / sizeof *catalog; i++)
        for (size_t j = 0; j < sizeof catalog / sizeof *catalog; j++)
            equal(catalog[i], catalog[j], i == j);
    equal("FOR VALUES IN ('a', 'b', NULL)", "FOR VALUES IN (NULL, 'b', 'a')", true);
    equal("FOR VALUES IN ('a', 'b')", "FOR VALUES IN ('a', 'b', 'c')", false);
    equal("FOR VALUES IN (NULL)", "FOR VALUES IN ('NULL')", false);
    equal("FOR VALUES IN (5)", "FOR VALUES IN ('5')", true);
    equal("FOR VALUES FROM (1, MINVALUE, 7) TO (2, 3, 4)",
          "FOR VALUES FROM (1, MINVALUE, MINVALUE) TO (2, 3, 4)", true);
    equal("FOR VALUES FROM (1) TO (2)", "FOR VALUES FROM (1, 1) TO (2, 2)", false);
    /* the server knows better than the text */
    pd_bound a = parsed("FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')");
    pd_bound b = parsed("FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')");
    assert_false(pd_bound_equal(&a, &b));
    set_ranks(&a, 1, 2);
    set_ranks(&b, 1, 2);
    assert_true(pd_bound_equal(&a, &b));
    set_ranks(&b, 1, 3);
    assert_false(pd_bound_equal(&a, &b));
    pd_bound_free(&a);
    pd_bound_free(&b);
}

/* Whatever the text: a bound whose print is stable, or an error; asan watches the memory. */
static void try(const char *text)
{
    pd_bound bound;
    pd_buf out = {0}, again = {0};
    pd_err err;

    if (!pd_bound_parse(&bound, text, &err)) {
        assert_int_equal(err.kind, PD_ERR_INPUT);
        return;
    }
    assert_true(pd_bound_print(&bound, &out, &err));
    pd_bound_free(&bound);
    bound = parsed(out.data);
    assert_true(pd_bound_print(&bound, &again, &err));
    assert_string_equal(out.data, again.data);
    pd_buf_free(&out);
    pd_buf_free(&again);
    pd_bound_free(&bound);
}

static void test_random(void **state)
{
    static const char *const pieces[] = {
        "FOR ",      "VALUES ", "FROM ",      "TO ", "IN ", "WITH ", "(",    ")",    ",",
        "'",         "''",      "E'",         "\\",  "B'",  "1",     "-5.e", "NULL", "MINVALUE",
        "MAXVALUE ", "modulus", "remainder ", "4",   "x",   " ",     "true", "\xff", "DEFAULT",
    };
    enum { COUNT = sizeof pieces / sizeof *pieces };
    char text[400];
    pd_rng rng;

    (void)state;
    pd_rng_init(&rng, 1, 1, 0);
    for (int i = 0; i < 100000; i++) {
        text[0] = '\0';
        if (i % 2) { /* a good one with a wrong place */
            const char *good = catalog[pd_rng_below(&rng, sizeof catalog / sizeof *catalog)];
            /* exactly as long as the text, so that asan sees a byte too far */
            char *copy = strdup(good);
            size_t at = pd_rng_below(&rng, strlen(copy));
            copy[at] = (char)pd_rng_below(&rng, 256);
            try(copy);
            free(copy);
            continue;
        }
        for (uint64_t n = pd_rng_below(&rng, 30); n > 0; n--)
            strcat(text, pieces[pd_rng_below(&rng, COUNT)]);
        try(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_parts),      cmocka_unit_test(test_errors),
        cmocka_unit_test(test_equal),      cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

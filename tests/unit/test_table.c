/* Tables and trees as libsmartcols draws them: what a reader sees, to the blank. */
#include "core/clock.h"
#include "core/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long allocations = -1; /* until one fails; negative = never */

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);

static bool fails(void)
{
    if (allocations > 0)
        allocations--;
    return allocations == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static const pd_tablestyle wide = {.headings = true};

static pd_table *make(const pd_tablestyle *style)
{
    pd_table *t = pd_table_new(style);
    pd_err err;

    assert_non_null(t);
    assert_true(pd_table_column(t, "NAME", PD_COLUMN_TREE | PD_COLUMN_CUT, &err));
    assert_true(pd_table_column(t, "ROWS", PD_COLUMN_RIGHT, &err));
    assert_true(pd_table_column(t, "BOUND", 0, &err));
    return t;
}

static long line(pd_table *t, long parent, const char *name, const char *rows, const char *bound,
                 const char *colour)
{
    pd_err err;
    long n = pd_table_line(t, parent, &err);

    assert_true(n >= 0);
    assert_true(pd_table_cell(t, n, 0, name, colour, &err));
    assert_true(pd_table_cell(t, n, 1, rows, NULL, &err));
    assert_true(pd_table_cell(t, n, 2, bound, NULL, &err));
    return n;
}

static void prints(pd_table *t, const char *want)
{
    pd_err err;
    char *text = pd_table_print(t, &err);

    if (!text)
        fail_msg("%s", err.message);
    assert_string_equal(text, want);
    free(text);
    pd_table_free(t);
}

static pd_table *tree(const pd_tablestyle *style)
{
    pd_table *t = make(style);
    long top = line(t, -1, "sales", "1200", "", NULL);
    long q1 = line(t, top, "q1", "200", "Q1", "red");

    line(t, top, "q2", "1000", "Q2", NULL);
    line(t, q1, "q1_eu", "5", "EU", NULL); /* a child that comes later than its uncle */
    line(t, -1, "users", "3", "", NULL);
    return t;
}

static void test_tree(void **state)
{
    pd_tablestyle style = wide;

    (void)state;
    prints(tree(&style), "NAME       ROWS  BOUND\n"
                         "sales      1200\n"
                         "\u251c\u2500q1        200  Q1\n"
                         "\u2502 \u2514\u2500q1_eu     5  EU\n"
                         "\u2514\u2500q2       1000  Q2\n"
                         "users         3\n");
    style.ascii = true;
    style.headings = false;
    prints(tree(&style), "sales      1200\n"
                         "|-q1        200  Q1\n"
                         "| `-q1_eu     5  EU\n"
                         "`-q2       1000  Q2\n"
                         "users         3\n");
    style.colour = true;
    prints(tree(&style), "sales      1200\n"
                         "\033[31m|-q1     \033[0m   200  Q1\n"
                         "| `-q1_eu     5  EU\n"
                         "`-q2       1000  Q2\n"
                         "users         3\n");
}

static void test_width(void **state)
{
    pd_tablestyle style = {.width = 20, .ascii = true, .headings = true};
    pd_table *t = make(&style);
    long top = line(t, -1, "a_rather_long_name_of_a_table", "1", "ALL", NULL);

    (void)state;
    line(t, top, "another_rather_long_name", "22", "ALL", NULL);
    prints(t, "NAME     ROWS  BOUND\n"
              "a_ra...     1  ALL\n"
              "`-an...    22  ALL\n");
    /* wide characters count twice, and are not cut in half */
    style.width = 19;
    t = make(&style);
    line(t, -1, "\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587", "1", "x", NULL);
    line(t, -1, "\u00e9t\u00e9", "1", "x", NULL);
    prints(t, "NAME   ROWS  BOUND\n"
              "\u4e2d...     1  x\n"
              "\u00e9t\u00e9       1  x\n");
    style.ascii = false;
    t = make(&style);
    line(t, -1, "\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587", "1", "x", NULL);
    line(t, -1, "abcdef", "1", "x", NULL);
    prints(t, "NAME    ROWS  BOUND\n"
              "\u4e2d\u6587\u2026      1  x\n"
              "abcdef     1  x\n");
    for (style.width = 1; style.width < 15; style.width++) {
        pd_err err;
        char *text = pd_table_print(t = tree(&style), &err);
        assert_non_null(text);
        free(text);
        pd_table_free(t);
    }
}

/* A name in the catalog cannot drive the terminal, nor break the lines. */
static void test_control(void **state)
{
    pd_table *t = make(&wide);
    pd_err err;

    (void)state;
    line(t, -1, "a\tb\nc\rd\033[31me\a\x7f", "1",
         "\xc2\x9b"
         "31m",
         NULL);
    line(t, -1, "bad\xff\xc3z", "1", "\xe4\xb8", NULL);
    char *text = pd_table_print(t, &err);
    assert_non_null(text);
    int lines = 0;
    for (const char *p = text; *p; p++) {
        lines += *p == '\n';
        assert_true((unsigned char)*p < 0x7f && (*p >= ' ' || *p == '\n'));
    }
    assert_int_equal(lines, 3);
    assert_non_null(strstr(text, "a\\x09b\\x0ac\\x0dd\\x1b[31me\\x07\\x7f"));
    assert_non_null(strstr(text, "\\xc2\\x9b31m"));
    assert_non_null(strstr(text, "bad\\xff\\xc3z"));
    free(text);
    pd_table_free(t);
}

/* Nor turn the direction of its line; joiners, which scripts need, stay. */
static void test_direction(void **state)
{
    (void)state;
    pd_table *t = make(&wide);
    line(t, -1, "a\u202eb\u2066c\u200f", "1", "\u0645\u200d\u0645", NULL);
    prints(t, "NAME                         ROWS  BOUND\n"
              "a<U+202E>b<U+2066>c<U+200F>     1  \u0645\u200d\u0645\n");
}

/* Wide signs in the tree's own column: what stands to its right stays in line. */
static void test_wide_tree(void **state)
{
    pd_table *t = make(&wide);
    long top = line(t, -1, "\u4e2d\u6587\u8868", "10", "ALL", NULL);

    (void)state;
    line(t, top, "\u5206\u533a", "1", "A", NULL);
    line(t, top, "plain", "2", "B", NULL);
    prints(t, "NAME     ROWS  BOUND\n"
              "\u4e2d\u6587\u8868     10  ALL\n"
              "\u251c\u2500\u5206\u533a      1  A\n"
              "\u2514\u2500plain     2  B\n");
}

static void test_no_blanks_at_ends(void **state)
{
    pd_tablestyle style = {.headings = true, .colour = true};
    pd_table *t = make(&style);
    pd_err err;

    (void)state;
    line(t, -1, "x", "1", "blanks   ", NULL);
    long n = line(t, -1, "a long one", "", "", NULL);
    assert_true(pd_table_cell(t, n, 2, "", "red", &err));
    prints(t, "NAME        ROWS  BOUND\n"
              "x              1  blanks\n"
              "a long one\n");
}

static void test_empty(void **state)
{
    pd_err err;

    (void)state;
    prints(make(&wide), "");
    prints(pd_table_new(&wide), "");
    pd_table *t = pd_table_new(&wide);
    assert_int_equal(pd_table_line(t, -1, &err), 0);
    assert_false(pd_table_cell(t, 0, 0, "no such column", NULL, &err));
    prints(t, "");
    t = make(&(pd_tablestyle){.colour = true});
    line(t, -1, "x", "", "", NULL);
    assert_false(pd_table_cell(t, 0, 0, "x", "no such colour", &err));
    assert_int_equal(err.kind, PD_ERR_INPUT);
    assert_string_equal(err.message, "unknown colour 'no such colour'");
    pd_table_free(t);
    pd_table_free(NULL);
}

static void test_ten_thousand(void **state)
{
    pd_table *t = make(&wide);
    char name[32];
    pd_err err;
    int64_t begun = pd_clock_now();

    (void)state;
    long top = line(t, -1, "events", "10000", "", NULL);
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "events_%05d", i);
        assert_int_equal(line(t, top, name, "1", "FOR VALUES", NULL), i + 1);
    }
    char *text = pd_table_print(t, &err);
    assert_non_null(text);
    int lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 10002);
    assert_non_null(strstr(text, "\u2514\u2500events_09999      1  FOR VALUES\n"));
    free(text);
    pd_table_free(t);
    /* linear, even with sanitizers on a busy machine */
    assert_true(pd_clock_now() - begun < 10 * PD_SECOND);
}

/* Those of this program; libsmartcols' own are its own. */
static void test_memory(void **state)
{
    int failures = 0;

    (void)state;
    for (long n = 1; n < 50; n++) {
        pd_err err = {0};
        char *text = NULL;
        allocations = n;
        pd_table *t = pd_table_new(&wide);
        bool ok = t && pd_table_column(t, "A", 0, &err);
        for (long i = 0; ok && i < 40; i++)
            ok = pd_table_line(t, -1, &err) == i && pd_table_cell(t, i, 0, "x", NULL, &err);
        if (ok)
            text = pd_table_print(t, &err);
        allocations = -1;
        if (text) {
            free(text);
            pd_table_free(t);
            assert_int_equal(failures, n - 1);
            break;
        }
        failures++;
        if (t)
            assert_string_equal(err.message, "out of memory");
        pd_table_free(t);
    }
    assert_int_equal(failures, 6); /* the table, the lines and their depths twice, the text */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_width),
        cmocka_unit_test(test_control),   cmocka_unit_test(test_no_blanks_at_ends),
        cmocka_unit_test(test_empty),     cmocka_unit_test(test_ten_thousand),
        cmocka_unit_test(test_memory),    cmocka_unit_test(test_direction),
        cmocka_unit_test(test_wide_tree),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The splitter's own promises: lines, comments, verbs, refusals, memory. What is sent is
 * compared with psql itself in test_sqltext_psql.c. */
#include "core/sqltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --wrap: allocation number fail_at (from 1) fails; 0 = none */
static long allocations, fail_at;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool refuse(void)
{
    return ++allocations == fail_at;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refuse() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return refuse() ? NULL : __real_realloc(p, size);
}

static const char *lookup(void *ud, const char *name, size_t len)
{
    static const char *const known[][2] = {
        {"n", "42"},
        {"tab", "events"},
        {"quote", "it's"},
        {"back", "a\\b"},
        {"bad", "x\xC3("},
        {"bad2", "\xED\xA0\x80"},
        {"bad3", "\xC0\x80"},
        {"bad4", "\xF4\x90\x80\x80"},
        {"good", "\xF0\x9F\x98\x80\xED\x9F\xBF\xE0\xA0\x80"},
        {"wide", "a + b"},
        {"cmd", "1; \\d x"},
        {"open", "'"},
        {"twice", ":wide :wide"},
        {"empty", ""},
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

static void expect(const pd_sqltext *text, size_t i, int line, const char *verb, const char *sql,
                   const char *comment)
{
    assert_true(i < pd_sqltext_count(text));
    pd_sqlstmt stmt = pd_sqltext_get(text, i);
    assert_string_equal(stmt.text, sql);
    assert_int_equal(stmt.len, strlen(sql));
    assert_int_equal(stmt.line, line);
    assert_string_equal(stmt.verb, verb);
    if (comment)
        assert_string_equal(stmt.comment ? stmt.comment : "(none)", comment);
    else
        assert_null(stmt.comment);
}

static void test_statements(void **state)
{
    pd_sqltext *text = split("\n  select 1 ;\n\n(SELECT 2);;\nCREATE\n\n  table t();table x");

    (void)state;
    assert_int_equal(pd_sqltext_count(text), 4);
    expect(text, 0, 2, "SELECT", "select 1 ", NULL);
    expect(text, 1, 4, "SELECT", "(SELECT 2)", NULL);
    expect(text, 2, 5, "CREATE", "CREATE\n  table t()", NULL);
    expect(text, 3, 7, "TABLE", "table x", NULL);
    pd_sqltext_free(text);
    text = split("1;abcdefghijklmnopqrstu;größe;abcdefghijklmnö;\"a\"");
    expect(text, 0, 1, "", "1", NULL);
    expect(text, 1, 1, "ABCDEFGHIJKLMNO", "abcdefghijklmnopqrstu", NULL);
    expect(text, 2, 1, "GRößE", "größe", NULL);
    expect(text, 3, 1, "ABCDEFGHIJKLMN", "abcdefghijklmnö", NULL);
    expect(text, 4, 1, "", "\"a\"", NULL);
    pd_sqltext_free(text);
    pd_sqltext_free(NULL);
}

static void test_nothing_to_send(void **state)
{
    static const char *const files[] = {"", "\n\n", "-- a", "/* a */", " ;; /* x */ ; ", "\\;"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        pd_sqltext *text = split(files[i]);
        assert_int_equal(pd_sqltext_count(text), 0);
        pd_sqltext_free(text);
    }
    pd_sqltext *text;
    assert_true(pd_sqltext_split(NULL, 0, NULL, &text, NULL));
    assert_int_equal(pd_sqltext_count(text), 0);
    pd_sqltext_free(text);
}

static void expect_comment(const char *src, const char *comment)
{
    pd_sqltext *text = split(src);
    size_t last = pd_sqltext_count(text) - 1;
    pd_sqlstmt stmt = pd_sqltext_get(text, last);

    if (comment && !stmt.comment)
        fail_msg("no comment in [%s]", src);
    if (comment)
        assert_string_equal(stmt.comment, comment);
    else
        assert_null(stmt.comment);
    pd_sqltext_free(text);
}

static void test_comments(void **state)
{
    (void)state;
    expect_comment("-- a\nX", "a");
    expect_comment("-- a\r\n--\r\n--   b  \r\nX", "a\n\n  b");
    expect_comment("-- header\n\n-- a\nX", "a");
    expect_comment("-- header\n\nX", NULL);
    expect_comment("-- header\n  \nX", NULL);
    expect_comment("X; -- of the first\nY", NULL);
    expect_comment("X; -- of the first\n-- of this\nY", "of this");
    expect_comment("X; /* of this */ Y", "of this");
    expect_comment("X; /* of the\nfirst */\nY", NULL);
    expect_comment("/* a */ X", "a");
    expect_comment("/*\n * a\n *   b\n * c\n */\nX", "a\n  b\nc");
    expect_comment("/* a\n   b\n     c */\nX", "a\nb\n  c");
    expect_comment("/** a **/\nX", "a *");
    expect_comment("-- a\n/* b /* c */ d */ -- e\nX -- f\n + 1", "a\nb /* c */ d\ne");
    expect_comment("--\n-- \n/* */\nX", NULL);
    expect_comment("--\n-- a\n--\nX", "a");
    expect_comment("-- a\n;\nX", NULL);
    expect_comment("-- a\n\\;\nX", NULL);
    expect_comment("-- a\n:empty -- b\nX", "b");
    expect_comment("-- a\n:n", NULL);
    expect_comment("-- a\n(:n)", "a");
    expect_comment("\xEF\xBB\xBF-- a\nX", "a");
    expect_comment("--a\n--   b\nX", "a\n   b");
    expect_comment("/*/ a */X", "/ a");
    expect_comment("-- a\r-- b\rX", "a\nb");
}

static pd_err refused(const char *src, size_t len)
{
    pd_sqltext *text = (pd_sqltext *)&text;
    pd_err err = {0};

    assert_false(pd_sqltext_split(src, len, &vars, &text, &err));
    assert_null(text);
    assert_int_equal(err.kind, PD_ERR_INPUT);
    return err;
}

static void expect_refusal(const char *src, int line, const char *part)
{
    pd_err err = refused(src, strlen(src));

    assert_int_equal(err.line, line);
    if (!strstr(err.message, part))
        fail_msg("[%s] is not in [%s]", part, err.message);
    assert_string_not_equal(err.hint, "");
}

static void test_refuses_psql_commands(void **state)
{
    (void)state;
    expect_refusal("SELECT 1;\n\\d t\n", 2, "\"\\d\"");
    expect_refusal("SELECT 1 \\gset x", 1, "\"\\gset\"");
    expect_refusal("\n\\i file", 2, "\"\\i\"");
    expect_refusal("\\connect\\\\SELECT 1", 1, "\"\\connect\"");
    expect_refusal("SELECT 1;\n SELECT\n2\\", 3, "\"\\\"");
    expect_refusal("SELECT \\\n;", 1, "\"\\\"");
    expect_refusal("SELECT '\n'\\\\;", 2, "\"\\\"");
    expect_refusal("SELECT 1,\n :cmd", 2, "\"\\d\"");
    expect_refusal("\\z\xFF\xFE", 1, "\"\\z\"");
}

static void test_refuses_copy_from_stdin(void **state)
{
    (void)state;
    expect_refusal("\n\nCOPY t FROM STDIN;\n1\n\\.\n", 3, "COPY");
    expect_refusal("copy t (a, b) from stdin", 1, "COPY");
    expect_refusal("copy binary t from/* x */\n-- y\n stdin with (format csv);", 1, "COPY");
    expect_refusal("copy \"from\".t from stdout", 1, "COPY");
    expect_refusal("SELECT 1\\; COPY t FROM STDIN", 1, "COPY");
    expect_refusal("COPY :tab FROM STDIN", 1, "COPY");
    expect_refusal("-- c\nCOPY t FROM stdin (FORMAT csv)", 2, "COPY");
}

static void test_refuses_open_ends(void **state)
{
    (void)state;
    expect_refusal("SELECT 1;\nSELECT 'a;\n\n", 2, "quoted string");
    expect_refusal("SELECT\n E'a\\';\n\n", 2, "quoted string");
    expect_refusal("SELECT 'a'\n'b;\n", 2, "quoted string");
    expect_refusal("SELECT \"a\n;", 1, "quoted identifier");
    expect_refusal("\n\nDO $x$ $$ $X$", 3, "dollar-quoted string");
    expect_refusal("SELECT 1; /* a\n/* b */\n", 1, "comment");
    expect_refusal("SELECT 1,\n:open x;", 2, "quoted string");
}

static void test_refuses_other(void **state)
{
    pd_err err;

    (void)state;
    err = refused("SELECT\n1\0;", 10);
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.message, "NUL"));
    err = refused("\0", 1);
    assert_int_equal(err.line, 1);
    err = refused("PGDMP\1", 6);
    assert_non_null(strstr(err.hint, "pg_restore"));
    err = refused("SELECT\n:'bad'", 13);
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.message, "bad"));
    refused(":\"bad\"", 6);
    refused(":'bad2'", 7);
    refused(":'bad3'", 7);
    refused(":'bad4'", 7);
    pd_sqltext_free(split("SELECT :bad, :'good'"));
    pd_sqltext *text;
    assert_false(pd_sqltext_split("'", 1, NULL, &text, NULL));
}

static const char *explosive(void *ud, const char *name, size_t len)
{
    static const char *const values[] = {":b:b:b:b:b:b:b:b",
                                         ":c:c:c:c:c:c:c:c",
                                         ":d:d:d:d:d:d:d:d",
                                         ":e:e:e:e:e:e:e:e",
                                         ":f:f:f:f:f:f:f:f",
                                         ":g:g:g:g:g:g:g:g",
                                         ":h:h:h:h:h:h:h:h",
                                         ":i:i:i:i:i:i:i:i",
                                         ":j:j:j:j:j:j:j:j",
                                         ":k:k:k:k:k:k:k:k",
                                         ""};
    (void)ud;
    return len == 1 && *name >= 'a' && *name <= 'k' ? values[*name - 'a'] : NULL;
}

static void test_expansion_is_bounded(void **state)
{
    const pd_sqltext_vars bomb = {.lookup = explosive};
    pd_sqltext *text;
    pd_err err;

    (void)state;
    assert_false(pd_sqltext_split("\n:a", 3, &bomb, &text, &err));
    assert_int_equal(err.kind, PD_ERR_INPUT);
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.message, "too much"));
}

static void test_variables_used(void **state)
{
    pd_sqltext *text =
        split("SELECT :n, a[1:2],\n:nope, :'quote', :nope, :{?later}, :n, ':x', :{?tab},\n:later");
    static const struct {
        const char *name;
        int line;
        bool defined;
    } want[] = {{"n", 1, true},
                {"nope", 2, false},
                {"quote", 2, true},
                {"tab", 2, true},
                {"later", 3, false}};
    size_t count;
    const pd_sqlvar *used = pd_sqltext_vars_used(text, &count);

    (void)state;
    assert_int_equal(count, sizeof want / sizeof *want);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(used[i].name, want[i].name);
        assert_int_equal(used[i].line, want[i].line);
        assert_int_equal(used[i].defined, want[i].defined);
    }
    pd_sqltext_free(text);
}

static void test_many_names(void **state)
{
    static char src[200000];
    size_t len = 0, count;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++)
            len += (size_t)sprintf(src + len, ":v%d\n", i);
    }
    pd_sqltext *text = split(src);
    const pd_sqlvar *used = pd_sqltext_vars_used(text, &count);
    assert_int_equal(count, 5000);
    assert_string_equal(used[4999].name, "v4999");
    assert_int_equal(used[4999].line, 5000);
    pd_sqltext_free(text);
}

/* Whatever allocation fails: an error, nothing leaked (asan), nothing half done. */
static void test_out_of_memory(void **state)
{
    static const char src[] = "-- a\nSELECT :twice, :'quote', :nope;\n/* b */ SELECT $$x$$;\n"
                              "SELECT :v1 :v2 :v3, :{?n}\n\n;\n-- c\nSELECT E'a';";
    pd_sqltext *text;
    pd_err err;
    long n = 0, failures = 0;

    (void)state;
    do {
        allocations = 0;
        fail_at = ++n;
        bool done = pd_sqltext_split(src, sizeof src - 1, &vars, &text, &err);
        bool failed_one = allocations >= fail_at;
        fail_at = 0;
        if (done) {
            assert_int_equal(pd_sqltext_count(text), 4);
            expect(text, 3, 8, "SELECT", "SELECT E'a'", "c");
            pd_sqltext_free(text);
        } else {
            assert_null(text);
            assert_int_equal(err.kind, PD_ERR_SYSTEM);
            assert_string_equal(err.message, "out of memory");
            failures++;
        }
        if (!failed_one)
            break;
    } while (n < 1000);
    assert_true(n < 1000);
    assert_true(failures >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_nothing_to_send),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_refuses_psql_commands),
        cmocka_unit_test(test_refuses_copy_from_stdin),
        cmocka_unit_test(test_refuses_open_ends),
        cmocka_unit_test(test_refuses_other),
        cmocka_unit_test(test_expansion_is_bounded),
        cmocka_unit_test(test_variables_used),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

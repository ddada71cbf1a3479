/* The syntax, and that no message repeats a part of the file. */
#include "core/dotenv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "s3cr3tTOP"

/* No message may hold a part of the file. */
static void assert_silent(const pd_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        assert_null(strstr(notes->items[i].text, SECRET));
        assert_null(strstr(notes->items[i].hint, SECRET));
    }
}

static void check_value(const char *text, const char *name, const char *want)
{
    pd_dotenv env = {0};
    pd_err err;

    if (!pd_dotenv_parse(&env, text, strlen(text), &err))
        fail_msg("%s: %s", text, err.message);
    const pd_dotenv_entry *e = pd_dotenv_find(&env, name);
    if (want) {
        assert_non_null(e);
        assert_string_equal(e->value, want);
    } else {
        assert_null(e);
    }
    pd_dotenv_free(&env);
}

static void test_values(void **state)
{
    static const struct {
        const char *text, *name, *want;
    } rows[] = {
        {"", "A", NULL},
        {"\n\n", "A", NULL},
        {"# A=1\n", "A", NULL},
        {"  \t# A=1", "A", NULL},
        {"A=1", "A", "1"},
        {"A=1\n", "A", "1"},
        {"A=1\r\nB=2\r\n", "A", "1"},
        {"A=1\r\nB=2\r\n", "B", "2"},
        {"\xEF\xBB\xBF"
         "A=1",
         "A", "1"},
        {"\xEF\xBB\xBF", "A", NULL},
        {"A=", "A", ""},
        {"A=   \n", "A", ""},
        {"A=\"\"", "A", ""},
        {"A=''\n", "A", ""},
        {"A= 1", "A", "1"},
        {"A = 1", "A", "1"},
        {"  A=1 \t ", "A", "1"},
        {"A=a b  c ", "A", "a b  c"},
        {"A=1 # note", "A", "1"},
        {"A=1\t#note", "A", "1"},
        {"A=1#2", "A", "1#2"},
        {"A=#2", "A", "#2"},
        {"A= # note", "A", ""},
        {"A=a=b==", "A", "a=b=="},
        {"A=$HOME`id`$(id)", "A", "$HOME`id`$(id)"},
        {"A=\"$HOME\"", "A", "$HOME"},
        {"A=a\\nb", "A", "a\\nb"},
        {"A=it's", "A", "it's"},
        {"A=a\"b", "A", "a\"b"},
        {"A=' a # b '", "A", " a # b "},
        {"A='a\\n\"$'", "A", "a\\n\"$"},
        {"A='a' # note", "A", "a"},
        {"A='a'  \r\n", "A", "a"},
        {"A=\"a b\"", "A", "a b"},
        {"A=\"a\\n\\t\\r\\\"\\\\\\$b\"", "A", "a\n\t\r\"\\$b"},
        {"A=\"a # b\" # c", "A", "a # b"},
        {"A=\"\\\\\"", "A", "\\"},
        {"export A=1", "A", "1"},
        {"export\tA='1'", "A", "1"},
        {" export   A=1", "A", "1"},
        {"export=1", "export", "1"},
        {"export =1", "export", "1"},
        {"exported=1", "exported", "1"},
        {"_a9=1", "_a9", "1"},
        {"A=\xC3\xA4\xE2\x82\xAC", "A", "\xC3\xA4\xE2\x82\xAC"},
        {"A=1\nA=2\nA=3", "A", "3"},
        {"A=1\nA=", "A", ""},
        {"AB=1\n", "A", NULL},
        {"A=1\n", "AB", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_value(rows[i].text, rows[i].name, rows[i].want);
}

static void check_error(const char *text, size_t len, int line, const char *want)
{
    pd_dotenv env = {0};
    pd_err err;
    char message[200];

    if (pd_dotenv_parse(&env, text, len, &err))
        fail_msg("accepted: %.60s", text);
    snprintf(message, sizeof message, "line %d: %s", line, want);
    assert_int_equal(err.kind, PD_ERR_CONFIG);
    assert_string_equal(err.message, message);
    assert_int_equal(err.line, line);
    assert_int_equal(env.errors.items[0].line, line);
    assert_string_equal(env.errors.items[0].text, want);
    assert_null(strstr(err.hint, SECRET));
    assert_silent(&env.errors);
    pd_dotenv_free(&env);
}

static void test_errors(void **state)
{
    static const char missing[] = "no '=' after the name";
    static const char open_quote[] = "the quote is not closed";
    static const char name[] = "the name may hold only letters, digits and '_', and no digit first";
    static const char escape[] = "an unknown escape in double quotes";
    static const char after[] = "more text after the closing quote";
    static const struct {
        int line;
        const char *text, *want;
    } rows[] = {
        {1, SECRET, missing},
        {3, "A=1\n\n" SECRET "\n", missing},
        {2, "# c\n" SECRET " B=2", missing},
        {1, "export A", missing},
        {1, "export", missing},
        {1, "=" SECRET, "no name before the '='"},
        {1, "1" SECRET "=2", name},
        {1, "A-" SECRET "=2", name},
        {1, "A." SECRET "=2", name},
        {1, "\xC3\xA4=2", name},
        {1, "-" SECRET, missing},
        {4, "A=1\r\nB=2\r\n\r\nC='" SECRET "\r\n", open_quote},
        {1, "A=\"" SECRET, open_quote},
        {1, "A=\"" SECRET "\\", open_quote},
        {1, "A=\"" SECRET "\\\"", open_quote},
        {1, "A='", open_quote},
        {1, "A=\"", open_quote},
        {2, "A='1'\nA=\"" SECRET "\nmore\"", open_quote},
        {1, "A=\"" SECRET "\\x\"", escape},
        {1, "A=\"\\0\"", escape},
        {1, "A='" SECRET "'" SECRET, after},
        {1, "A=\"" SECRET "\" " SECRET, after},
        {1, "A='a'#" SECRET, after},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_error(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].want);
    check_error("A=1\nB=x\0y\n", 10, 2, "a NUL byte");
    check_error("\xFF\xFE"
                "A\0=\0",
                6, 1, "a NUL byte");
    check_error("# \0", 3, 1, "a NUL byte");
}

static void test_all_errors_at_once(void **state)
{
    pd_dotenv env = {0};
    pd_err err;
    char many[200];

    (void)state;
    const char *text = "x\nA=1\nB='\nC D=3\n";
    assert_false(pd_dotenv_parse(&env, text, strlen(text), &err));
    assert_int_equal(env.errors.count, 3);
    assert_int_equal(env.errors.items[0].line, 1);
    assert_int_equal(env.errors.items[1].line, 3);
    assert_int_equal(env.errors.items[2].line, 4);
    pd_dotenv_free(&env);
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = i % 2 ? '\n' : 'x';
    assert_false(pd_dotenv_parse(&env, many, sizeof many, &err));
    assert_int_equal(env.errors.count, 20);
    pd_dotenv_free(&env);
}

static void test_limits(void **state)
{
    size_t size = 3 * 1024 * 1024;
    char *big = malloc(size);
    pd_dotenv env = {0};
    pd_err err;

    (void)state;
    assert_non_null(big);
    memset(big, 'x', size);
    memcpy(big, "A=1\nB=", 6);
    check_error(big, 6 + 65536, 2, "the line is longer than 64 KiB");
    check_error(big, 1024 * 1024 + 6, 2, "the line is longer than 64 KiB");
    assert_true(pd_dotenv_parse(&env, big, 4 + 65536, &err));
    assert_int_equal(strlen(pd_dotenv_find(&env, "B")->value), 65534);
    pd_dotenv_free(&env);
    assert_false(pd_dotenv_parse(&env, big, size, &err));
    assert_string_equal(err.message, "the file is larger than 2 MiB");
    pd_dotenv_free(&env);

    size_t len = 0;
    for (int i = 0; i < 1001; i++)
        len += (size_t)sprintf(big + len, "N%d=%d\n", i, i);
    check_error(big, len, 1001, "more than 1000 settings");
    free(big);
}

static void test_duplicates(void **state)
{
    pd_dotenv env = {0};
    pd_err err;
    const char *text = SECRET "=1\nB=2\n" SECRET "=" SECRET "\n";

    (void)state;
    assert_true(pd_dotenv_parse(&env, text, strlen(text), &err));
    assert_string_equal(pd_dotenv_find(&env, SECRET)->value, SECRET);
    assert_int_equal(pd_dotenv_find(&env, SECRET)->line, 3);
    assert_int_equal(env.warnings.count, 1);
    assert_int_equal(env.warnings.items[0].line, 3);
    assert_string_equal(env.warnings.items[0].text,
                        "the name is set on line 1 too; the last one counts");
    assert_silent(&env.warnings);
    pd_dotenv_free(&env);
    pd_dotenv_free(&env);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Garbage is parsed or refused; what is parsed lies in the text and is a valid name. */
static void test_garbage(void **state)
{
    static const char likely[] = "AB_9= \t\r\n#'\"\\$nexport\0";
    char data[64];
    uint32_t seed = 20240229;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        pd_dotenv env = {0};
        pd_err err;
        size_t len = next(&seed) % sizeof data;
        for (size_t i = 0; i < len; i++)
            data[i] = next(&seed) % 8 ? likely[next(&seed) % sizeof likely] : (char)next(&seed);
        char *exact = malloc(len + 1); /* so that ASan sees a read behind the end */
        assert_non_null(exact);
        memcpy(exact + 1, data, len);
        bool ok = pd_dotenv_parse(&env, exact + 1, len, &err);
        assert_true(ok == (env.errors.count == 0));
        assert_true(ok || (err.line > 0 && err.line == env.errors.items[0].line));
        for (size_t i = 0; i < env.count; i++) {
            const char *name = env.entries[i].name, *value = env.entries[i].value;
            assert_true(name >= env.text && name < env.text + env.text_size);
            assert_true(value > name && value < env.text + env.text_size);
            assert_true(value + strlen(value) < env.text + env.text_size);
            assert_int_equal(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
                                          "0123456789"),
                             strlen(name));
            assert_true(name[0] != '\0');
        }
        pd_dotenv_free(&env);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_all_errors_at_once),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Values: what each generator makes, as text. */
#include "gen_helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static pd_err err;

/* The values of the next n rows, as one text; takes over gen. */
static const char *values(pd_gen *gen, int n, uint64_t seed)
{
    static char out[8192];
    pd_row *row = row_of(gen);
    pd_stream *stream = stream_of(seed, 0, 0);
    pd_params params = {0};
    size_t len = 0;

    for (int i = 0; i < n; i++) {
        assert_true(pd_row_text(row, stream, &params, &err));
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%s", i ? "|" : "",
                                params.values[0] ? params.values[0] : "NULL");
        assert_true(len < sizeof out);
        assert_int_equal(params.lengths[0], params.values[0] ? (int)strlen(params.values[0]) : 0);
    }
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
    return out;
}

static pd_gen *text(const char *s)
{
    pd_gen *g = pd_gen_const_text((pd_text){s, strlen(s)}, &err);

    assert_non_null(g);
    return g;
}

static void test_constants(void **unused)
{
    (void)unused;
    assert_string_equal(values(pd_gen_const_int(INT64_MIN, &err), 1, 1), "-9223372036854775808");
    assert_string_equal(values(pd_gen_const_int(0, &err), 1, 1), "0");
    assert_string_equal(values(pd_gen_const_float(0.1, &err), 1, 1), "0.1");
    assert_string_equal(values(pd_gen_const_float(-1e300, &err), 1, 1), "-1e+300");
    assert_string_equal(values(pd_gen_const_float(1.0 / 3, &err), 1, 1), "0.3333333333333333");
    assert_string_equal(values(pd_gen_const_bool(true, &err), 2, 1), "true|true");
    assert_string_equal(values(text("\"q\" \xC3\xA9"), 1, 1), "\"q\" \xC3\xA9");
    assert_string_equal(values(pd_gen_decimal(-1, -1, 2, &err), 1, 1), "-0.01");
    assert_string_equal(values(pd_gen_decimal(120, 120, 2, &err), 1, 1), "1.20");
    assert_string_equal(values(pd_gen_decimal(7, 7, 0, &err), 1, 1), "7");
    assert_refused(pd_gen_const_float(NAN, &err), "the number is not finite");
    assert_refused(pd_gen_const_text(T("\xC3("), &err),
                   "the text is not UTF-8, or it has a zero byte");
    assert_refused(pd_gen_const_text(T("a\0b"), &err),
                   "the text is not UTF-8, or it has a zero byte");
    assert_refused(pd_gen_const_text(T("\xED\xA0\x80"), &err),
                   "the text is not UTF-8, or it has a zero byte");
    assert_refused(pd_gen_const_text(T("\xE2\x82"), &err),
                   "the text is not UTF-8, or it has a zero byte");
}

/* All values of 10000 rows lie between two numbers, and both ends come. */
static void check_range(pd_gen *gen, double min, double max, double close)
{
    pd_row *row = row_of(gen);
    pd_stream *stream = stream_of(3, 0, 0);
    pd_params params = {0};
    double low = INFINITY, high = -INFINITY;

    for (int i = 0; i < 10000; i++) {
        assert_true(pd_row_text(row, stream, &params, &err));
        double v = strtod(params.values[0], NULL);
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    assert_true(low >= min && low <= min + close && high <= max && high >= max - close);
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
}

static void test_numbers(void **unused)
{
    (void)unused;
    check_range(pd_gen_int(-3, 3, &err), -3, 3, 0);
    check_range(pd_gen_bigint(INT64_MIN, INT64_MAX, &err), -0x1p63, 0x1p63, 0x1p54);
    check_range(pd_gen_decimal(-150, 150, 2, &err), -1.5, 1.5, 0);
    check_range(pd_gen_float(-1, 1, &err), -1, 1, 0.01);
    check_range(pd_gen_zipf(5, 0.5, 10, &err), 10, 14, 0);
    check_range(pd_gen_normal(0, 1, -1, 1, 1, &err), -1, 1, 0);
    check_range(pd_gen_normal(0, 1, -1, 1, -1, &err), -1, 1, 0.01);
    check_range(pd_gen_exponential(1, 5, 6, 2, &err), 5, 6, 0.01);
    assert_refused(pd_gen_int(5, 3, &err), "min 5 is above max 3");
    assert_refused(pd_gen_int(0, INT64_C(1) << 31, &err),
                   "0 to 2147483648 is out of the range of integer");
    assert_string_equal(err.hint, "Use bigint.");
    assert_refused(pd_gen_bigint(1, 0, &err), "min 1 is above max 0");
    assert_refused(pd_gen_float(1, INFINITY, &err), "min, max and their distance must be finite");
    assert_refused(pd_gen_float(-1e308, 1e308, &err), "min, max and their distance must be finite");
    assert_refused(pd_gen_float(NAN, 1, &err), "min, max and their distance must be finite");
    assert_refused(pd_gen_decimal(0, 1, 16, &err), "scale 16 is not from 0 to 15");
    assert_refused(pd_gen_decimal(0, INT64_MAX, 2, &err), "min and max have more than 18 digits");
    assert_refused(pd_gen_bool(1.5, &err), "probability 1.5 is not from 0 to 1");
    assert_refused(pd_gen_bool(NAN, &err), "probability nan is not from 0 to 1");
    assert_refused(pd_gen_zipf(10, 1, INT64_MAX - 5, &err),
                   "min 9223372036854775802 + n 10 is out of range");
    assert_refused(pd_gen_exponential(1, 0, INFINITY, 2, &err),
                   "with a scale, min and max must be given and have at most 18 digits");
    assert_refused(pd_gen_serial(1, 0, 5, &err), "step is 0");
    assert_refused(pd_gen_serial(6, 1, 5, &err), "start 6 is beyond the last value 5");
}

static void test_serial(void **unused)
{
    pd_gen *g = pd_gen_serial(INT64_MIN, 1, INT64_MAX, &err);

    (void)unused;
    assert_string_equal(values(pd_gen_serial(1, 1, INT64_MAX, &err), 3, 1), "1|2|3");
    assert_string_equal(values(pd_gen_serial(10, -4, 0, &err), 5, 1), "10|6|2|10|6");
    assert_int_equal(pd_gen_type(g), PD_OID_INT8);
    assert_string_equal(values(g, 2, 1), "-9223372036854775808|-9223372036854775807");
    g = pd_gen_serial(1, 1, INT32_MAX, &err);
    assert_int_equal(pd_gen_type(g), PD_OID_INT4);
    pd_gen_unref(g);
}

static void test_times(void **unused)
{
    (void)unused;
    assert_string_equal(values(pd_gen_date("2024-02-29", "2024-03-01", 0, &err), 2, 1),
                        "2024-02-29|2024-02-29");
    assert_string_equal(values(pd_gen_date("0001-01-01", "0001-01-02", 0, &err), 1, 1),
                        "0001-01-01");
    assert_string_equal(values(pd_gen_date("1999-12-31", "2000-01-01", 9, &err), 1, 1),
                        "1999-12-31");
    assert_string_equal(values(pd_gen_timestamp("1969-12-31 23:59:59.9",
                                                "1969-12-31 23:59:59.900001", 0, 6, false, &err),
                               1, 1),
                        "1969-12-31 23:59:59.9");
    assert_string_equal(
        values(pd_gen_timestamp("2024-01-01T12:30", "2024-01-01 12:30:01Z", 2, 0, true, &err), 1,
               1),
        "2024-01-01 12:30:00+00");
    assert_refused(pd_gen_date("2024-02-30", "2025-01-01", 0, &err),
                   "\"2024-02-30\" is not a date such as 2024-01-31");
    assert_refused(pd_gen_date("2024-1-1", "2025-01-01", 0, &err),
                   "\"2024-1-1\" is not a date such as 2024-01-31");
    assert_refused(pd_gen_date("2024-01-01", "2024-01-01", 0, &err),
                   "from 2024-01-01 is not before to 2024-01-01");
    assert_refused(pd_gen_date("2024-01-01", "2025-01-01", -1, &err),
                   "recent -1 is not from 0 to 1000000");
    assert_refused(pd_gen_timestamp("2024-01-01 24:00", "2025-01-01", 0, 6, false, &err),
                   "\"2024-01-01 24:00\" is not a time such as 2024-01-31 or 2024-01-31 12:34:56");
    assert_refused(
        pd_gen_timestamp("2024-01-01", "2025-01-01 10:00:00.1234567", 0, 6, false, &err),
        "\"2025-01-01 10:00:00.1234567\" is not a time such as 2024-01-31 or 2024-01-31 12:34:56");
    assert_refused(pd_gen_timestamp("2024-01-01", "2025-01-01", 0, 7, false, &err),
                   "precision 7 is not from 0 to 6");
}

/* Of values of a range of 100 days, how many are in its second half. */
static int late_ones(double recent)
{
    pd_row *row = row_of(pd_gen_date("2024-01-01", "2024-04-10", recent, &err));
    pd_stream *stream = stream_of(1, 0, 0);
    pd_params params = {0};
    int late = 0;

    for (int i = 0; i < 10000; i++) {
        assert_true(pd_row_text(row, stream, &params, &err));
        assert_true(strcmp(params.values[0], "2024-01-01") >= 0);
        assert_true(strcmp(params.values[0], "2024-04-10") < 0);
        late += strcmp(params.values[0], "2024-02-20") >= 0;
    }
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
    return late;
}

static void test_recent(void **unused)
{
    (void)unused;
    assert_in_range(late_ones(0), 4800, 5200);
    assert_in_range(late_ones(1), 7320, 7680);
    assert_in_range(late_ones(3), 9270, 9480);
}

static void test_texts(void **unused)
{
    pd_text words[] = {T("ab"), T("c"), T("\xC3\xA9t\xC3\xA9")};
    pd_gen *args[2];

    (void)unused;
    assert_string_equal(values(pd_gen_text(3, 3, "x", &err), 2, 1), "xxx|xxx");
    assert_string_equal(values(pd_gen_text(0, 0, NULL, &err), 1, 1), "");
    assert_string_equal(values(pd_gen_text(2, 2, "\xC3\xA9", &err), 1, 1), "\xC3\xA9\xC3\xA9");
    assert_int_equal(strlen(values(pd_gen_text(200, 200, NULL, &err), 1, 1)), 200);
    const char *w = values(pd_gen_words(5, 5, words, 3, &err), 1, 1);
    int blanks = 0;
    for (; *w; w++)
        blanks += *w == ' ';
    assert_int_equal(blanks, 4);
    args[0] = text("x");
    args[1] = pd_gen_const_int(-7, &err);
    assert_string_equal(values(pd_gen_format(T("%s_%05d%%"), args, 2, &err), 1, 1), "x_-0007%");
    assert_refused(pd_gen_format(T("%s"), args, 2, &err), "format takes 1 arguments, not 2");
    assert_refused(pd_gen_format(T("%s%s%s"), args, 2, &err),
                   "format takes more than the 2 arguments that were given");
    assert_refused(pd_gen_format(T("%x"), args, 1, &err),
                   "format has a % without s, d, 05d (up to 040d) or %");
    assert_refused(pd_gen_format(T("%"), args, 1, &err),
                   "format has a % without s, d, 05d (up to 040d) or %");
    assert_refused(pd_gen_format(T("%0"), args, 1, &err),
                   "format has a % without s, d, 05d (up to 040d) or %");
    assert_refused(pd_gen_format(T("%d"), args, 1, &err), "%d cannot take a value of type text");
    pd_gen *none = pd_gen_null_some(1, args[0], &err);
    pd_gen_unref(args[0]);
    args[0] = none;
    assert_string_equal(values(pd_gen_format(T("%s%d"), args, 2, &err), 1, 1), "NULL");
    pd_gen_unref(args[0]);
    pd_gen_unref(args[1]);
    assert_refused(pd_gen_text(-1, 3, NULL, &err), "min -1 is below 0");
    assert_refused(pd_gen_text(4, 3, NULL, &err), "min 4 is above max 3");
    assert_refused(pd_gen_text(1, INT64_MAX, NULL, &err),
                   "max 9223372036854775807 is above 1048576");
    assert_refused(pd_gen_text(1, 2, "", &err), "the alphabet is empty");
    assert_refused(pd_gen_words(1, 2, NULL, 0, &err), "there are no words");
}

static void test_json(void **unused)
{
    pd_text keys[] = {T("b"), T("a\n\""), T("c"), T("d"), T("e"), T("f")},
            twice[] = {T("k"), T("k")};
    pd_gen *x = text("x");
    pd_gen *v[6] = {text("\"\\\x01\xC3\xA9"),
                    pd_gen_int(-5, -5, &err),
                    pd_gen_null_some(1, x, &err),
                    pd_gen_decimal(150, 150, 2, &err),
                    pd_gen_date("2024-01-01", "2024-01-02", 0, &err),
                    pd_gen_bool(0, &err)};
    pd_gen *inner = pd_gen_json(keys, v, 6, &err), *outer;

    (void)unused;
    pd_gen_unref(x);
    assert_refused(pd_gen_json(twice, v, 2, &err), "key \"k\" is there twice");
    outer = pd_gen_json(keys, &inner, 1, &err);
    assert_string_equal(values(outer, 1, 1),
                        "{\"b\":{\"b\":\"\\\"\\\\\\u0001\xC3\xA9\",\"a\\u000a\\\"\":-5,"
                        "\"c\":null,\"d\":1.50,\"e\":\"2024-01-01\",\"f\":false}}");
    assert_string_equal(values(pd_gen_json(NULL, NULL, 0, &err), 1, 1), "{}");
    pd_gen_unref(inner);
    for (int i = 0; i < 6; i++)
        pd_gen_unref(v[i]);
}

static void test_addresses(void **unused)
{
    (void)unused;
    assert_string_equal(values(pd_gen_inet("10.1.2.3/32", &err), 1, 1), "10.1.2.3");
    assert_string_equal(values(pd_gen_inet("2001:db8::1", &err), 1, 1), "2001:db8::1");
    const char *v = values(pd_gen_inet("192.168.77.255/20", &err), 1, 1);
    int third = 0, fourth = 0;
    assert_int_equal(sscanf(v, "192.168.%d.%d", &third, &fourth), 2);
    assert_in_range(third, 64, 79);
    assert_refused(pd_gen_inet("10.0.0.0/33", &err),
                   "\"10.0.0.0/33\" is not a network such as 10.0.0.0/8");
    assert_refused(pd_gen_inet("10.0.0.0/", &err),
                   "\"10.0.0.0/\" is not a network such as 10.0.0.0/8");
    assert_refused(pd_gen_inet("10.0.0", &err), "\"10.0.0\" is not a network such as 10.0.0.0/8");
    for (uint64_t seed = 0; seed < 2000; seed++) {
        int first = atoi(values(pd_gen_inet(NULL, &err), 1, seed));
        assert_in_range(first, 1, 223);
        assert_true(first != 10 && first != 127);
        const char *uuid = values(pd_gen_uuid(&err), 1, seed);
        assert_int_equal(strlen(uuid), 36);
        assert_true(uuid[14] == '4' && strchr("89ab", uuid[19]));
    }
}

static void test_pick(void **unused)
{
    double weights[] = {60, 0, 30, 10}, bad[] = {1, NAN, 1, 1}, less[] = {1, -1, 1, 1},
           none[] = {0, 0, 0, 0};
    pd_gen *items[4] = {text("a"), text("b"), text("c"), text("d")};
    pd_gen *odd[] = {items[0], pd_gen_const_int(1, &err)};
    int seen[4] = {0};

    (void)unused;
    for (uint64_t seed = 0; seed < 200; seed++)
        for (const char *v = values(pd_gen_pick(items, weights, 4, &err), 100, seed); *v; v++)
            if (*v != '|')
                seen[*v - 'a']++;
    assert_in_range(seen[0], 11650, 12350);
    assert_int_equal(seen[1], 0);
    assert_in_range(seen[2], 5700, 6300);
    assert_in_range(seen[3], 1800, 2200);
    assert_refused(pd_gen_pick(items, bad, 4, &err),
                   "weight nan of item 2 is not finite and at least 0");
    assert_refused(pd_gen_pick(items, less, 4, &err),
                   "weight -1 of item 2 is not finite and at least 0");
    assert_refused(pd_gen_pick(items, none, 4, &err), "the weights add up to 0");
    assert_refused(pd_gen_pick(items, NULL, 0, &err), "there is nothing to pick from");
    assert_refused(pd_gen_pick(odd, NULL, 2, &err),
                   "a value of type integer cannot be among text ones");
    pd_gen_unref(odd[1]);
    for (int i = 0; i < 4; i++)
        pd_gen_unref(items[i]);
}

static void test_nesting(void **unused)
{
    pd_gen *g = pd_gen_const_int(1, &err), *outer;
    int depth = 0;

    (void)unused;
    while ((outer = pd_gen_null_some(0, g, &err))) {
        pd_gen_unref(g);
        g = outer;
        depth++;
    }
    assert_int_equal(depth, 32);
    assert_string_equal(err.message, "generators are nested more than 32 deep");
    assert_string_equal(values(g, 1, 1), "1");
    /* An object that holds itself twice over doubles each time. */
    pd_text keys[] = {T("a"), T("b")};
    g = pd_gen_const_int(1, &err);
    for (depth = 0; depth < 32; depth++) {
        pd_gen *both[] = {g, g};
        outer = pd_gen_json(keys, both, 2, &err);
        if (!outer)
            break;
        pd_gen_unref(g);
        g = outer;
    }
    assert_string_equal(err.message, "a value may take more than 1048576 bytes");
    pd_gen_unref(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_serial),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_recent),    cmocka_unit_test(test_texts),
        cmocka_unit_test(test_json),      cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_pick),      cmocka_unit_test(test_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

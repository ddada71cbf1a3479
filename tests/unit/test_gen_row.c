/* Rows: references, binding, encodings, determinism. */
#include "gen_helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static pd_err err;

/* A row that takes over its generators. */
static pd_row *make_row(const pd_text *names, pd_gen **gens, size_t n)
{
    pd_row *row = pd_row_new(names, gens, n, &err);

    for (size_t i = 0; i < n; i++)
        pd_gen_unref(gens[i]);
    return row;
}

static pd_gen *text(const char *s)
{
    return pd_gen_const_text((pd_text){s, strlen(s)}, &err);
}

/* Every kind of generator, also within others. */
static pd_row *every_kind(void)
{
    static const pd_text names[] = {T("i"),  T("b"),  T("f"),  T("n"),  T("o"),   T("p"),
                                    T("d"),  T("t"),  T("z"),  T("ip"), T("ip6"), T("u"),
                                    T("x"),  T("w"),  T("fm"), T("j"),  T("s"),   T("q"),
                                    T("zf"), T("no"), T("e"),  T("c"),  T("pr")};
    static const pd_text words[] = {T("alpha"), T("beta"), T("gamma")}, keys[] = {T("k"), T("l\n")};
    pd_text pair[] = {T("i"), T("n")};
    double weights[] = {1, 2};
    pd_gen *g[23], *a = text("a\"b"), *b = text("plain"), *ab[] = {a, b};

    g[0] = pd_gen_int(-1000, 1000, &err);
    g[1] = pd_gen_bigint(INT64_MIN, INT64_MAX, &err);
    g[2] = pd_gen_float(-1e6, 1e6, &err);
    g[3] = pd_gen_decimal(-1000000, 123456789, 3, &err);
    g[4] = pd_gen_bool(0.5, &err);
    g[5] = pd_gen_pick(ab, weights, 2, &err);
    g[6] = pd_gen_date("1900-01-01", "2100-01-01", 0.5, &err);
    g[7] = pd_gen_timestamp("1990-01-01", "2030-01-01", 1, 6, false, &err);
    g[8] = pd_gen_timestamp("1990-01-01", "2030-01-01", 0, 2, true, &err);
    g[9] = pd_gen_inet(NULL, &err);
    g[10] = pd_gen_inet("2001:db8::/64", &err);
    g[11] = pd_gen_uuid(&err);
    g[12] = pd_gen_text(0, 20, "a\xC3\xA9\"\xE2\x82\xAC", &err);
    g[13] = pd_gen_words(0, 4, words, 3, &err);
    g[14] = pd_gen_format(T("<%s|%05d>"), (pd_gen *[]){g[12], g[0]}, 2, &err);
    g[15] = pd_gen_json(keys, (pd_gen *[]){g[5], g[7]}, 2, &err);
    g[16] = pd_gen_serial(5, 5, 500, &err);
    g[17] = pd_gen_unique(&err);
    g[18] = pd_gen_zipf(100, 1, 1, &err);
    g[19] = pd_gen_normal(5, 2, 0, 10, -1, &err);
    g[20] = pd_gen_exponential(10, 0, 99, 2, &err);
    pd_gen *column = pd_gen_column(T("x"), &err);
    g[21] = pd_gen_null_some(0.3, column, &err);
    g[22] = pd_gen_product(pair, 2, &err);
    pd_gen_unref(column);
    pd_gen_unref(a);
    pd_gen_unref(b);
    return make_row(names, g, 23);
}

static uint64_t big_endian(const char *p, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | (uint8_t)p[i];
    return value;
}

static void test_same_draws(void **unused)
{
    pd_row *row = every_kind();
    pd_stream *one = stream_of(7, 1, 99), *two = stream_of(7, 1, 99), *three = stream_of(7, 1, 99);
    pd_params text_form = {0}, binary = {0};
    pd_buf copy = {0};

    (void)unused;
    assert_non_null(row);
    for (int i = 0; i < 3000; i++) {
        copy.len = 0;
        assert_true(pd_row_text(row, one, &text_form, &err));
        assert_true(pd_row_binary(row, two, &binary, &err));
        assert_true(pd_copy_row(row, three, &copy, &err));
        const char *p = copy.data;
        assert_int_equal(big_endian(p, 2), 23);
        p += 2;
        for (int c = 0; c < 23; c++) {
            int32_t len = (int32_t)big_endian(p, 4);
            p += 4;
            assert_int_equal(binary.values[c] == NULL, text_form.values[c] == NULL);
            assert_int_equal(len, binary.values[c] ? binary.lengths[c] : -1);
            if (len > 0) {
                assert_memory_equal(p, binary.values[c], (size_t)len);
                p += len;
            }
            if (pd_row_type(row, (size_t)c) == PD_OID_TEXT && binary.values[c]) {
                assert_int_equal(binary.lengths[c], text_form.lengths[c]);
                assert_memory_equal(binary.values[c], text_form.values[c], (size_t)len);
            }
            assert_int_equal(binary.formats[c], 1);
            assert_int_equal(text_form.formats[c], 0);
        }
        assert_int_equal(p - copy.data, copy.len);
        assert_int_equal((int32_t)big_endian(binary.values[0], 4), atoi(text_form.values[0]));
        assert_int_equal(big_endian(binary.values[1], 8), strtoll(text_form.values[1], NULL, 10));
    }
    pd_buf_free(&copy);
    pd_params_free(&text_form);
    pd_params_free(&binary);
    pd_stream_free(one);
    pd_stream_free(two);
    pd_stream_free(three);
    pd_row_free(row);
}

static void test_references(void **unused)
{
    pd_text names[] = {T("a"), T("b"), T("c")}, ab[] = {T("a"), T("b")}, ac[] = {T("a"), T("zz")};
    pd_gen *g[3];
    pd_row *row;
    pd_stream *stream = stream_of(1, 0, 0);
    pd_params params = {0};

    (void)unused;
    g[0] = pd_gen_int(1, 10, &err);
    g[1] = pd_gen_decimal(-150000, 150000, 2, &err);
    g[2] = pd_gen_product(ab, 2, &err);
    row = make_row(names, g, 3);
    assert_int_equal(pd_row_type(row, 2), PD_OID_NUMERIC);
    for (int i = 0; i < 1000; i++) {
        assert_true(pd_row_text(row, stream, &params, &err));
        long quantity = atol(params.values[0]), cents = lround(atof(params.values[1]) * 100);
        char want[32];
        long total = quantity * cents;
        snprintf(want, sizeof want, "%s%ld.%02ld", total < 0 ? "-" : "", labs(total) / 100,
                 labs(total) % 100);
        assert_string_equal(params.values[2], want);
    }
    Oid types[] = {PD_OID_INT4, PD_OID_NUMERIC, PD_OID_NUMERIC};
    int mods[] = {-1, typmod(10, 2), typmod(6, 2)};
    assert_null(pd_row_bind(row, types, mods, &err));
    assert_string_equal(err.message, "column \"c\": its values do not all fit into numeric(6,2)");
    mods[2] = typmod(7, 2);
    pd_row *bound = pd_row_bind(row, types, mods, &err);
    assert_non_null(bound);
    pd_row_free(bound);
    pd_row_free(row);
    g[0] = pd_gen_int(1, 10, &err);
    g[1] = pd_gen_product(ac, 2, &err);
    assert_null(make_row(names, g, 2));
    assert_string_equal(err.message, "column \"b\": there is no column \"zz\" further left");
    g[0] = pd_gen_column(T("a"), &err);
    assert_null(make_row(names, g, 1));
    assert_string_equal(err.message, "column \"a\": there is no column \"a\" further left");
    g[0] = text("x");
    g[1] = pd_gen_int(1, 1, &err);
    g[2] = pd_gen_product(ab, 2, &err);
    assert_null(make_row(names, g, 3));
    assert_string_equal(err.message,
                        "column \"c\": column \"a\" has type text and cannot be multiplied");
    g[0] = pd_gen_decimal(0, 1000000000000, 2, &err);
    g[1] = pd_gen_decimal(0, 1000000000000, 2, &err);
    g[2] = pd_gen_product(ab, 2, &err);
    assert_null(make_row(names, g, 3));
    assert_string_equal(err.message,
                        "column \"c\": the product with column \"b\" has too many digits");
    g[0] = pd_gen_int(1, 1, &err);
    g[1] = pd_gen_int(1, 1, &err);
    names[1] = names[0];
    assert_null(make_row(names, g, 2));
    assert_string_equal(err.message, "column \"a\" is there twice");
    pd_params_free(&params);
    pd_stream_free(stream);
}

static void test_keys(void **unused)
{
    pd_text names[] = {T("k"), T("f")}, values[] = {T("5"), T("-3"), T("2000000000")},
            bad = T("5x");
    pd_gen *key = pd_gen_key(T("users"), T("id"), 0, &err), *found[2], *g[2];
    const char *table, *column;
    pd_stream *stream = stream_of(1, 0, 0);
    pd_params params = {0};
    int seen = 0;

    (void)unused;
    g[0] = pd_gen_ref(key);
    g[1] = pd_gen_format(T("u%d"), &key, 1, &err);
    pd_row *row = make_row(names, g, 2);
    assert_int_equal(pd_row_type(row, 0), 0);
    assert_false(pd_row_text(row, stream, &params, &err));
    assert_string_equal(err.message,
                        "the keys of users.id are not set, or the row was not bound since");
    assert_int_equal(pd_row_keys(row, found, 2), 1);
    assert_ptr_equal(found[0], key);
    pd_gen_key_source(key, &table, &column);
    assert_string_equal(table, "users");
    assert_string_equal(column, "id");
    assert_false(pd_gen_key_set(key, PD_OID_INT4, NULL, 0, &err));
    assert_string_equal(err.message, "there are no keys in users.id");
    assert_false(pd_gen_key_set(key, PD_OID_INT4, &bad, 1, &err));
    assert_string_equal(err.message, "key 1 of users.id is not of type integer");
    assert_false(pd_gen_key_set(key, PD_OID_JSONB, &bad, 1, &err));
    assert_true(pd_gen_key_set(key, PD_OID_INT4, values, 3, &err));
    assert_false(pd_row_text(row, stream, &params, &err)); /* not bound since */
    Oid types[] = {PD_OID_INT2, PD_OID_TEXT};
    assert_null(pd_row_bind(row, types, NULL, &err));
    assert_string_equal(err.message,
                        "column \"k\": values from -3 to 2000000000 do not fit into smallint");
    types[0] = PD_OID_INT8;
    pd_row *bound = pd_row_bind(row, types, NULL, &err);
    assert_non_null(bound);
    assert_true(
        pd_gen_key_set(key, PD_OID_INT4, values, 1, &err)); /* the bound row keeps its own */
    for (int i = 0; i < 100; i++) {
        assert_true(pd_row_text(bound, stream, &params, &err));
        seen |= atoi(params.values[0]) == 5 ? 1 : atoi(params.values[0]) == -3 ? 2 : 4;
    }
    assert_int_equal(seen, 7);
    pd_row_free(bound);
    pd_text others[] = {T("a\"b"), T("0f8fad5b-d9cb-469f-a165-70867728950e"), T("2024-02-29"),
                        T("2024-02-29 01:02:03.5")};
    static const Oid other_types[] = {PD_OID_VARCHAR, PD_OID_UUID, PD_OID_DATE, PD_OID_TIMESTAMP};
    for (int i = 0; i < 4; i++) {
        pd_gen *other = pd_gen_key(T("t"), T("c"), 0.5, &err);
        assert_true(pd_gen_key_set(other, other_types[i], &others[i], 1, &err));
        pd_row *plain = row_of(other);
        assert_true(pd_row_text(plain, stream, &params, &err));
        assert_string_equal(params.values[0], others[i].s);
        pd_row_free(plain);
    }
    /* A choice that might take another item has no type to encode it as either. */
    pd_gen *either[] = {pd_gen_key(T("t"), T("c"), 0, &err), pd_gen_int(1, 1, &err)};
    pd_row *open = row_of(pd_gen_pick(either, NULL, 2, &err));
    for (int i = 0; i < 20; i++)
        assert_false(pd_row_binary(open, stream, &params, &err));
    pd_row_free(open);
    pd_gen_unref(either[0]);
    pd_gen_unref(either[1]);
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
    pd_gen_unref(key);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_unique(void **unused)
{
    enum { CLIENTS = 20, ROWS = 500 };
    static char seen[2 * CLIENTS * ROWS][40];
    pd_row *row = row_of(pd_gen_unique(&err));
    pd_params params = {0};
    size_t n = 0;

    (void)unused;
    for (int run = 0; run < 2; run++)
        for (uint32_t client = 0; client < CLIENTS; client++) {
            pd_stream *stream = stream_of(1, client, (uint64_t)run);
            for (int i = 0; i < ROWS; i++, n++) {
                assert_true(pd_row_text(row, stream, &params, &err));
                snprintf(seen[n], sizeof seen[n], "%s", params.values[0]);
            }
            pd_stream_free(stream);
        }
    qsort(seen, n, sizeof seen[0], compare);
    for (size_t i = 1; i < n; i++)
        assert_string_not_equal(seen[i - 1], seen[i]);
    pd_stream *last = stream_of(1, UINT32_MAX, UINT64_MAX);
    assert_true(pd_row_text(row, last, &params, &err));
    assert_string_equal(params.values[0], "3w5e11264sgsf_1z141z3_0");
    pd_stream_free(last);
    pd_params_free(&params);
    pd_row_free(row);
}

/* A seed must go on meaning the same rows in later versions. */
static void test_golden(void **unused)
{
    static const char *const golden[] = {
        "519; -8675017707620340004; -310902.8675637533; 93045.931; false; a\"b; 2077-04-23; "
        "2010-03-19 20:04:07.352798; 1995-03-01 19:03:33.11+00; 151.14.245.253; "
        "2001:db8::4750:2c48:c0d7:84a; f3434219-e60e-4742-a912-c31c77af6cf1; aaéé€aa\"ééaa\"é; "
        "alpha gamma; <|-0254>; {\"k\":\"plain\",\"l\\u000a\":\"2006-12-22 13:29:36.66226\"}; 5; "
        "rs_3_0; 4; 6.3236127416509404; 8.77; aaéé€aa\"ééaa\"é; 48290838.189",
        "193; -1217636609008261515; 15703.648770748288; 95449.971; true; plain; 1971-12-21; "
        "2028-02-19 16:47:49.281131; 1993-07-26 00:17:11.03+00; 218.30.163.230; "
        "2001:db8::4cdf:dd91:93db:e07c; 2cf4b4af-9d5e-4bd0-84ed-a602605aab73; aa€é€é\"a€a€; alpha "
        "beta gamma; <|-0861>; {\"k\":\"plain\",\"l\\u000a\":\"2027-04-13 01:04:23.195428\"}; 10; "
        "rs_3_1; 1; 4.046665982157795; 1.39; NULL; 18421844.403",
        "-439; 2127246733261035904; 505976.27018683497; 121754.969; false; plain; 1951-01-08; "
        "2006-01-18 07:01:05.194278; 2024-01-02 11:05:25.06+00; 55.213.77.211; "
        "2001:db8::ee7d:148:bbf5:bddc; 13b4c375-1695-47b1-b36c-60ee72c969a6; aé€\"éé€; alpha "
        "alpha; <é\"\"aé€€éé\"\"\"ééa\"é|00273>; {\"k\":\"a\\\"b\",\"l\\u000a\":\"2012-02-13 "
        "11:54:53.025782\"}; 15; rs_3_2; 26; 3.113757736487141; 2.20; aé€\"éé€; -53450431.391"};
    pd_row *row = every_kind();
    pd_stream *stream = stream_of(2024, 3, 1000);
    pd_params params = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        char line[2048];
        size_t len = 0;
        assert_true(pd_row_text(row, stream, &params, &err));
        for (int c = 0; c < params.n; c++)
            len += (size_t)snprintf(line + len, sizeof line - len, "%s%s", c ? "; " : "",
                                    params.values[c] ? params.values[c] : "NULL");
        assert_string_equal(line, golden[i]);
    }
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
}

/* Several rows at once are the rows that come one by one. */
static void test_rows_at_once(void **unused)
{
    enum { ROWS = 50 };
    pd_row *row = every_kind();
    pd_stream *one = stream_of(5, 1, 9), *all = stream_of(5, 1, 9);
    pd_params single = {0}, many = {0};
    int n = (int)pd_row_columns(row);

    (void)unused;
    assert_true(pd_rows_binary(row, ROWS, all, &many, &err));
    assert_int_equal(many.n, ROWS * n);
    for (int r = 0; r < ROWS; r++) {
        assert_true(pd_row_binary(row, one, &single, &err));
        for (int c = 0; c < n; c++) {
            int at = r * n + c;
            assert_int_equal(many.formats[at], 1);
            assert_int_equal(many.values[at] == NULL, single.values[c] == NULL);
            assert_int_equal(many.lengths[at], single.lengths[c]);
            if (single.values[c])
                assert_memory_equal(many.values[at], single.values[c], (size_t)single.lengths[c]);
        }
    }
    pd_params_free(&single);
    pd_params_free(&many);
    pd_stream_free(one);
    pd_stream_free(all);
    pd_row_free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_at_once), cmocka_unit_test(test_same_draws),
        cmocka_unit_test(test_references),   cmocka_unit_test(test_keys),
        cmocka_unit_test(test_unique),       cmocka_unit_test(test_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

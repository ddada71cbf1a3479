/* The binary formats, and which columns a generator can fill. */
#include "gen_helpers.h"

#include <stdio.h>

static pd_err err;

static pd_gen *text(const char *s)
{
    return pd_gen_const_text((pd_text){s, strlen(s)}, &err);
}

/* One value as hexadecimal digits of its binary form in a column of that type. */
static const char *hex(pd_gen *gen, Oid type)
{
    static char out[128];
    pd_row *row = row_of(gen), *bound = pd_row_bind(row, &type, NULL, &err);
    pd_stream *stream = stream_of(1, 0, 0);
    pd_params params = {0};

    assert_non_null(bound);
    assert_true(pd_row_binary(bound, stream, &params, &err));
    out[0] = '\0';
    for (int i = 0; i < params.lengths[0]; i++)
        snprintf(out + i * 2, 3, "%02x", (uint8_t)params.values[0][i]);
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(row);
    pd_row_free(bound);
    return out;
}

static const char *numeric(int64_t value, int scale)
{
    return hex(pd_gen_decimal(value, value, scale, &err), PD_OID_NUMERIC);
}

/* As the server's send functions print them: digits, weight, sign, scale, digits. */
static void test_binary(void **unused)
{
    pd_text key = T("a");
    pd_gen *one = pd_gen_const_int(1, &err);

    (void)unused;
    assert_string_equal(numeric(0, 2), "0000000000000002");
    assert_string_equal(numeric(1234567, 5), "0003000000000005000c0d801b58");
    assert_string_equal(numeric(-1, 2), "0001ffff400000020064");
    assert_string_equal(numeric(1, 5), "0001fffe0000000503e8");
    assert_string_equal(numeric(10000, 0), "00010001000000000001");
    assert_string_equal(numeric(100000001, 4), "0003000100000004000100000001");
    assert_string_equal(numeric(INT64_C(1000000000000000000), 0), "00010004000000000064");
    assert_string_equal(hex(pd_gen_const_int(INT64_MAX, &err), PD_OID_NUMERIC),
                        "0005000400000000039a0d2c0170156516af");
    assert_string_equal(hex(pd_gen_const_int(-2, &err), PD_OID_INT2), "fffe");
    assert_string_equal(hex(pd_gen_const_int(-2, &err), PD_OID_INT4), "fffffffe");
    assert_string_equal(hex(pd_gen_const_int(-2, &err), PD_OID_INT8), "fffffffffffffffe");
    assert_string_equal(hex(pd_gen_const_float(1.5, &err), PD_OID_FLOAT8), "3ff8000000000000");
    assert_string_equal(hex(pd_gen_const_bool(true, &err), PD_OID_BOOL), "01");
    assert_string_equal(hex(text("hi"), PD_OID_VARCHAR), "6869");
    assert_string_equal(hex(pd_gen_date("1999-12-31", "2000-01-01", 0, &err), PD_OID_DATE),
                        "ffffffff");
    assert_string_equal(
        hex(pd_gen_timestamp("2000-01-01 00:00:01", "2000-01-01 00:00:02", 0, 0, false, &err),
            PD_OID_TIMESTAMP),
        "00000000000f4240");
    assert_string_equal(hex(pd_gen_inet("10.1.2.3", &err), PD_OID_INET), "022000040a010203");
    assert_string_equal(hex(pd_gen_inet("2001:db8::1", &err), PD_OID_INET),
                        "0380001020010db8000000000000000000000001");
    assert_string_equal(hex(pd_gen_json(&key, &one, 1, &err), PD_OID_JSONB), "017b2261223a317d");
    assert_string_equal(hex(pd_gen_json(&key, &one, 1, &err), PD_OID_JSON), "7b2261223a317d");
    pd_gen_unref(one);
}

/* Expects that the generator does not bind to that type. Takes it over. */
static void refuse(pd_gen *gen, Oid type, int mod, const char *message)
{
    pd_row *row = row_of(gen);

    assert_null(pd_row_bind(row, &type, &mod, &err));
    assert_string_equal(err.message, message);
    pd_row_free(row);
}

static void accept(pd_gen *gen, Oid type, int mod)
{
    pd_row *row = row_of(gen), *bound = pd_row_bind(row, &type, &mod, &err);

    if (!bound)
        fail_msg("%s", err.message);
    assert_int_equal(pd_row_type(bound, 0), type);
    pd_row_free(bound);
    pd_row_free(row);
}

static void test_bind(void **unused)
{
    (void)unused;
    accept(pd_gen_int(-32768, 32767, &err), PD_OID_INT2, -1);
    refuse(pd_gen_int(0, 32768, &err), PD_OID_INT2, -1,
           "column \"c\": values from 0 to 32768 do not fit into smallint");
    accept(pd_gen_bigint(0, 5, &err), PD_OID_INT4, -1);
    refuse(pd_gen_serial(1, 1, INT64_MAX, &err), PD_OID_INT4, -1,
           "column \"c\": values from 1 to 9223372036854775807 do not fit into integer");
    accept(pd_gen_int(0, 1, &err), PD_OID_INT8, -1);
    accept(pd_gen_int(0, 99, &err), PD_OID_NUMERIC, typmod(2, 0));
    refuse(pd_gen_int(0, 100, &err), PD_OID_NUMERIC, typmod(2, 0),
           "column \"c\": its values do not all fit into numeric(2,0)");
    accept(pd_gen_decimal(-9999999999, 9999999999, 2, &err), PD_OID_NUMERIC, typmod(10, 2));
    refuse(pd_gen_decimal(0, 10000000000, 2, &err), PD_OID_NUMERIC, typmod(10, 2),
           "column \"c\": its values do not all fit into numeric(10,2)");
    accept(pd_gen_decimal(0, 99949, 3, &err), PD_OID_NUMERIC, typmod(3, 1));
    refuse(pd_gen_decimal(0, 99950, 3, &err), PD_OID_NUMERIC, typmod(3, 1),
           "column \"c\": its values do not all fit into numeric(3,1)"); /* 99.950 is rounded to
                                                                            100.0 */
    accept(pd_gen_decimal(0, 99900, 2, &err), PD_OID_NUMERIC, typmod(1000, 0));
    accept(pd_gen_int(0, 94999, &err), PD_OID_NUMERIC, typmod(2, -3));
    accept(pd_gen_text(0, 50, "\xC3\xA9", &err), PD_OID_VARCHAR, 54);
    accept(pd_gen_text(0, 50, NULL, &err), PD_OID_TEXT, -1);
    refuse(pd_gen_text(0, 51, NULL, &err), PD_OID_VARCHAR, 54,
           "column \"c\": texts of up to 51 characters do not fit into character varying(50)");
    refuse(pd_gen_int(0, 1, &err), PD_OID_TEXT, -1,
           "column \"c\": a generator of type integer cannot fill a column of type text");
    refuse(text("1"), PD_OID_INT4, -1,
           "column \"c\": a generator of type text cannot fill a column of type integer");
    refuse(pd_gen_date("2024-01-01", "2025-01-01", 0, &err), PD_OID_TIMESTAMP, -1,
           "column \"c\": a generator of type date cannot fill a column of type timestamp");
    refuse(text("1"), 600, -1,
           "column \"c\": a generator of type text cannot fill a column of the type with oid 600");
    refuse(pd_gen_key(T("t"), T("k"), 0, &err), PD_OID_INT4, -1,
           "column \"c\": its keys are not set");
}

static void test_copy_frame(void **unused)
{
    pd_buf out = {0};

    (void)unused;
    assert_true(pd_copy_begin(&out, &err));
    assert_true(pd_copy_end(&out, &err));
    assert_int_equal(out.len, 21);
    assert_memory_equal(out.data, "PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0\xFF\xFF", 21);
    pd_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_bind),
        cmocka_unit_test(test_copy_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

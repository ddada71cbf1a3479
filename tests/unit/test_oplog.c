/* The operation log and the ledger: nothing is lost or reordered, COPY reads back what was written.
 */
#include "core/oplog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <stdlib.h>

#include <cmocka.h>

/* While `starved`, no allocation of the code under test succeeds. */
static bool starved;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return starved ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return starved ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return starved ? NULL : __real_realloc(old, size);
}

static void test_states(void **state)
{
    static const char *const states[] = {"", "00000", "23514", "40P01", "ZZZZZ", "57P01", "F0000"};
    char text[6];

    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        pd_state_unpack(pd_state_pack(states[i]), text);
        assert_string_equal(text, states[i]);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(pd_state_pack(states[i]), pd_state_pack(states[j]));
    }
    pd_state_unpack(pd_state_pack("08?06"), text);
    assert_string_equal(text, "08?06");
}

/* More than one chunk holds, and not a whole number of chunks. */
static void test_records_stay_in_order(void **state)
{
    const size_t n = 3 * 4096 + 17;
    pd_err err;
    pd_oplog *log = pd_oplog_new(1, &err);
    pd_oprecord *copy = calloc(n, sizeof *copy);

    (void)state;
    assert_non_null(log);
    assert_non_null(copy);
    for (size_t i = 0; i < n; i++)
        pd_oplog_add(log,
                     &(pd_oprecord){.due = (int64_t)i, .done = -(int64_t)i, .retries = i % 256});
    assert_int_equal(pd_oplog_count(log), n);
    assert_int_equal(pd_oplog_dropped(log), 0);
    pd_oplog_copy(log, copy);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(copy[i].due, i);
        assert_int_equal(copy[i].done, -(int64_t)i);
        assert_int_equal(copy[i].retries, i % 256);
    }
    free(copy);
    pd_oplog_free(log);
    pd_oplog_free(NULL);
}

/* A result as the server would send it; NULL values are nulls. */
static PGresult *make_result(int rows, int columns, const char *const *values)
{
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc attributes[3] = {
        {.name = (char *)"a"}, {.name = (char *)"b"}, {.name = (char *)"c"}};

    assert_non_null(r);
    assert_int_not_equal(PQsetResultAttrs(r, columns, attributes), 0);
    for (int i = 0; i < rows * columns; i++)
        assert_int_not_equal(PQsetvalue(r, i / columns, i % columns, (char *)values[i],
                                        values[i] ? (int)strlen(values[i]) : -1),
                             0);
    return r;
}

static void assert_lines(const pd_buf *buf, const char *expected)
{
    assert_int_equal(buf->len, strlen(expected));
    assert_memory_equal(buf->data, expected, buf->len);
}

static void test_lines(void **state)
{
    static const char *const values[] = {"12", NULL, "a\tb\\c\nd\re", "13", "", "\\N"};
    pd_err err;
    pd_oplog *log = pd_oplog_new(1, &err);
    PGresult *r = make_result(2, 3, values), *none = make_result(0, 3, NULL);

    (void)state;
    pd_oplog_write(log, 0, r);
    pd_oplog_write(log, 0, none);
    assert_lines(pd_oplog_ledger(log, 0), "12\t\\N\ta\\tb\\\\c\\nd\\re\n13\t\t\\\\N\n");
    PQclear(r);
    PQclear(none);
    pd_oplog_free(log);
}

static void test_ledgers_are_apart(void **state)
{
    static const char *const values[] = {"1", "22"};
    pd_err err;
    pd_oplog *log = pd_oplog_new(3, &err);
    PGresult *one = make_result(1, 1, values), *two = make_result(1, 1, values + 1);

    (void)state;
    pd_oplog_write(log, 0, one);
    pd_oplog_write(log, 1, two);
    pd_oplog_write(log, 0, two);
    assert_lines(pd_oplog_ledger(log, 0), "1\n22\n");
    assert_lines(pd_oplog_ledger(log, 1), "22\n");
    assert_int_equal(pd_oplog_ledger(log, 2)->len, 0);
    PQclear(one);
    PQclear(two);
    pd_oplog_free(log);
}

/* What there is no memory for is counted; what is there stays whole. */
static void test_without_memory(void **state)
{
    char wide[2000];
    const char *values[] = {"1", wide};
    pd_err err;

    (void)state;
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    starved = true;
    assert_null(pd_oplog_new(1, &err));
    starved = false;
    pd_oplog *log = pd_oplog_new(1, &err);
    PGresult *rows = make_result(2, 1, values);
    pd_oplog_add(log, &(pd_oprecord){.due = 1});
    PGresult *first = make_result(1, 1, values);
    pd_oplog_write(log, 0, first);
    starved = true;
    for (int i = 0; i < 4096; i++)
        pd_oplog_add(log, &(pd_oprecord){.due = 2});
    pd_oplog_write(log, 0, rows);
    starved = false;
    assert_int_equal(pd_oplog_count(log), 4096);
    assert_int_equal(pd_oplog_dropped(log), 2);
    assert_lines(pd_oplog_ledger(log, 0), "1\n");
    PQclear(first);
    PQclear(rows);
    pd_oplog_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),         cmocka_unit_test(test_records_stay_in_order),
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_ledgers_are_apart),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

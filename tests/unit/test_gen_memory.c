/* Every allocation fails in turn: each time an error, never a crash or a leak (built with ASan). */
#include "gen_helpers.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strndup(const char *s, size_t n);

static int left = -1; /* allocations until one fails; below 0 none does */
static int failed;

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    failed++;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strndup(const char *s, size_t n)
{
    return fails() ? NULL : __real_strndup(s, n);
}

enum { GENS = 17 };

/* Makes the generators one after the other; stops at the first that fails. */
static bool make_gens(pd_gen **g, pd_err *err)
{
    static const pd_text words[] = {T("a"), T("b")}, keys[] = {T("k"), T("l")};
    static const pd_text value = T("7"), pair[] = {T("c1"), T("c2")};
    static const double weights[] = {1, 2};

    return (g[0] = pd_gen_const_text(T("x"), err)) && (g[1] = pd_gen_int(1, 5, err)) &&
           (g[2] = pd_gen_decimal(1, 5, 2, err)) &&
           (g[3] = pd_gen_pick((pd_gen *[]){g[1], g[2]}, weights, 2, err)) &&
           (g[4] = pd_gen_text(1, 3,
                               "\xC3\xA9"
                               "a",
                               err)) &&
           (g[5] = pd_gen_words(1, 3, words, 2, err)) &&
           (g[6] = pd_gen_format(T("%s-%d"), g, 2, err)) && (g[7] = pd_gen_json(keys, g, 2, err)) &&
           (g[8] = pd_gen_serial(1, 1, 99, err)) && (g[9] = pd_gen_unique(err)) &&
           (g[10] = pd_gen_column(T("c0"), err)) && (g[11] = pd_gen_null_some(0.5, g[10], err)) &&
           (g[12] = pd_gen_product(pair, 2, err)) &&
           (g[13] = pd_gen_key(T("t"), T("k"), 0.5, err)) &&
           pd_gen_key_set(g[13], PD_OID_INT4, &value, 1, err) &&
           (g[14] = pd_gen_normal(0, 1, -1, 1, 2, err)) && (g[15] = pd_gen_inet(NULL, err)) &&
           (g[16] = pd_gen_date("2024-01-01", "2024-02-01", 0, err));
}

/* All that the generator does, from nothing to encoded rows. */
static bool whole(pd_err *err)
{
    pd_text names[GENS];
    static char letters[GENS][4];
    pd_gen *g[GENS] = {NULL};
    pd_row *row = NULL, *bound = NULL;
    pd_stream *stream = NULL;
    pd_params params = {0};
    pd_buf out = {0};
    bool ok = make_gens(g, err);

    for (int i = 0; i < GENS; i++) {
        letters[i][0] = 'c';
        letters[i][1] = (char)(i < 10 ? '0' + i : 'a' + i - 10);
        names[i] = (pd_text){letters[i], 2};
    }
    ok = ok && (row = pd_row_new(names, g, GENS, err)) &&
         (bound = pd_row_bind(row, NULL, NULL, err)) && (stream = pd_stream_new(1, 0, 0, err)) &&
         pd_row_text(bound, stream, &params, err) && pd_row_binary(bound, stream, &params, err) &&
         pd_copy_begin(&out, err) && pd_copy_row(bound, stream, &out, err) &&
         pd_copy_end(&out, err);
    pd_buf_free(&out);
    pd_params_free(&params);
    pd_stream_free(stream);
    pd_row_free(bound);
    pd_row_free(row);
    for (int i = 0; i < GENS; i++)
        pd_gen_unref(g[i]);
    return ok;
}

static void test_each_allocation(void **unused)
{
    pd_err err = {0};
    int n = 0;

    (void)unused;
    for (;; n++) {
        failed = 0;
        left = n;
        bool ok = whole(&err);
        left = -1;
        if (ok && failed == 0)
            break;
        assert_false(ok);
        assert_int_equal(failed, 1);
        assert_int_equal(err.kind, PD_ERR_SYSTEM);
        assert_string_equal(err.message, "out of memory");
    }
    assert_in_range(n, 60, 1000); /* that many allocations were made to fail */
}

/* A row that failed half-way leaves what was encoded before as it was. */
static void test_copy_untouched(void **unused)
{
    pd_row *row = row_of(pd_gen_text(600, 600, NULL, NULL));
    pd_stream *stream = stream_of(1, 0, 0);
    pd_buf out = {0};
    pd_err err;

    (void)unused;
    assert_true(pd_copy_begin(&out, &err));
    size_t len = out.len;
    left = 2; /* the values and the scratch, then the output */
    assert_false(pd_copy_row(row, stream, &out, &err));
    assert_int_equal(out.len, len);
    left = -1;
    assert_true(pd_copy_row(row, stream, &out, &err));
    assert_int_equal(out.len, len + 2 + 4 + 600);
    assert_memory_equal(out.data, "PGCOPY\n", 7);
    pd_buf_free(&out);
    pd_stream_free(stream);
    pd_row_free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation),
        cmocka_unit_test(test_copy_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

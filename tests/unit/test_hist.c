/* The histogram of times: its error bound, quantiles against sorted values, merging, extremes. */
#include "core/hist.h"
#include "core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = calloc(2, sizeof(pd_hist));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Every value lies within 0.4 % of the middle of its bucket, and small ones are exact. */
static void test_error_bound(void **state)
{
    const int64_t top = INT64_C(1) << PD_HIST_TOP_BIT;
    pd_rng rng;

    (void)state;
    for (int64_t v = 0; v < 2 << PD_HIST_SUB_BITS; v++)
        assert_int_equal(pd_hist_middle(pd_hist_index(v)), v);
    pd_rng_init(&rng, 1, 2, 3);
    for (int i = 0; i < 200000; i++) {
        int64_t v = (int64_t)(pd_rng_next(&rng) >> (20 + i % 40));
        if (v >= top)
            continue;
        int64_t middle = pd_hist_middle(pd_hist_index(v));
        assert_true((double)distance(middle, v) <= 0.004 * (double)v);
    }
}

/* Buckets follow one another without a gap, up to the last one. */
static void test_buckets_are_in_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PD_HIST_BUCKETS; i++)
        assert_int_equal(pd_hist_index(pd_hist_middle(i)), i);
    for (int bit = 1; bit < PD_HIST_TOP_BIT; bit++) {
        int64_t power = INT64_C(1) << bit;
        assert_int_equal(pd_hist_index(power), pd_hist_index(power - 1) + 1);
    }
}

static void test_empty(void **state)
{
    pd_hist *h = *state;

    assert_int_equal(pd_hist_quantile(h, 0), 0);
    assert_int_equal(pd_hist_quantile(h, 0.99), 0);
    assert_int_equal(pd_hist_quantile(h, 1), 0);
}

static void test_one_value(void **state)
{
    pd_hist *h = *state;
    const int64_t v = 123456789;

    pd_hist_add(h, v);
    for (double q = 0; q <= 1; q += 0.25) {
        assert_true(distance(pd_hist_quantile(h, q), v) <= v / 250);
        assert_true(pd_hist_quantile(h, q) <= v);
    }
    assert_int_equal(h->max, v);
}

static void test_extremes(void **state)
{
    pd_hist *h = *state;

    pd_hist_add(h, -5);
    pd_hist_add(h, INT64_MIN);
    assert_int_equal(h->max, 0);
    assert_int_equal(h->bucket[0], 2);
    pd_hist_add(h, INT64_MAX);
    assert_int_equal(h->count, 3);
    assert_int_equal(h->max, INT64_MAX);
    assert_int_equal(h->bucket[PD_HIST_BUCKETS - 1], 1);
    assert_int_equal(pd_hist_quantile(h, 0.5), 0);
    assert_true(pd_hist_quantile(h, 1) >= pd_hist_middle(PD_HIST_BUCKETS - 1));
    assert_int_equal(pd_hist_index(INT64_C(1) << PD_HIST_TOP_BIT), PD_HIST_BUCKETS - 1);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

#define VALUES 20001

/* Values over six powers of ten; every second one goes to the second histogram, then they are
 * merged. */
static void test_quantiles_and_merge(void **state)
{
    static const double shares[] = {0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};
    pd_hist *h = *state;
    int64_t *values = calloc(VALUES, sizeof *values);
    double sum = 0;
    pd_rng rng;

    assert_non_null(values);
    pd_rng_init(&rng, 7, 0, 0);
    for (int i = 0; i < VALUES; i++) {
        values[i] = (int64_t)(1e3 / (1e-6 + pd_rng_double(&rng)));
        sum += (double)values[i];
        pd_hist_add(&h[i % 2], values[i]);
    }
    pd_hist_merge(&h[0], &h[1]);
    qsort(values, VALUES, sizeof *values, by_size);
    assert_int_equal(h->count, VALUES);
    assert_int_equal(h->max, values[VALUES - 1]);
    assert_true(h->sum > sum * 0.999999 && h->sum < sum * 1.000001);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double want = shares[i] * VALUES;
        size_t rank = want <= 1 ? 0 : (size_t)want + ((double)(size_t)want < want) - 1;
        int64_t exact = values[rank], got = pd_hist_quantile(h, shares[i]);
        assert_true((double)distance(got, exact) <= 0.004 * (double)exact);
        assert_true(got <= h->max);
    }
    free(values);
}

static void test_merge_with_empty(void **state)
{
    pd_hist *h = *state, before;

    pd_hist_add(&h[0], 1000);
    before = h[0];
    pd_hist_merge(&h[0], &h[1]);
    assert_memory_equal(&h[0], &before, sizeof before);
    pd_hist_merge(&h[1], &h[0]);
    assert_memory_equal(&h[1], &before, sizeof before);
}

/* What was counted in coarse buckets alone gives quantiles within 3.2 %. */
static void test_coarse_buckets(void **state)
{
    pd_hist *h = *state;
    pd_rng rng;

    pd_rng_init(&rng, 3, 0, 0);
    pd_hist_add_coarse(&h[1], 5, 0);
    assert_int_equal(h[1].count, 0);
    for (int i = 0; i < 100000; i++) {
        int64_t value = (int64_t)(1e4 / (1e-5 + pd_rng_double(&rng)));
        unsigned coarse = pd_hist_index(value) >> PD_HIST_COARSE_BITS;
        assert_true(coarse < PD_HIST_COARSE);
        pd_hist_add(&h[0], value);
        pd_hist_add_coarse(&h[1], coarse, 1);
    }
    assert_int_equal(h[1].count, h[0].count);
    for (double q = 0; q <= 1; q += 0.05) {
        int64_t fine = pd_hist_quantile(&h[0], q), coarse = pd_hist_quantile(&h[1], q);
        assert_true((double)distance(fine, coarse) <= 0.036 * (double)fine);
    }
    assert_true((double)distance(h[0].max, h[1].max) <= 0.032 * (double)h[0].max);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_bound),
        cmocka_unit_test(test_buckets_are_in_order),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_value, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extremes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quantiles_and_merge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_merge_with_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_coarse_buckets, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

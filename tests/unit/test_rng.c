#include "core/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The reference implementation's first numbers, as published for these states. */
static void test_reference(void **unused)
{
    static const uint64_t mix[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                   4593380528125082431u, 16408922859458223821u};
    static const uint64_t xoshiro[] = {11520u,
                                       0u,
                                       1509978240u,
                                       1215971899390074240u,
                                       1216172134540287360u,
                                       607988272756665600u,
                                       16172922978634559625u,
                                       8476171486693032832u,
                                       10595114339597558777u,
                                       2904607092377533576u};
    uint64_t state = 1234567;
    pd_rng rng = {{1, 2, 3, 4}};

    (void)unused;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(pd_rng_splitmix(&state), mix[i]);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(pd_rng_next(&rng), xoshiro[i]);
}

/* A seed must go on meaning the same rows in later versions. */
static void test_streams(void **unused)
{
    static const uint64_t golden[] = {0x7e9d2581b6f71851u, 0xa6e802c71a5afefu};
    pd_rng rng, other;

    (void)unused;
    pd_rng_init(&rng, 42, 7, PD_RNG_DATA);
    assert_int_equal(pd_rng_next(&rng), golden[0]);
    assert_int_equal(pd_rng_next(&rng), golden[1]);
    for (int i = 0; i < 3; i++) {
        uint64_t parts[3] = {42, 7, PD_RNG_DATA};
        pd_rng_init(&rng, parts[0], parts[1], parts[2]);
        parts[i]++;
        pd_rng_init(&other, parts[0], parts[1], parts[2]);
        int same_bits = 0;
        for (int k = 0; k < 1000; k++)
            same_bits += __builtin_popcountll(~(pd_rng_next(&rng) ^ pd_rng_next(&other)));
        /* 64000 fair bits: 32000 +- 5 standard deviations of 126 */
        assert_in_range(same_bits, 31368, 32632);
    }
}

static double chi_square(const uint32_t *seen, const double *expected, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
    return sum;
}

/* The 1 in 100000 bound for that many degrees of freedom (Wilson and Hilferty). */
static double chi_bound(int freedom)
{
    double k = 2.0 / (9 * freedom);

    return freedom * pow(1 - k + 4.265 * sqrt(k), 3);
}

static void test_below(void **unused)
{
    enum { N = 7, DRAWS = 700000 };
    uint32_t seen[N] = {0}, thirds[3] = {0};
    double expected[N], third[3];
    pd_rng rng;

    (void)unused;
    pd_rng_init(&rng, 1, 0, 0);
    for (int i = 0; i < DRAWS; i++)
        seen[pd_rng_below(&rng, N)]++;
    for (int i = 0; i < N; i++)
        expected[i] = (double)DRAWS / N;
    assert_true(chi_square(seen, expected, N) < chi_bound(N - 1));
    /* 3 * 2^62 numbers: a plain modulo would make the lowest third twice as likely. */
    for (int i = 0; i < 300000; i++)
        thirds[pd_rng_below(&rng, UINT64_C(3) << 62) >> 62]++;
    third[0] = third[1] = third[2] = 100000;
    assert_true(chi_square(thirds, third, 3) < chi_bound(2));
}

static void test_ends(void **unused)
{
    bool low = false, high = false;
    pd_rng rng;

    (void)unused;
    pd_rng_init(&rng, 1, 0, 0);
    for (int i = 0; i < 1000; i++) {
        int64_t v = pd_rng_int(&rng, -2, 2);
        assert_in_range(v + 2, 0, 4);
        low = low || v == -2;
        high = high || v == 2;
        assert_int_equal(pd_rng_int(&rng, INT64_MIN, INT64_MIN), INT64_MIN);
        assert_int_equal(pd_rng_int(&rng, INT64_MAX, INT64_MAX), INT64_MAX);
        double d = pd_rng_double(&rng), o = pd_rng_open(&rng);
        assert_true(d >= 0 && d < 1 && o > 0 && o < 1);
    }
    assert_true(low && high);
    int64_t seen = 0;
    for (int i = 0; i < 64; i++)
        seen |= pd_rng_int(&rng, INT64_MIN, INT64_MAX);
    assert_int_equal(seen, -1); /* every bit, the sign too */
}

static void test_quantile(void **unused)
{
    (void)unused;
    assert_true(pd_rng_quantile(0.5) == 0);
    for (double x = -8; x <= 0; x += 0.03125) {
        double p = 0.5 * erfc(-x / sqrt(2));
        assert_true(fabs(pd_rng_quantile(p) - x) < 1e-13 * (1 + fabs(x)));
        if (x > -5)
            assert_true(fabs(pd_rng_quantile(1 - p) + x) < 1e-9);
    }
    assert_true(fabs(pd_rng_quantile(1e-300) + 37.0471) < 1e-4);
}

static void moments(const pd_normal *n, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    pd_rng rng;

    pd_rng_init(&rng, 5, 0, 0);
    for (int i = 0; i < 200000; i++) {
        double x = pd_normal_next(n, &rng);
        assert_true(x >= n->min && x <= n->max);
        sum += x;
        squares += x * x;
    }
    *mean = sum / 200000;
    *sd = sqrt(squares / 200000 - *mean * *mean);
}

static void test_normal(void **unused)
{
    double mean, sd;
    pd_normal n;
    pd_err err;

    (void)unused;
    assert_true(pd_normal_init(&n, 10, 3, -INFINITY, INFINITY, &err));
    moments(&n, &mean, &sd);
    assert_true(fabs(mean - 10) < 0.03 && fabs(sd - 3) < 0.03);
    /* The upper half: mean sqrt(2/pi), sd sqrt(1 - 2/pi). */
    assert_true(pd_normal_init(&n, 0, 1, 0, INFINITY, &err));
    moments(&n, &mean, &sd);
    assert_true(fabs(mean - sqrt(2 / M_PI)) < 0.01 && fabs(sd - sqrt(1 - 2 / M_PI)) < 0.01);
    /* A far tail falls off about exponentially with rate 20. */
    assert_true(pd_normal_init(&n, 0, 1, 20, 30, &err));
    moments(&n, &mean, &sd);
    assert_true(mean > 20.04 && mean < 20.06);
    assert_false(pd_normal_init(&n, 0, 1, 50, 60, &err));
    assert_false(pd_normal_init(&n, 0, 1, 5, 5, &err));
    assert_string_equal(err.message, "min 5 is not below max 5");
    assert_false(pd_normal_init(&n, NAN, 1, 0, 1, &err));
    assert_false(pd_normal_init(&n, 0, 0, 0, 1, &err));
    assert_false(pd_normal_init(&n, 0, INFINITY, 0, 1, &err));
    assert_false(pd_normal_init(&n, 0, 1, NAN, 1, &err));
}

static void test_exponential(void **unused)
{
    double sum = 0;
    pd_exponential e;
    pd_err err;
    pd_rng rng;

    (void)unused;
    pd_rng_init(&rng, 5, 0, 0);
    assert_true(pd_exponential_init(&e, 4, 1, INFINITY, &err));
    for (int i = 0; i < 200000; i++)
        sum += pd_exponential_next(&e, &rng);
    assert_true(fabs(sum / 200000 - 5) < 0.05);
    assert_true(pd_exponential_init(&e, 1000, 1, 2, &err)); /* nearly uniform */
    sum = 0;
    for (int i = 0; i < 200000; i++) {
        double x = pd_exponential_next(&e, &rng);
        assert_true(x >= 1 && x <= 2);
        sum += x;
    }
    assert_true(fabs(sum / 200000 - 1.5) < 0.005);
    assert_false(pd_exponential_init(&e, 0, 0, 1, &err));
    assert_false(pd_exponential_init(&e, NAN, 0, 1, &err));
    assert_false(pd_exponential_init(&e, 1, INFINITY, INFINITY, &err));
}

static void check_zipf(int n, double theta)
{
    enum { DRAWS = 200000, MAX = 50 };
    uint32_t seen[MAX] = {0};
    double expected[MAX], sum = 0;
    pd_zipf z;
    pd_err err;
    pd_rng rng;

    pd_rng_init(&rng, 9, (uint64_t)n, (uint64_t)(theta * 1000));
    assert_true(pd_zipf_init(&z, n, theta, &err));
    for (int i = 0; i < DRAWS; i++) {
        uint64_t k = pd_zipf_next(&z, &rng);
        assert_in_range(k, 1, n);
        seen[k - 1]++;
    }
    for (int i = 0; i < n; i++)
        sum += pow(i + 1, -theta);
    for (int i = 0; i < n; i++)
        expected[i] = DRAWS * pow(i + 1, -theta) / sum;
    if (n > 1)
        assert_true(chi_square(seen, expected, n) < chi_bound(n - 1));
}

static void test_zipf(void **unused)
{
    static const double thetas[] = {0, 0.3, 0.99, 1, 1 + 1e-12, 1.01, 1.5};
    pd_zipf z;
    pd_err err;
    pd_rng rng;

    (void)unused;
    for (size_t i = 0; i < sizeof thetas / sizeof thetas[0]; i++) {
        check_zipf(1, thetas[i]);
        check_zipf(2, thetas[i]);
        check_zipf(50, thetas[i]);
    }
    pd_rng_init(&rng, 1, 0, 0);
    for (double theta = 0; theta <= 100; theta += 12.5) {
        assert_true(pd_zipf_init(&z, INT64_C(1) << 52, theta, &err));
        for (int i = 0; i < 10000; i++)
            assert_in_range(pd_zipf_next(&z, &rng), 1, UINT64_C(1) << 52);
    }
    assert_false(pd_zipf_init(&z, 0, 1, &err));
    assert_false(pd_zipf_init(&z, -1, 1, &err));
    assert_false(pd_zipf_init(&z, INT64_MAX, 1, &err));
    assert_false(pd_zipf_init(&z, 10, -0.1, &err));
    assert_false(pd_zipf_init(&z, 10, NAN, &err));
    assert_string_equal(err.message, "theta nan is not from 0 to 100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),   cmocka_unit_test(test_streams),
        cmocka_unit_test(test_below),       cmocka_unit_test(test_ends),
        cmocka_unit_test(test_quantile),    cmocka_unit_test(test_normal),
        cmocka_unit_test(test_exponential), cmocka_unit_test(test_zipf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

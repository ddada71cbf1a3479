/* The order of sibling bounds, their gaps and overlaps. Ranks are given as the server would: here
 * all values are whole numbers, and the rank of n is n + 1000. */
#include "core/boundset.h"
#include "core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long allocations = -1; /* until one fails; negative = never */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails(void)
{
    if (allocations > 0)
        allocations--;
    return allocations == 0;
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

static void rank(pd_datum *row, size_t count)
{
    for (size_t i = 0; row && i < count; i++)
        if (row[i].kind == PD_DATUM_VALUE)
            row[i].rank = strtol(row[i].text, NULL, 10) + 1000;
}

static void add(pd_boundset *set, const char *text)
{
    pd_err err;

    if (!pd_boundset_add(set, text, &err))
        fail_msg("%s", err.message);
    pd_bound *b = &set->bounds[set->count - 1];
    rank(b->from, b->count);
    rank(b->to, b->count);
}

/* bounds: short forms with ";" between: "1..5" a range, "1,2..5,6" of two columns, "=1,2" a list,
 * "4:1" a modulus and a remainder, "d" the default. - and + are MINVALUE and MAXVALUE. */
static void add_short(pd_boundset *set, const char *bounds)
{
    char text[400], row[200], *words = strdup(bounds), *rest = words, *one;

    while ((one = strsep(&rest, ";"))) {
        char *dots = strstr(one, "..");
        if (*one == 'd')
            snprintf(text, sizeof text, "DEFAULT");
        else if (*one == '=')
            snprintf(text, sizeof text, "FOR VALUES IN (%s)", one + 1);
        else if (dots)
            snprintf(row, sizeof row, "FROM (%.*s) TO (%s)", (int)(dots - one), one, dots + 2);
        else
            snprintf(text, sizeof text, "FOR VALUES WITH (modulus %d, remainder %s)", atoi(one),
                     strchr(one, ':') + 1);
        if (dots) {
            strcpy(text, "FOR VALUES ");
            for (const char *c = row; *c; c++)
                if ((*c == '-' || *c == '+') && (c[1] < '0' || c[1] > '9'))
                    strcat(text, *c == '-' ? "MINVALUE" : "MAXVALUE");
                else
                    sprintf(text + strlen(text), "%c", *c);
        }
        add(set, text);
    }
    free(words);
}

static void describe(const pd_boundset *set, const pd_tiling *t, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < t->gap_count; i++)
        n += (size_t)snprintf(out + n, size - n, "gap %zu-%zu ", t->gaps[i].a, t->gaps[i].b);
    for (size_t i = 0; i < t->overlap_count; i++)
        n += (size_t)snprintf(out + n, size - n, "over %zu-%zu ", t->overlaps[i].a,
                              t->overlaps[i].b);
    for (long i = 0; i < t->missing && i < PD_TILING_REMAINDERS; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%ld", i ? "," : "missing ", t->remainders[i]);
    if (t->missing > 0)
        snprintf(out + n, size - n, " of %ld", t->modulus);
    assert_true(set->count >= t->overlap_count);
}

static void tiles(const char *bounds, const char *want)
{
    pd_boundset set = {0};
    pd_tiling tiling;
    char got[400];
    pd_err err;

    add_short(&set, bounds);
    assert_true(pd_boundset_tiling(&set, &tiling, &err));
    describe(&set, &tiling, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("%s: got %s, want %s", bounds, got, want);
    pd_tiling_free(&tiling);
    pd_boundset_free(&set);
}

static void test_ranges(void **state)
{
    (void)state;
    tiles("1..5", "");
    tiles("1..5;5..9", "");
    tiles("5..9;1..5", "");
    tiles("1..5;6..9", "gap 0-1 ");
    tiles("6..9;20..30;1..5", "gap 2-0 gap 0-1 ");
    tiles("6..9;1..5;d", "");
    tiles("-..5;5..+", "");
    tiles("-..5;6..+", "gap 0-1 ");
    tiles("-..+", "");
    tiles("1..5;4..9", "over 0-1 ");
    tiles("1..5;4..9;d", "over 0-1 ");
    tiles("1..9;2..3;4..5;9..10", "over 0-1 over 0-2 ");
    tiles("1..9;2..3;10..11", "gap 0-2 over 0-1 ");
    tiles("-..+;1..5", "over 0-1 ");
    tiles("5..1;1..5", "");
    tiles("d", "");
}

static void test_columns(void **state)
{
    (void)state;
    tiles("1,1..1,5;1,5..2,1;2,1..3,-", "");
    tiles("1,1..1,5;1,6..2,1", "gap 0-1 ");
    tiles("1,1..1,5;2,-..3,-", "gap 0-1 ");
    tiles("1,-..1,+;2,-..2,+", "gap 0-1 ");
    tiles("1,-..2,-;2,-..3,-", "");
    tiles("1,-..1,5;1,4..1,+", "over 0-1 ");
    tiles("-,-..1,1;1,1..+,+", "");
    tiles("-,1..1,1;-,7..1,1", "over 0-1 ");
}

static void test_lists(void **state)
{
    (void)state;
    tiles("=1,2;=3", "");
    tiles("=1,2;=3,2", "over 0-1 ");
    tiles("=1,2;=2,1;=1;d", "over 0-1 over 1-2 ");
    tiles("=1,NULL;=NULL", "over 0-1 ");
    tiles("=1,1;d", "");
}

static void test_hash(void **state)
{
    (void)state;
    tiles("4:0;4:1;4:2;4:3", "");
    tiles("4:0;4:2", "missing 1,3 of 4");
    tiles("1:0", "");
    tiles("2:0;4:1;8:3;8:7", "");
    tiles("2:0;4:1;8:3", "missing 7 of 8");
    tiles("2:0;4:2", "over 0-1 missing 1,3 of 4");
    tiles("4:1;4:1", "over 0-1 missing 0,2,3 of 4");
    tiles("2:0;3:1", "over 0-1 missing 3,5 of 6");
    tiles("100:5", "missing 0,1,2,3,4,6,7,8 of 100");
}

/* Too many remainders to look at each: the share is told all the same, and so are overlaps. */
static void test_large_moduli(void **state)
{
    pd_boundset set = {0};
    pd_tiling tiling;
    pd_err err;

    (void)state;
    add_short(&set, "2147483646:0;2147483647:1;2:1;2:1");
    assert_true(pd_boundset_tiling(&set, &tiling, &err));
    assert_int_equal(tiling.modulus, 0);
    assert_int_equal(tiling.missing, 0);
    assert_true(tiling.share > 1 && tiling.share < 1.001);
    assert_int_equal(tiling.overlap_count, 3);
    pd_tiling_free(&tiling);
    pd_boundset_free(&set);
    add_short(&set, "2147483647:1");
    assert_true(pd_boundset_tiling(&set, &tiling, &err));
    assert_true(tiling.share < 1e-9);
    pd_tiling_free(&tiling);
    pd_boundset_free(&set);
}

static void ordered(const char *bounds, const char *want)
{
    pd_boundset set = {0};
    size_t order[40];
    char got[200] = "";
    pd_err err;

    add_short(&set, bounds);
    assert_true(pd_boundset_order(&set, order, &err));
    for (size_t i = 0; i < set.count; i++)
        sprintf(got + strlen(got), "%zu ", order[i]);
    if (strcmp(got, want) != 0)
        fail_msg("%s: got %s, want %s", bounds, got, want);
    pd_boundset_free(&set);
}

static void test_order(void **state)
{
    (void)state;
    ordered("d;10..20;-..2;9..10;2..9", "2 4 3 1 0 ");
    ordered("2,-..3,-;1,5..2,-;1,-..1,5", "2 1 0 ");
    ordered("=10,11;=9,NULL;=NULL;d;=100,2", "4 1 0 2 3 ");
    ordered("8:3;4:1;2:0;8:1;4:0", "2 4 1 3 0 ");
    ordered("4:1;4:1;4:0", "2 0 1 ");
    pd_boundset none = {0};
    assert_true(pd_boundset_order(&none, NULL, NULL));
    pd_boundset_free(&none);
}

static void test_siblings(void **state)
{
    pd_boundset set = {0};
    pd_err err;

    (void)state;
    add_short(&set, "d;1..5");
    assert_false(pd_boundset_add(&set, "FOR VALUES IN (1)", &err));
    assert_string_equal(err.message,
                        "FOR VALUES IN (1) is not a bound beside the others of the table");
    assert_false(pd_boundset_add(&set, "FOR VALUES FROM (1, 1) TO (2, 2)", &err));
    assert_false(pd_boundset_add(&set, "rubbish", &err));
    assert_int_equal(set.count, 2);
    add_short(&set, "5..6");
    pd_boundset_free(&set);
}

/* Random ranges against a map of each number. */
static void test_against_a_map(void **state)
{
    pd_rng rng;

    (void)state;
    pd_rng_init(&rng, 7, 1, 0);
    for (int round = 0; round < 2000; round++) {
        pd_boundset set = {0};
        pd_tiling tiling;
        int cover[40] = {0}, gaps = 0, last = -1;
        bool overlaps = false;
        pd_err err;
        for (uint64_t n = 1 + pd_rng_below(&rng, 6); n > 0; n--) {
            int from = (int)pd_rng_below(&rng, 30), to = from + 1 + (int)pd_rng_below(&rng, 9);
            char text[40];
            snprintf(text, sizeof text, "%d..%d", from, to);
            add_short(&set, text);
            for (int i = from; i < to; i++)
                overlaps |= cover[i]++ > 0;
        }
        for (int i = 0; i < 40; i++) {
            if (!cover[i])
                continue;
            gaps += last >= 0 && last != i - 1;
            last = i;
        }
        assert_true(pd_boundset_tiling(&set, &tiling, &err));
        assert_int_equal(tiling.gap_count, gaps);
        assert_int_equal(tiling.overlap_count > 0, overlaps);
        pd_tiling_free(&tiling);
        pd_boundset_free(&set);
    }
}

static bool all_of_it(const char *const *texts, pd_err *err)
{
    pd_boundset set = {0};
    pd_tiling tiling = {0};
    pd_buf out = {0};
    size_t order[8];
    bool ok = true;

    for (; ok && *texts; texts++)
        ok = pd_boundset_add(&set, *texts, err);
    ok = ok && pd_boundset_order(&set, order, err) && pd_boundset_tiling(&set, &tiling, err) &&
         pd_bound_print(&set.bounds[0], &out, err);
    pd_buf_free(&out);
    pd_tiling_free(&tiling);
    pd_boundset_free(&set);
    return ok;
}

/* Every allocation fails in turn: an error, nothing lost (asan tells). */
static void test_memory(void **state)
{
    static const char *const sets[][3] = {
        {"FOR VALUES FROM (1) TO (2)", "DEFAULT"},
        {"FOR VALUES IN (1, 2)", "FOR VALUES IN (3)"},
        {"FOR VALUES WITH (modulus 2, remainder 0)", "DEFAULT"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        long n = 1;
        for (bool ok = false; !ok; n++) {
            pd_err err = {0};
            allocations = n;
            ok = all_of_it(sets[i], &err);
            ok = ok && allocations > 0;
            allocations = -1;
            if (!ok)
                assert_string_equal(err.message, "out of memory");
        }
        assert_true(n > 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),   cmocka_unit_test(test_columns),
        cmocka_unit_test(test_lists),    cmocka_unit_test(test_hash),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_large_moduli),
        cmocka_unit_test(test_siblings), cmocka_unit_test(test_against_a_map),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

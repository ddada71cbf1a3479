/* The timeline: slots are there when asked for, what was counted stays, timelines of threads add
 * up. */
#include "core/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

static bool no_memory;

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return no_memory ? NULL : __real_reallocarray(old, count, size);
}

static void test_slots_stay(void **state)
{
    pd_timeline t = {.entries = 3};

    (void)state;
    for (size_t i = 0; i < 5000; i += 7)
        pd_timeline_at(&t, i, i % 3)->ops = (uint32_t)i;
    assert_int_equal(t.slices, 4999);
    for (size_t i = 0; i < t.slices * t.entries; i++) {
        size_t slice = i / 3, entry = i % 3;
        bool set = slice % 7 == 0 && entry == slice % 3;
        assert_int_equal(t.slots[i].ops, set ? slice : 0);
        assert_int_equal(t.slots[i].worst, 0);
    }
    pd_timeline_free(&t);
    assert_int_equal(t.slices, 0);
    assert_int_equal(t.entries, 3);
}

static void test_merge(void **state)
{
    pd_timeline into = {.entries = 2}, from = {.entries = 2};
    pd_err err;

    (void)state;
    *pd_timeline_at(&into, 1, 0) = (pd_slot){.ops = 1, .errors = 2, .worst = 30};
    *pd_timeline_at(&from, 1, 0) = (pd_slot){.ops = 10, .errors = 20, .worst = 3};
    *pd_timeline_at(&from, 200, 1) = (pd_slot){.ops = 5, .worst = 7};
    assert_true(pd_timeline_merge(&into, &from, &err));
    assert_int_equal(into.slices, 201);
    const pd_slot *one = pd_timeline_at(&into, 1, 0), *last = pd_timeline_at(&into, 200, 1);
    assert_int_equal(one->ops, 11);
    assert_int_equal(one->errors, 22);
    assert_int_equal(one->worst, 30);
    assert_int_equal(last->ops, 5);
    assert_int_equal(last->worst, 7);
    pd_timeline_free(&into);
    pd_timeline_free(&from);
}

static void test_no_memory(void **state)
{
    pd_timeline full = {.entries = 1}, empty = {.entries = 1};
    pd_err err;

    (void)state;
    pd_timeline_at(&full, 3, 0)->ops = 4;
    no_memory = true;
    assert_null(pd_timeline_at(&full, 10000, 0));
    assert_int_equal(full.slices, 4);
    assert_int_equal(pd_timeline_at(&full, 3, 0)->ops, 4);
    assert_false(pd_timeline_merge(&empty, &full, &err));
    assert_int_equal(err.kind, PD_ERR_SYSTEM);
    no_memory = false;
    pd_timeline_free(&full);
    pd_timeline_free(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots_stay),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

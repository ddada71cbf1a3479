/* Questions to operation logs: small logs with answers known by hand, and random ones against
 * counts made the slow way. */
#include "core/impact.h"
#include "core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <stdlib.h>

#include <cmocka.h>

#define MS 1000000

enum { RANDOM_OPS = 400, RANDOM_END = 1000 };

/* Allocations that succeed before one fails; negative: all do. */
static int left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool starved(void)
{
    return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return starved() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return starved() ? NULL : __real_calloc(count, size);
}

/* A list of operations { due, done, entry, outcome } in milliseconds, spread over two logs. */
static pd_oplist make_list(const int (*ops)[4], size_t n, int64_t end_ms)
{
    pd_err err;
    pd_oplog *logs[2] = {pd_oplog_new(2, &err), pd_oplog_new(2, &err)};
    pd_oplist list;

    for (size_t i = 0; i < n; i++) {
        bool never = ops[i][3] == PD_OP_UNSENT;
        pd_oprecord op = {.due = (int64_t)ops[i][0] * MS,
                          .done = ops[i][1] < 0 ? -1 : (int64_t)ops[i][1] * MS,
                          .entry = never ? PD_NO_ENTRY : (uint16_t)ops[i][2],
                          .outcome = (uint8_t)ops[i][3],
                          .state = ops[i][3] == PD_OP_FAILED ? pd_state_pack("55P03") : 0,
                          .retries = 1};
        pd_oplog_add(logs[i % 2], &op);
    }
    assert_true(pd_oplist_make(&list, (const pd_oplog *const *)logs, 2, end_ms * MS, &err));
    pd_oplog_free(logs[0]);
    pd_oplog_free(logs[1]);
    assert_int_equal(list.count, n);
    return list;
}

/* Writes every 10 ms take 1 ms; a lock on the table of entry 0 from 100 to 400 ms. */
static const int stall[][4] = {
    {0, 1, 0, 0},     {10, 11, 1, 0},   {20, 21, 0, 0},   {30, 31, 1, 0},
    {90, 91, 0, 0},   {110, 401, 0, 0}, {120, 121, 1, 0}, {130, 402, 0, 0},
    {140, 403, 0, 1}, {150, 151, 1, 0}, {410, 411, 0, 0}, {420, 421, 1, 0},
};

static pd_oplist stall_list(void)
{
    return make_list(stall, sizeof stall / sizeof *stall, 500);
}

static pd_waits waits_of(const pd_oplist *list, int from, int to, pd_part part, const bool *of)
{
    pd_choice choice = {{(int64_t)from * MS, (int64_t)to * MS}, part, of};
    pd_waits waits;
    pd_err err;

    assert_true(pd_impact_waits(list, &choice, &waits, &err));
    return waits;
}

static void test_waits_before_during_after(void **state)
{
    static const bool first[] = {true, false};
    pd_oplist list = stall_list();

    (void)state;
    pd_waits w = waits_of(&list, 0, 100, PD_OVER, NULL);
    assert_int_equal(w.count, 5);
    assert_int_equal(w.max, 1 * MS);
    w = waits_of(&list, 100, 400, PD_MET, NULL);
    assert_int_equal(w.count, 5);
    assert_int_equal(w.outcomes[PD_OP_ACKNOWLEDGED], 4);
    assert_int_equal(w.outcomes[PD_OP_FAILED], 1);
    assert_int_equal(w.max, 291 * MS);
    assert_int_equal(w.worst_due, 110 * MS);
    assert_int_equal(w.p50, 263 * MS);
    assert_int_equal(w.retries, 5);
    w = waits_of(&list, 400, RANDOM_END, PD_DUE, NULL);
    assert_int_equal(w.count, 2);
    w = waits_of(&list, 100, 400, PD_MET, first);
    assert_int_equal(w.count, 3);
    assert_int_equal(w.p50, 272 * MS);
    w = waits_of(&list, 700, 800, PD_MET, NULL);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.max, 0);
    assert_int_equal(w.worst_due, -1);
    pd_oplist_free(&list);
}

/* An operation meets a span that begins when it is still waiting, not one that begins when it ends.
 */
static void test_edges_of_a_span(void **state)
{
    static const int ops[][4] = {{100, 200, 0, 0}};
    pd_oplist list = make_list(ops, 1, 300);

    (void)state;
    assert_int_equal(waits_of(&list, 199, 250, PD_MET, NULL).count, 1);
    assert_int_equal(waits_of(&list, 200, 250, PD_MET, NULL).count, 0);
    assert_int_equal(waits_of(&list, 0, 200, PD_OVER, NULL).count, 1);
    assert_int_equal(waits_of(&list, 50, 101, PD_MET, NULL).count, 1);
    assert_int_equal(waits_of(&list, 50, 100, PD_MET, NULL).count, 0);
    assert_int_equal(waits_of(&list, 100, RANDOM_END, PD_DUE, NULL).count, 1);
    pd_oplist_free(&list);
}

static void test_stalls_are_charged_once(void **state)
{
    static const bool first[] = {true, false};
    static const pd_span steps[] = {
        {95 * MS, 118 * MS}, {118 * MS, 395 * MS}, {395 * MS, 450 * MS}, {460 * MS, 470 * MS}};
    pd_oplist list = stall_list();
    pd_stall stalls[4];

    (void)state;
    pd_impact_stalls(&list, steps, 4, NULL, stalls);
    assert_int_equal(stalls[0].wait, 0); /* the one due in it waited for the next */
    assert_int_equal(stalls[1].wait, 291 * MS);
    assert_int_equal(stalls[1].due, 110 * MS);
    assert_int_equal(stalls[2].wait, 1 * MS);
    assert_int_equal(stalls[3].due, -1);
    pd_impact_stalls(&list, &steps[2], 1, first, stalls);
    assert_int_equal(stalls[0].wait, 291 * MS);
    pd_oplist_free(&list);
}

static void assert_span(pd_span got, int from, int to)
{
    assert_int_equal(got.from, (int64_t)from * MS);
    assert_int_equal(got.to, (int64_t)to * MS);
}

static void test_gap_of_each_table(void **state)
{
    static const bool first[] = {true, false}, second[] = {false, true};
    pd_oplist list = stall_list();
    pd_span step = {100 * MS, 400 * MS};

    (void)state;
    assert_span(pd_impact_gap(&list, step, false, first), 91, 401);
    assert_span(pd_impact_gap(&list, step, false, second), 151, 421);
    assert_span(pd_impact_gap(&list, step, false, NULL), 151, 401);
    assert_span(pd_impact_gap(&list, (pd_span){0, 80 * MS}, false, first), 21, 91);
    assert_span(pd_impact_gap(&list, (pd_span){0, 80 * MS}, true, first), 21, 80);
    assert_span(pd_impact_gap(&list, (pd_span){300 * MS, 420 * MS}, true, second), 300, 420);
    pd_oplist_free(&list);
}

/* A failed operation completes nothing, and the end of the run is no completion either. */
static void test_gap_to_the_end(void **state)
{
    static const int ops[][4] = {{0, 10, 0, 0}, {20, 30, 0, 1}, {40, -1, 0, 2}, {50, -1, 0, 3}};
    static const bool first[] = {true, false};
    pd_oplist list = make_list(ops, 4, 1000);

    (void)state;
    assert_span(pd_impact_gap(&list, (pd_span){0, 1000 * MS}, false, first), 10, 1000);
    pd_waits w = waits_of(&list, 0, 1000, PD_MET, first);
    assert_int_equal(w.count, 4);
    assert_int_equal(w.outcomes[PD_OP_UNKNOWN], 1);
    assert_int_equal(w.outcomes[PD_OP_UNSENT], 1);
    assert_int_equal(w.max, 960 * MS);
    pd_oplist_free(&list);
    list = make_list(NULL, 0, 1000);
    assert_span(pd_impact_gap(&list, (pd_span){0, 1000 * MS}, false, NULL), 0, 1000);
    pd_oplist_free(&list);
}

static void test_backlog(void **state)
{
    pd_oplist list = stall_list();

    (void)state;
    pd_backlog b = pd_impact_backlog(&list, (pd_span){0, 100 * MS}, 0);
    assert_int_equal(b.peak, 1);
    b = pd_impact_backlog(&list, (pd_span){100 * MS, 400 * MS}, 1);
    assert_int_equal(b.peak, 4);
    assert_int_equal(b.peak_at, 150 * MS);
    assert_int_equal(b.drained, 402 * MS);
    pd_oplist_free(&list);
    static const int never[][4] = {{0, 1, 0, 0}, {10, -1, 0, 2}, {20, -1, 0, 3}};
    list = make_list(never, 3, 100);
    b = pd_impact_backlog(&list, (pd_span){0, 100 * MS}, 1);
    assert_int_equal(b.peak, 2);
    assert_int_equal(b.drained, -1);
    pd_oplist_free(&list);
}

static void test_timeline(void **state)
{
    pd_oplist list = stall_list();
    pd_bucket buckets[5];

    (void)state;
    pd_impact_timeline(&list, 100 * MS, NULL, buckets, 5);
    assert_int_equal(buckets[0].acknowledged, 5);
    assert_int_equal(buckets[1].acknowledged, 2);
    assert_int_equal(buckets[1].wait, 291 * MS);
    assert_int_equal(buckets[2].acknowledged, 0);
    assert_int_equal(buckets[3].acknowledged, 0);
    assert_int_equal(buckets[4].acknowledged, 4);
    assert_int_equal(buckets[4].failed, 1);
    pd_impact_timeline(&list, 100 * MS, NULL, buckets, 2);
    assert_int_equal(buckets[1].acknowledged, 6); /* what is later is in the last one */
    pd_oplist_free(&list);
}

static void test_errors(void **state)
{
    static const int ops[][4] = {
        {0, 10, 0, 1}, {20, 30, 1, 1}, {40, 50, 0, 1}, {45, 50, 0, 0}, {60, 70, 1, 2}};
    pd_oplist list = make_list(ops, 5, 100);
    pd_choice choice = {{0, 55 * MS}, PD_MET, NULL};
    pd_errors rows[4];

    (void)state;
    assert_int_equal(pd_impact_errors(&list, &choice, rows, 4), 2);
    assert_int_equal(rows[0].entry, 0);
    assert_int_equal(rows[0].count, 2);
    assert_int_equal(rows[0].state, pd_state_pack("55P03"));
    assert_int_equal(rows[1].entry, 1);
    assert_int_equal(rows[1].count, 1);
    choice.span.to = 100 * MS;
    assert_int_equal(pd_impact_errors(&list, &choice, rows, 4), 3);
    assert_int_equal(pd_impact_errors(&list, &choice, rows, 1), 1);
    pd_oplist_free(&list);
}

/* Operations waiting just after millisecond t. */
static size_t waiting_at(const int (*ops)[4], int t)
{
    size_t n = 0;

    for (int i = 0; i < RANDOM_OPS; i++)
        n += ops[i][0] <= t && ops[i][1] > t;
    return n;
}

/* The longest run of milliseconds without an answer that overlaps [from, to]. */
static int gap_of(const int (*ops)[4], int from, int to)
{
    bool answered[RANDOM_END + 1] = {[0] = true, [RANDOM_END] = true};
    int longest = 0;

    for (int i = 0; i < RANDOM_OPS; i++)
        if (ops[i][3] == PD_OP_ACKNOWLEDGED)
            answered[ops[i][1]] = true;
    for (int t = 1, last = 0; t <= RANDOM_END; t++) {
        if (!answered[t])
            continue;
        if (last < to && t > from && t - last > longest)
            longest = t - last;
        last = t;
    }
    return longest;
}

static void test_random_logs(void **state)
{
    pd_rng rng;

    (void)state;
    pd_rng_init(&rng, 1, 2, 3);
    for (int round = 0; round < 50; round++) {
        int ops[RANDOM_OPS][4];
        for (int i = 0; i < RANDOM_OPS; i++) {
            ops[i][0] = (int)(pd_rng_double(&rng) * 900);
            ops[i][1] = ops[i][0] + (int)(pd_rng_double(&rng) * (round < 25 ? 3 : 99));
            ops[i][2] = i % 2;
            ops[i][3] = i % 7 == 0 ? PD_OP_FAILED : PD_OP_ACKNOWLEDGED;
        }
        pd_oplist list = make_list(ops, RANDOM_OPS, RANDOM_END);
        int from = (int)(pd_rng_double(&rng) * 500), to = from + 300;
        pd_span span = {(int64_t)from * MS, (int64_t)to * MS};
        size_t before = waits_of(&list, 0, from, PD_OVER, NULL).count;
        size_t during = waits_of(&list, from, to, PD_MET, NULL).count;
        size_t after = waits_of(&list, to, RANDOM_END, PD_DUE, NULL).count;
        assert_int_equal(before + during + after, RANDOM_OPS);
        pd_span gap = pd_impact_gap(&list, span, false, NULL);
        assert_int_equal((gap.to - gap.from) / MS, gap_of(ops, from, to));
        pd_backlog b = pd_impact_backlog(&list, span, 0);
        size_t peak = 0;
        for (int t = from; t <= to; t++)
            peak = waiting_at(ops, t) > peak ? waiting_at(ops, t) : peak;
        assert_true(b.peak >= peak); /* within a millisecond there may have been more */
        assert_true(b.peak <= peak + 6);
        for (int i = 0; b.drained >= 0 && i < RANDOM_OPS; i++)
            assert_true(ops[i][0] >= b.drained / MS || ops[i][1] <= b.drained / MS);
        pd_oplist_free(&list);
    }
}

static void test_without_memory(void **state)
{
    pd_err err;
    pd_oplist list;
    pd_waits waits;
    pd_choice choice = {{0, 10}, PD_MET, NULL};
    pd_oplog *log = pd_oplog_new(1, &err);
    const pd_oplog *const logs[] = {log};

    (void)state;
    pd_oplog_add(log, &(pd_oprecord){.due = 1, .done = 2});
    for (int n = 0; n < 3; n++) {
        left = n;
        assert_false(pd_oplist_make(&list, logs, 1, 10, &err));
        left = -1;
        assert_int_equal(err.kind, PD_ERR_SYSTEM);
        assert_null(list.ops);
    }
    assert_true(pd_oplist_make(&list, logs, 1, 10, &err));
    left = 0;
    assert_false(pd_impact_waits(&list, &choice, &waits, &err));
    left = -1;
    pd_oplist_free(&list);
    pd_oplog_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_before_during_after),
        cmocka_unit_test(test_edges_of_a_span),
        cmocka_unit_test(test_stalls_are_charged_once),
        cmocka_unit_test(test_gap_of_each_table),
        cmocka_unit_test(test_gap_to_the_end),
        cmocka_unit_test(test_backlog),
        cmocka_unit_test(test_timeline),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_random_logs),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

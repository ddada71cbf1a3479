/* Plans of EXPLAIN (FORMAT JSON) as a flat list, whatever is in them or wrong with them. */
#include "core/buf.h"
#include "core/clock.h"
#include "core/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long allocations = -1; /* until one fails; negative = never */

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails(void)
{
    if (allocations > 0)
        allocations--;
    return allocations == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

/* jansson's own allocations. */
static void *json_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static const char *const sample =
    "[{\"Plan\": {\"Node Type\": \"ModifyTable\", \"Operation\": \"Update\", \"Relation Name\": "
    "\"t\","
    " \"Schema\": \"public\", \"Alias\": \"t\", \"Actual Rows\": 0.00, \"Actual Loops\": 1,"
    " \"Target Tables\": [{\"Schema\": \"public\", \"Relation Name\": \"t_1\", \"Alias\": \"t_2\"},"
    "                     {\"Relation Name\": \"t\\\"2\\n\"}],"
    " \"Plans\": ["
    "  {\"Node Type\": \"Append\", \"Parent Relationship\": \"Outer\", \"Subplans Removed\": 3,"
    "   \"Actual Rows\": 2.50, \"Actual Loops\": 2, \"Disabled\": true, \"Parallel Aware\": false,"
    "   \"Plans\": [{\"Node Type\": \"Seq Scan\", \"Parent Relationship\": \"Member\","
    "               \"Relation Name\": \"t_1\", \"Filter\": \"(id < (InitPlan 1).col1)\","
    "               \"Actual Loops\": 0, \"Shared Hit Blocks\": 12}]},"
    "  {\"Node Type\": \"Result\", \"Parent Relationship\": \"InitPlan\","
    "   \"Subplan Name\": \"InitPlan 1\", \"One-Time Filter\": \"false\"}]},"
    " \"Planning Time\": 0.25, \"Execution Time\": 1.5}]";

static int index_of(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail_msg("no such field: %s", name);
    return -1;
}

static const char *text(const pd_plannode *node, const char *name)
{
    return node->text[index_of(pd_plan_text_names, PD_PLAN_TEXTS, name)];
}

static double number(const pd_plannode *node, const char *name)
{
    return node->number[index_of(pd_plan_number_names, PD_PLAN_NUMBERS, name)];
}

static bool flag(const pd_plannode *node, const char *name)
{
    return node->flag[index_of(pd_plan_flag_names, PD_PLAN_FLAGS, name)];
}

static pd_plan *parsed(const char *json)
{
    pd_plan *plan;
    pd_err err;

    if (!pd_plan_parse(json, strlen(json), &plan, &err))
        fail_msg("%s", err.message);
    return plan;
}

static void test_nodes(void **state)
{
    pd_plan *plan = parsed(sample);

    (void)state;
    assert_int_equal(pd_plan_count(plan), 4);
    const pd_plannode *root = pd_plan_node(plan, 0), *append = pd_plan_node(plan, 1);
    const pd_plannode *leaf = pd_plan_node(plan, 2), *init = pd_plan_node(plan, 3);
    assert_int_equal(root->parent, -1);
    assert_int_equal(root->depth, 0);
    assert_string_equal(text(root, "operation"), "Update");
    assert_null(text(root, "filter"));
    assert_int_equal(append->parent, 0);
    assert_int_equal(leaf->parent, 1);
    assert_int_equal(leaf->depth, 2);
    assert_int_equal(init->parent, 0);
    assert_true(number(append, "subplans_removed") == 3);
    assert_true(number(append, "rows") == 2.5);
    assert_true(flag(append, "disabled"));
    assert_false(flag(append, "parallel"));
    assert_false(flag(leaf, "disabled"));
    assert_true(number(leaf, "loops") == 0);
    assert_true(isnan(number(leaf, "rows")));
    assert_true(number(leaf, "hit") == 12);
    assert_string_equal(text(leaf, "filter"), "(id < (InitPlan 1).col1)");
    assert_string_equal(text(init, "subplan"), "InitPlan 1");
    assert_string_equal(text(init, "one_time_filter"), "false");
    assert_true(pd_plan_planning_ms(plan) == 0.25);
    assert_true(pd_plan_execution_ms(plan) == 1.5);
    pd_plan_free(plan);
}

static void test_targets(void **state)
{
    pd_plan *plan = parsed(sample);

    (void)state;
    assert_int_equal(pd_plan_node(plan, 0)->target_count, 2);
    assert_int_equal(pd_plan_node(plan, 1)->target_count, 0);
    pd_plantarget first = pd_plan_target(pd_plan_node(plan, 0), 0);
    pd_plantarget second = pd_plan_target(pd_plan_node(plan, 0), 1);
    assert_string_equal(first.schema, "public");
    assert_string_equal(first.alias, "t_2");
    assert_null(second.schema);
    assert_string_equal(second.relation, "t\"2\n");
    pd_plan_free(plan);
}

static void test_statements(void **state)
{
    pd_plan *plan = parsed("[{\"Plan\": {\"Node Type\": \"Result\"}, \"Planning Time\": 1},"
                           " {\"Plan\": {\"Node Type\": \"Append\", \"Plans\": []},"
                           "  \"Planning Time\": 2}]");

    (void)state;
    assert_int_equal(pd_plan_count(plan), 2);
    assert_int_equal(pd_plan_node(plan, 1)->parent, -1);
    assert_true(pd_plan_planning_ms(plan) == 3);
    assert_true(isnan(pd_plan_execution_ms(plan)));
    pd_plan_free(plan);
    pd_plan_free(NULL);
}

static void refused(const char *json, const char *why, int line)
{
    pd_plan *plan = (pd_plan *)(intptr_t)1;
    pd_err err;

    assert_false(pd_plan_parse(json, strlen(json), &plan, &err));
    assert_null(plan);
    assert_int_equal(err.kind, PD_ERR_INPUT);
    assert_int_equal(err.line, line);
    if (!strstr(err.message, why))
        fail_msg("'%s' is not in '%s'", why, err.message);
}

static void test_broken(void **state)
{
    (void)state;
    refused("", "not a plan", 1);
    refused("[\n{\"Plan\":", "not a plan", 2);
    refused("\xff", "not a plan", 1);
    refused("[]", "no array of statements", 0);
    refused("{}", "no array of statements", 0);
    refused("[{}]", "without \"Plan\"", 0);
    refused("[7]", "without \"Plan\"", 0);
    refused("[\"Utility Statement\"]", "without \"Plan\"", 0);
    refused("[{\"Plan\": []}]", "without a type", 0);
    refused("[{\"Plan\": {\"Node Type\": 1}}]", "without a type", 0);
    refused("[{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": {}}}]", "no array", 0);
    refused("[{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [null]}}]", "without a type", 0);
    for (size_t len = 0; len < strlen(sample); len++) {
        pd_plan *plan;
        pd_err err;
        assert_false(pd_plan_parse(sample, len, &plan, &err));
    }
}

static void add(pd_buf *buf, const char *piece)
{
    pd_err err;

    assert_true(pd_buf_reserve(buf, strlen(piece), &err));
    memcpy(buf->data + buf->len, piece, strlen(piece));
    buf->len += strlen(piece);
}

/* Deeper than jansson goes: an error, not an overflow of the stack. */
static void test_too_deep(void **state)
{
    pd_buf buf = {0};
    pd_plan *plan;
    pd_err err;

    (void)state;
    add(&buf, "[{\"Plan\": ");
    for (int i = 0; i < 100000; i++)
        add(&buf, "{\"Node Type\": \"Append\", \"Plans\": [");
    assert_false(pd_plan_parse(buf.data, buf.len, &plan, &err));
    assert_int_equal(err.kind, PD_ERR_INPUT);
    pd_buf_free(&buf);
}

static void test_ten_megabytes(void **state)
{
    pd_buf buf = {0};
    pd_plan *plan;
    pd_err err;
    char name[400];
    size_t count = 1;

    (void)state;
    add(&buf, "[{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [");
    for (; buf.len < 10 * 1000 * 1000; count++) {
        snprintf(name, sizeof name,
                 "%s{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"leaf_%zu\", \"Filter\": "
                 "\"(x = 'a value of some length, as they are in plans that are this long')\"}",
                 count > 1 ? "," : "", count);
        add(&buf, name);
    }
    add(&buf, "]}}]");
    int64_t begun = pd_clock_now();
    assert_true(pd_plan_parse(buf.data, buf.len, &plan, &err));
    assert_true(pd_clock_now() - begun < 10 * PD_SECOND); /* linear, on a busy machine too */
    pd_buf_free(&buf);                                    /* the plan does not refer to it */
    assert_int_equal(pd_plan_count(plan), count);
    snprintf(name, sizeof name, "leaf_%zu", count - 1);
    assert_string_equal(text(pd_plan_node(plan, count - 1), "relation"), name);
    pd_plan_free(plan);
}

/* Every allocation fails in turn, jansson's too. */
static void test_memory(void **state)
{
    pd_buf buf = {0};
    pd_plan *plan;
    long n = 1, own = 0;

    (void)state;
    add(&buf, "[{\"Plan\": {\"Node Type\": \"Append\", \"Plans\": [");
    for (int i = 0; i < 40; i++)
        add(&buf, i ? ",{\"Node Type\": \"Seq Scan\"}" : "{\"Node Type\": \"Seq Scan\"}");
    add(&buf, "]}}]");
    json_set_alloc_funcs(json_malloc, free);
    for (; n < 10000; n++) {
        pd_err err = {0};
        allocations = n;
        bool ok = pd_plan_parse(buf.data, buf.len, &plan, &err);
        allocations = -1;
        if (ok)
            break;
        assert_null(plan);
        /* jansson takes some of its own failures for mistakes in the text */
        assert_true(err.kind == PD_ERR_SYSTEM || err.kind == PD_ERR_INPUT);
        own += strcmp(err.message, "out of memory") == 0;
    }
    assert_true(n > 100 && n < 10000);
    assert_true(own >= 4); /* the plan, the nodes three times */
    assert_int_equal(pd_plan_count(plan), 41);
    pd_plan_free(plan);
    pd_buf_free(&buf);
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),      cmocka_unit_test(test_targets),
        cmocka_unit_test(test_statements), cmocka_unit_test(test_broken),
        cmocka_unit_test(test_too_deep),   cmocka_unit_test(test_ten_megabytes),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

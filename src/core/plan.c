#include "core/plan.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pd_plan {
    json_t *document; /* owns every text that the nodes point to */
    pd_plannode *nodes;
    size_t count, room;
    double planning_ms, execution_ms;
};

const char *const pd_plan_text_names[PD_PLAN_TEXTS] = {
    "type",       "schema",      "relation",        "alias",         "index",
    "filter",     "index_cond",  "recheck_cond",    "tid_cond",      "hash_cond",
    "merge_cond", "join_filter", "one_time_filter", "run_condition", "relationship",
    "subplan",    "join_type",   "strategy",        "partial_mode",  "operation",
    "cte",        "function",    "relations",
};

static const char *const text_keys[PD_PLAN_TEXTS] = {
    "Node Type",    "Schema",        "Relation Name",   "Alias",         "Index Name",
    "Filter",       "Index Cond",    "Recheck Cond",    "TID Cond",      "Hash Cond",
    "Merge Cond",   "Join Filter",   "One-Time Filter", "Run Condition", "Parent Relationship",
    "Subplan Name", "Join Type",     "Strategy",        "Partial Mode",  "Operation",
    "CTE Name",     "Function Name", "Relations",
};

const char *const pd_plan_number_names[PD_PLAN_NUMBERS] = {
    "loops",         "rows",          "plan_rows",        "cost",         "first_ms",
    "total_ms",      "filtered",      "subplans_removed", "workers",      "hit",
    "read",          "dirtied",       "written",          "local_hit",    "local_read",
    "local_dirtied", "local_written", "temp_read",        "temp_written", "workers_planned",
};

static const char *const number_keys[PD_PLAN_NUMBERS] = {
    "Actual Loops",
    "Actual Rows",
    "Plan Rows",
    "Total Cost",
    "Actual Startup Time",
    "Actual Total Time",
    "Rows Removed by Filter",
    "Subplans Removed",
    "Workers Launched",
    "Shared Hit Blocks",
    "Shared Read Blocks",
    "Shared Dirtied Blocks",
    "Shared Written Blocks",
    "Local Hit Blocks",
    "Local Read Blocks",
    "Local Dirtied Blocks",
    "Local Written Blocks",
    "Temp Read Blocks",
    "Temp Written Blocks",
    "Workers Planned",
};

const char *const pd_plan_flag_names[PD_PLAN_FLAGS] = {
    "parallel",
    "inner_unique",
    "async",
    "disabled",
};

static const char *const flag_keys[PD_PLAN_FLAGS] = {
    "Parallel Aware",
    "Inner Unique",
    "Async Capable",
    "Disabled",
};

static bool not_a_plan(pd_err *err, const char *why)
{
    return pd_err_set(err, PD_ERR_INPUT, "not a plan of EXPLAIN (FORMAT JSON): %s", why);
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static pd_plannode *new_node(pd_plan *plan, pd_err *err)
{
    if (plan->count == plan->room) {
        size_t room = plan->room ? plan->room * 2 : 16;
        pd_plannode *nodes = realloc(plan->nodes, room * sizeof *nodes);
        if (!nodes) {
            pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
            return NULL;
        }
        plan->nodes = nodes;
        plan->room = room;
    }
    return &plan->nodes[plan->count];
}

/* Recursion is bounded: jansson refuses what is nested more deeply than 2048. */
static bool add_node(pd_plan *plan, const json_t *object, long parent, long depth, pd_err *err)
{
    const json_t *children = json_object_get(object, "Plans");
    const json_t *targets = json_object_get(object, "Target Tables");
    const json_t *child;
    size_t i;

    if (!text_of(object, "Node Type"))
        return not_a_plan(err, "a node without a type");
    if (children && !json_is_array(children))
        return not_a_plan(err, "\"Plans\" is no array");
    pd_plannode *node = new_node(plan, err);
    if (!node)
        return false;
    *node = (pd_plannode){.parent = parent, .depth = depth};
    for (i = 0; i < PD_PLAN_TEXTS; i++)
        node->text[i] = text_of(object, text_keys[i]);
    for (i = 0; i < PD_PLAN_NUMBERS; i++)
        node->number[i] = number_of(object, number_keys[i]);
    for (i = 0; i < PD_PLAN_FLAGS; i++)
        node->flag[i] = json_is_true(json_object_get(object, flag_keys[i]));
    node->targets = targets;
    node->target_count = json_array_size(targets);
    long number = (long)plan->count++;
    json_array_foreach(children, i, child)
    {
        if (!add_node(plan, child, number, depth + 1, err))
            return false;
    }
    return true;
}

static void add_time(double *total, double ms)
{
    if (!isnan(ms))
        *total = isnan(*total) ? ms : *total + ms;
}

static bool add_statements(pd_plan *plan, pd_err *err)
{
    const json_t *statement;
    size_t i;

    if (json_array_size(plan->document) == 0)
        return not_a_plan(err, "no array of statements");
    json_array_foreach(plan->document, i, statement)
    {
        const json_t *root = json_object_get(statement, "Plan");
        if (!root)
            return not_a_plan(err, "a statement without \"Plan\"");
        if (!add_node(plan, root, -1, 0, err))
            return false;
        add_time(&plan->planning_ms, number_of(statement, "Planning Time"));
        add_time(&plan->execution_ms, number_of(statement, "Execution Time"));
    }
    return true;
}

bool pd_plan_parse(const char *json, size_t len, pd_plan **out, pd_err *err)
{
    pd_plan *plan = calloc(1, sizeof *plan);
    json_error_t why;

    *out = NULL;
    if (!plan)
        return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    plan->planning_ms = plan->execution_ms = NAN;
    plan->document = json_loadb(json, len, 0, &why);
    if (!plan->document && json_error_code(&why) == json_error_out_of_memory) {
        pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
    } else if (!plan->document) {
        not_a_plan(err, why.text);
        if (err)
            err->line = why.line;
    } else if (add_statements(plan, err)) {
        *out = plan;
        return true;
    }
    pd_plan_free(plan);
    return false;
}

void pd_plan_free(pd_plan *plan)
{
    if (!plan)
        return;
    json_decref(plan->document);
    free(plan->nodes);
    free(plan);
}

size_t pd_plan_count(const pd_plan *plan)
{
    return plan->count;
}

const pd_plannode *pd_plan_node(const pd_plan *plan, size_t i)
{
    return &plan->nodes[i];
}

pd_plantarget pd_plan_target(const pd_plannode *node, size_t i)
{
    const json_t *target = json_array_get(node->targets, i);

    return (pd_plantarget){
        .schema = text_of(target, "Schema"),
        .relation = text_of(target, "Relation Name"),
        .alias = text_of(target, "Alias"),
    };
}

double pd_plan_planning_ms(const pd_plan *plan)
{
    return plan->planning_ms;
}

double pd_plan_execution_ms(const pd_plan *plan)
{
    return plan->execution_ms;
}

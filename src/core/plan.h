/*
 * A plan as EXPLAIN (FORMAT JSON) writes it, as a flat list of nodes: parents first, each with the
 * number of its parent. What PostgreSQL 15 to 18 name the same has one name here; what a node does
 * not have is absent.
 */
#ifndef PD_CORE_PLAN_H
#define PD_CORE_PLAN_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pd_plan pd_plan; /* owns everything it hands out */

/* What a node may have, by kind; the names are in pd_plan_text_names and so on. */
enum { PD_PLAN_TEXTS = 23, PD_PLAN_NUMBERS = 20, PD_PLAN_FLAGS = 4 };

extern const char *const pd_plan_text_names[PD_PLAN_TEXTS];     /* "type", "relation", ... */
extern const char *const pd_plan_number_names[PD_PLAN_NUMBERS]; /* "loops", "rows", ... */
extern const char *const pd_plan_flag_names[PD_PLAN_FLAGS];     /* "parallel", ... */

typedef struct pd_plannode {
    long parent; /* -1: the root */
    long depth;  /* of the root: 0 */
    const char *text[PD_PLAN_TEXTS];
    double number[PD_PLAN_NUMBERS]; /* NaN = absent; times in milliseconds, buffers in pages */
    bool flag[PD_PLAN_FLAGS];
    const void *targets; /* for pd_plan_target */
    size_t target_count; /* tables that a ModifyTable lists apart from its own relation */
} pd_plannode;

typedef struct pd_plantarget {
    const char *schema, *relation, *alias; /* NULL = absent */
} pd_plantarget;

/*
 * Parses what EXPLAIN gave for one statement. Several statements (a rule made them) are taken too:
 * their roots are all in the list. PD_ERR_INPUT, with the line where it can be known, when it is
 * not JSON or not a plan; PD_ERR_SYSTEM without memory. On success *out is the caller's to free.
 */
bool pd_plan_parse(const char *json, size_t len, pd_plan **out, pd_err *err);

/* NULL is allowed. */
void pd_plan_free(pd_plan *plan);

size_t pd_plan_count(const pd_plan *plan);

/* Node i, from 0; i must be below the count. */
const pd_plannode *pd_plan_node(const pd_plan *plan, size_t i);

/* Target i of a node, from 0; i must be below its target_count. */
pd_plantarget pd_plan_target(const pd_plannode *node, size_t i);

/* Milliseconds over all statements; NaN when the plan does not say. */
double pd_plan_planning_ms(const pd_plan *plan);
double pd_plan_execution_ms(const pd_plan *plan);

#endif

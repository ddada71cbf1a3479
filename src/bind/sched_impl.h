/* What bind/sched.c (waits, turns) and bind/sched_task.c (tasks) share; nobody else includes it. */
#ifndef PD_BIND_SCHED_IMPL_H
#define PD_BIND_SCHED_IMPL_H

#include "bind/sched.h"
#include "core/loop.h"

#define TASK_META "partdemo.task"

typedef enum taskstate { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE, TASK_FAILED } taskstate;

/* A userdata whose user value is the coroutine; the registry keeps it while it is alive, and while
 * it is in the list of failures. */
typedef struct task {
    pd_wait wait; /* first: a due wait is its task */
    lua_State *co;
    struct task *next;    /* in the ready queue or, failed, in the list of failures */
    struct task *joiner;  /* the task that waits for this one to end */
    struct task *joining; /* the task that this one waits for: alive, it is on our stack */
    taskstate state;
    pd_waitmode mode;
    int nargs; /* values on co's stack for the next resume; after the end: the results */
    int fired;
} task;

typedef struct sched {
    pd_loop *loop;
    task *first, *last; /* ready queue, first in first out */
    size_t ready;       /* its length */
    task *main;         /* the task of run(), NULL outside it */
    task *failed;       /* tasks that failed and were not joined, oldest first */
    bool ending;        /* run() cancels what is left: no new tasks */
    int wake_fd;
    int fired; /* of the last wait that polled in place */
} sched;

sched *pd_sched_get(lua_State *L);

/* The task that L is the coroutine of; NULL in the main thread and in a script's own coroutines,
 * which inherit the extra space of the main thread. */
task *pd_task_of(lua_State *L);

/* Makes a task of the function and its nargs arguments on the stack's top, which its userdata takes
 * the place of. */
task *pd_task_new(lua_State *L, sched *s, int nargs);

/* The next task to run, out of the queue; NULL when there is none. */
task *pd_task_next(sched *s);

/* Ends a wait. A task that does not wait any more is left alone. */
void pd_task_wake(sched *s, task *t, int fired);

/* Runs t until it waits, yields or ends. */
void pd_task_resume(lua_State *L, sched *s, task *t);

/* Ends all tasks and forgets all failures; what __close handlers raise is lost. */
void pd_task_cancel_all(lua_State *L, sched *s);

/* Pushes the userdata of a task that is alive or failed. */
void pd_task_push(lua_State *L, const task *t);

/* Makes the metatable of tasks and the registry's table of them. */
void pd_task_install(lua_State *L);

/* spawn(f, ...) -> task. f runs when the caller next waits. */
int pd_task_spawn(lua_State *L);

#endif

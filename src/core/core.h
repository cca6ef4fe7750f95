/* SPDX-License-Identifier: MIT */
/*
 * core.h - the runtime's own structures
 *
 * One loop a thread; everything here belongs to one loop and is touched by its
 * thread alone, except what says otherwise. Files: sched (run queue, switch,
 * park), stack, timer, call, scope, task, group, op, message, signal,
 * report, overflow, testing, run.
 */
#ifndef CIO_CORE_CORE_H
#define CIO_CORE_CORE_H

#include <cio/impl.h>
#include <cio/time.h>

#include <stdatomic.h>

#include "arch/annotate.h"
#include "base/list.h"
#include "core/driver.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- stacks ---- */

struct stack {
	struct stack *next; /* in the pool */
	char *base;         /* lowest byte of the guard */
	size_t size;        /* with the guard */
	uint32_t colour;    /* bytes left free at the top, against cache aliasing */
	uint8_t state;      /* STACK_FRESH ... */
	bool own_mapping;   /* not of an arena */
	struct annotation tool;
};

struct stacks {
	struct stack *warm;   /* free ones, last used first */
	struct arena *arenas, *filling, *last; /* oldest first */
	uint64_t reserved, capacity; /* slots promised to tasks; slots there are */
	uint64_t mapped;             /* slots in use or warm, and large ones */
	uint32_t warm_count;
	uint8_t guard;        /* GUARD_... */
	uint64_t guards;      /* installed by mprotect, and how many may be */
	uint64_t guards_max;
};

int stacks_open(struct stacks *s);
void stacks_close(struct stacks *s);
/* Promise one default stack to a task, so that a spawn fails where it has an
 * owner and not at the task's first turn. 0 or -ENOMEM. */
int stacks_reserve(struct stacks *s);
void stacks_unreserve(struct stacks *s);
/* A default stack; never NULL for a task that reserved, but for a kernel that
 * refuses the guard. */
struct stack *stacks_take(struct stacks *s);
struct stack *stacks_take_large(struct stacks *s, size_t usable);
void stacks_put(struct stacks *s, struct stack *k);
void *stack_top(const struct stack *k);
size_t stack_usable(const struct stack *k);
/* Is this address in the stack's guard? */
bool stack_guards(const struct stack *k, const void *address);
/* Is the canary, where there is no guard, as it was? */
bool stack_intact(const struct stack *k);

/* ---- timers ---- */

#define WHEEL_LEVELS 8
#define WHEEL_SLOTS 256

struct wheel {
	cio_time base;    /* what has been dealt with */
	cio_time soonest; /* nothing is placed earlier */
	uint64_t armed;
	uint64_t full[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* which slots hold some */
	cio_timer *slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_open(struct wheel *w, cio_time now);
void wheel_arm(struct wheel *w, cio_timer *t, cio_time deadline);
void wheel_disarm(struct wheel *w, cio_timer *t);
/* Fire all that are due. */
void wheel_advance(struct wheel *w, cio_time now);
/* No timer is due before this; CIO_NEVER without any. */
cio_time wheel_next(const struct wheel *w);
/* From now, at most CIO_NEVER. */
cio_time time_after(cio_duration d);

/* ---- tasks ---- */

enum { SCOPE_LIVE, SCOPE_LATE, SCOPE_CANCELLED };             /* cio_scope.why */
enum { SCOPE_IS_SHIELD = 1, SCOPE_IS_GROUP = 2 };             /* .flags */

/* Lives on the stack of a task that sleeps. */
struct park {
	cio_waiter *w; /* n of them, side by side */
	int n;
	bool settle, interrupted, refused;
	cio_waiter *woken;
	const char *what;
	void (*interrupt)(void *arg);
	void *arg;
};

struct cio_task {
	struct cio_task *next; /* in the run queue */
	void *sp;
	struct stack *stack; /* NULL before the first turn */
	int (*fn)(void *);
	void *arg;
	struct park *park; /* NULL while it does not sleep */
	cio_scope *scope;  /* the innermost */
	cio_scope root;
	cio_group *group;
	cio_link callbacks; /* cio_done_callback, oldest first */
	char *text; /* of cio_fail; NULL: none */
	const char *name, *site;
	cio_link all;
	int result;
	uint16_t refusals; /* in a row */
	uint8_t size_class;
	bool done, has_handle, awaited, large;
};

struct cio_loop {
	cio_task *current;
	cio_task *head, **tail; /* ready to run, oldest first */
	struct stack *dead;     /* left for good, not yet in the pool */
	int32_t runs;           /* left before the driver is asked */
	int32_t checks;         /* left before a checkpoint yields */
	uint64_t switches, spawned, turns, suspensions, cancel_at;
	void *sp;               /* the scheduler's own */
	struct stack thread;    /* the thread's own stack, as far as tools care */
	struct driver *driver;
	cio_time now;
	bool stale;             /* `now` is from before the wait of this turn */
	struct wheel wheel;
	struct stacks stacks;
	struct slab *slabs;
	cio_task *spare[16]; /* free records, by size class */
	cio_link tasks;      /* all that exist */
	cio_task *starved;   /* ready, but no stack could be had */
	uint64_t alive, pending, holds, expects;
	cio_scope scope;     /* the outermost of all */
	cio_group root;      /* of cio_spawn */
	cio_task *main;
	bool ended, warned_deadlock;
	_Atomic(cio_message *) inbox;
	_Atomic uint32_t posting; /* threads that are in cio_loop_post */
	_Atomic uint64_t signals; /* that arrived */
	cio_link watchers;        /* cio_signals */
	cio_link soon, due;       /* calls to be made: asked for; of timers */
	cio_loop_value *values;
	void *alternate; /* the thread's stack for signals, if it is ours */
	size_t alternate_size;
	bool names_overflows;
	cio_run_options options;
};

/* The calling thread's; tasks stay on their thread, so it may be cached. */
extern _Thread_local cio_loop *cio__loop
	__attribute__((tls_model("initial-exec")));

/* testing.c: a test's wish for the thread's next run, and its last one's count */
extern _Thread_local uint64_t core_cancel_at, core_suspensions;

/* sched.c */
void sched_ready(cio_loop *l, cio_task *t);
/* Leave the calling task; it runs again when it was made ready. */
void sched_leave(cio_loop *l, cio_task *t);
/* Run ready tasks, up to 61 of them, from the scheduler's own stack. */
void sched_run(cio_loop *l);
/* A scope of the task's has ended: wake it if it sleeps. */
void sched_interrupt(cio_loop *l, cio_task *t);

/* scope.c */
void scope_link(cio_scope *s, cio_scope *up, unsigned flags);
void scope_unlink(cio_scope *s);
void scope_fire(cio_scope *s, int why, const char *reason);
/* The refusal valid in the task's innermost scope, or 0. */
int scope_refusal(cio_task *t);

/* task.c */
cio_task *task_new(cio_loop *l, cio_group *g, int (*fn)(void *), const void *arg,
	size_t size, const cio_task_options *o, const char *name,
	const char *site);
/* The body has returned `result`; on the task's own stack. */
void task_end(cio_loop *l, cio_task *t, int result);
void task_free(cio_loop *l, cio_task *t);
void tasks_close(cio_loop *l);
void task_report_unseen(const cio_task *t);

/* group.c */
void group_init(cio_group *g, const cio_group_options *o);
void group_child_ended(cio_loop *l, cio_group *g, cio_task *t);
void group_settled(cio_group *g);

/* overflow.c: the handler that names the task whose stack overflowed */
void overflow_open(cio_loop *l);
void overflow_close(cio_loop *l);
/* A canary is gone: name the task and abort. */
_Noreturn void overflow_found(const cio_task *t);

/* call.c: make the calls that are in the list now */
void calls_run(cio_link *list);

/* message.c, signal.c */
void messages_deliver(cio_loop *l);
void signals_deliver(cio_loop *l);
int signals_interrupt_open(cio_loop *l);
void signals_close(cio_loop *l);

#endif

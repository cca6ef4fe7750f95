/* SPDX-License-Identifier: MIT */
/*
 * core.h - the runtime's own structures
 *
 * One loop a thread; everything here belongs to one loop and is touched by its
 * thread alone, except what says otherwise. Files: sched (run queue, switch,
 * park), stack, timer, call, scope, context, task, all_tasks, group, handle, op,
 * message, signal, report, overflow, census, testing, run, failure, workers, fork.
 */
#ifndef CIO_CORE_CORE_H
#define CIO_CORE_CORE_H

#include <cio/context.h>
#include <cio/impl.h>
#include <cio/time.h>

#include <stdatomic.h>

#include "arch/annotate.h"
#include "base/list.h"
#include "core/driver.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- stacks ---- */

/* Stands at the top of its own stack, where the first frames touch memory
 * anyway; it is gone with the memory. */
struct stack {
	struct stack *next;  /* in the pool */
	struct stack *ahead; /* some places behind that */
	char *base;         /* lowest byte of the guard */
	struct arena *arena; /* NULL: a mapping of its own */
	uint8_t state;      /* STACK_GUARDED ... */
	struct annotation tool;
};

struct stacks {
	/* Free ones that keep their memory, last used first: those used since
	 * the last age, in the one before, and longer ago, which give it back
	 * little by little. */
	struct stack *recent, *older, *stale;
	uint64_t warm, keep_warm;    /* how many; how many always stay so */
	cio_time age_ends;
	struct arena *arenas, *last; /* oldest first */
	struct arena *filling;       /* those before it have no slot to give */
	uint64_t reserved, capacity; /* slots promised to tasks; slots there are */
	uint64_t mapped;             /* slots in use or warm, and large ones */
	uint8_t guard;        /* GUARD_... */
	bool canaries;        /* some stack has one */
	uint64_t guards;      /* installed by mprotect, and how many may be */
	uint64_t guards_max;
};

int stacks_open(struct stacks *s, uint32_t keep_warm);
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
/* Time has passed: give back some memory of those that nobody needed lately. */
void stacks_age(struct stacks *s, cio_time now);
void *stack_top(struct stack *k);
/* With the record: whole pages. */
size_t stack_usable(const struct stack *k);
/* How far down its memory has been touched, in bytes from the top: whole pages. */
size_t stack_touched(const struct stack *k);
/* Give back what lies below the page of `sp` and the next one. */
void stack_wipe(const struct stack *k, const void *sp);
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
/* Fire those that are due, the first `most` of them; the rest stay due. */
void wheel_advance(struct wheel *w, cio_time now, int most);
/* No timer is due before this; CIO_NEVER without any. */
cio_time wheel_next(const struct wheel *w);
/* Call fn for each that is armed; it may disarm that one. */
void wheel_each(struct wheel *w, void (*fn)(cio_timer *t));

/* ---- tasks ---- */

enum { SCOPE_LIVE, SCOPE_LATE, SCOPE_CANCELLED };             /* cio_scope.why */
enum { SCOPE_IS_SHIELD = 1, SCOPE_IS_GROUP = 2, SCOPE_IS_ROOT = 4 }; /* .flags */

/* Lives on the stack of a task that sleeps. */
struct park {
	cio_waiter *w; /* n of them, side by side */
	int n;
	bool settle, interrupted;
	uint16_t loop; /* whose task it is */
	cio_waiter *woken;
	const char *what;
	cio_time since;
	void (*interrupt)(void *arg);
	void *arg;
};

/* There may be a million: what a switch touches lies in two cache lines wherever
 * the record does, and what a sleep and a wake touch comes right behind. */
struct cio_task {
	cio_link all;
	struct cio_task *next; /* in the run queue */
	void *sp;
	cio_scope *scope;    /* the innermost */
	struct park *park;   /* NULL while it does not sleep */
	int result;
	uint16_t refusals; /* in a row */
	uint8_t size_class : 7; /* HEAP_CLASS at most */
	uint8_t looked_at : 1;  /* somebody has asked for its result */
	bool done : 1, has_handle : 1, awaited : 1, large : 1;
	bool ending : 1; /* its done callbacks are being called */
	/* How its last wait ended, if not by a waiter: its scope has, or the
	 * timer of its sleep. Here, so that no cold stack is touched. */
	bool refused : 1, rested : 1;
	bool aligned : 1; /* the argument is, by 16 */
	cio_scope root; /* lies in the scope of the task's group */
	struct stack *stack; /* NULL before the first turn */
	int (*fn)(void *);
	cio_context *context; /* NULL: empty */
	cio_done_callback *callbacks; /* the oldest of a ring; NULL: none */
	char *text; /* of cio_fail; NULL: none */
	const char *name, *site;
};

/* Where in its record the copy of the argument stands. */
static inline size_t argument_at(bool aligned)
{
	size_t align = aligned ? 16 : 8;
	return (sizeof(cio_task) + align - 1) / align * align;
}

/* Of the driver, in turns that follow each other. */
#define FAILURE_WORDS 4
struct failure {
	uint32_t turns;   /* that failed since the last good one */
	cio_time since;   /* the first of them */
	cio_time second;  /* begin of the one in which these were told: */
	uint64_t told[FAILURE_WORDS]; /* a bit an error */
	cio_time given_up; /* when that is; 0: the run goes on */
};

struct cio_loop {
	cio_task *current;
	cio_task *head, **tail; /* ready to run, oldest first */
	struct stack *dead;     /* left for good, not yet in the pool */
	int32_t runs, later;    /* left before the driver is asked; after a pause */
	int32_t checks;         /* left before a checkpoint yields */
	uint64_t switches, spawned, turns, suspensions, cancel_at;
	void *sp;               /* the scheduler's own */
	struct stack thread;    /* the thread's own stack, as far as tools care */
	struct driver *driver;
	cio_time now;
	bool stale;             /* `now` is from before the wait of this turn */
	bool virtual_clock;     /* sim's, which stands still while tasks run */
	struct wheel wheel;
	struct stacks stacks;
	struct slab *slabs;
	cio_task *spare[64]; /* free records, by size class */
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
	uint16_t number; /* tells it from other loops of the process */
	cio_context *context;     /* of what runs on the loop's own stack */
	cio_loop_value *values;
	cio_link handles;         /* cio_handle, oldest first */
	cio_time deadline; /* of the leftovers; CIO_NEVER while main runs */
	struct team *team; /* the workers of the run */
	uint32_t worker, workers; /* which of how many this is */
	uint32_t forks; /* core_forks when it was made */
	struct failure failure;
	void *alternate; /* the thread's stack for signals, if it is ours */
	size_t alternate_size;
	bool names_overflows;
	struct census *census; /* NULL: nobody asked */
	cio_run_options options;
};

/* The calling thread's; tasks stay on their thread, so it may be cached. */
extern _Thread_local cio_loop *cio__loop
	__attribute__((tls_model("initial-exec")));

/* testing.c: a test's wish for the thread's next run, and its last one's count */
extern _Thread_local uint64_t core_cancel_at, core_suspensions;
/* The suspension that a test has chosen has come, in this task. */
void testing_cancel(cio_loop *l, cio_task *suspends);
/* Shall this mapping of memory for stacks fail? */
bool testing_fails_mapping(void);

/* misuse.c: one line that names the call, and abort */
_Noreturn void misuse_no_loop(const char *call);
_Noreturn void misuse_no_task(const char *call);
/* -EDEADLK, and why: the caller is no task. */
int misuse_refuse(void);
/* The same for what waits; but where a fork has taken the task's loop away,
 * one line, and abort: the task would go on in the child. */
int misuse_refuse_wait(void);
/* The call is about what belongs to another loop: one line, and abort; for calls
 * that can give an error, -EINVAL. */
_Noreturn void misuse_other_loop(const char *call);
_Noreturn void misuse_wake(const cio_task *t);
int misuse_refuse_other(const char *what);
/* The thread was forked inside this task, NULL: a callback. */
void misuse_forked(const cio_task *t);
/* One line that names where the fork was, and abort. */
_Noreturn void misuse_in_child(const char *what);
_Noreturn void misuse_parents_loop(const char *call);

/* fork.c: have the children of this process leave its loops: 0 or -ENOMEM */
int fork_watch(void);
extern uint32_t core_forks; /* between this process and the first */

/* Code of the program's has returned: is it still in the process of `l`? */
static inline void check_process(const cio_loop *l, const char *what)
{
	if (UNLIKELY(cio__loop != l))
		misuse_in_child(what);
}

/* For calls that have no error to give. */
static inline cio_loop *loop_for(const char *call)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL))
		misuse_no_loop(call);
	return l;
}

/* The same for calls about what belongs to the loop of that number. */
static inline cio_loop *loop_of(uint16_t number, const char *call)
{
	cio_loop *l = loop_for(call);
	if (UNLIKELY(l->number != number))
		misuse_other_loop(call);
	return l;
}

static inline cio_task *task_for(const char *call)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		misuse_no_task(call);
	return l->current;
}

/* sched.c */
void sched_ready(cio_loop *l, cio_task *t);
/* Run a new task until it first leaves; then the caller goes on. */
void sched_start(cio_loop *l, cio_task *t);
/* Leave the calling task; it runs again when it was made ready. */
void sched_leave(cio_loop *l, cio_task *t);
/* Run up to `runs` ready tasks, from the scheduler's own stack. Up to `later` more
 * are to follow in this turn; returns how many of them still may. */
int32_t sched_run(cio_loop *l, int32_t runs, int32_t later);
/* A scope of the task's has ended: wake it if it sleeps. */
void sched_interrupt(cio_loop *l, cio_task *t);

/* scope.c */
void scope_link(cio_scope *s, cio_scope *up, unsigned flags);
void scope_unlink(cio_scope *s);
/* Of the cause's parts `deadline` does not count: it is the scope's own. */
void scope_fire(cio_scope *s, int why, const cio_cause *cause);
/* A cancel by whatever runs now, at `site`. */
void scope_cancel(cio_scope *s, const char *reason, const char *site);
/* The refusal valid in the task's innermost scope, which has cut something short
 * then; or 0. */
int scope_refusal(cio_task *t);
/* The same as what joins and ends of scopes return, which have had limits of their
 * own inside: never -ETIMEDOUT, so that nobody takes this one for one of those. */
int scope_cut_short(cio_task *t);

/* context.c */
cio_context *context_hold(cio_context *c);
void context_drop(cio_context *c);
/* What the calling thread has set outside its loop; held, maybe NULL. */
cio_context *context_of_thread(void);

/* Where the chain of whatever runs now hangs. */
static inline cio_context **context_slot(cio_loop *l)
{
	return l->current != NULL ? &l->current->context : &l->context;
}

/* What is asked for now is to see this later. */
static inline cio_context *context_capture(cio_loop *l)
{
	cio_context *c = *context_slot(l);
	return LIKELY(c == NULL) ? NULL : context_hold(c);
}

/* Around a callback: what was captured, taken over, and what was there. */
static inline cio_context *context_enter(cio_loop *l, cio_context *c)
{
	cio_context **at = context_slot(l), *before = *at;
	*at = c;
	return before;
}

static inline void context_leave(cio_loop *l, cio_context *before)
{
	cio_context **at = context_slot(l);
	if (UNLIKELY(*at != NULL))
		context_drop(*at);
	*at = before;
}

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

/* census.c: how much stack the tasks of each function have used at most */
int census_open(cio_loop *l);
/* The task's function has returned; on its stack, which is made as new. */
void census_note(cio_loop *l, const cio_task *t);
void census_close(cio_loop *l);

/* overflow.c: the handler that names the task whose stack overflowed */
void overflow_open(cio_loop *l);
void overflow_close(cio_loop *l);
/* Around a fork: no other thread is changing the handlers. */
void overflow_lock(void);
void overflow_unlock(void);
/* A canary is gone: name the task and abort. */
_Noreturn void overflow_found(const cio_task *t);

/* mutexes.c: in debug builds, abort if the running task, which is about to leave
 * its stack, holds a pthread mutex; `why`, unless it is asleep. */
#ifdef CIO_CHECK_MUTEXES
void mutexes_check(const cio_task *t, const char *why);
void mutexes_check_end(const cio_task *t);
#else
static inline void mutexes_check(const cio_task *t, const char *why)
{
	(void)t;
	(void)why;
}
static inline void mutexes_check_end(const cio_task *t)
{
	(void)t;
}
#endif

/* call.c: make the calls that are in the list now; forget those that are left,
 * and all timers */
void calls_run(cio_link *list);
void calls_close(cio_loop *l);

/* handle.c: name what is still open and, if `close`, close it */
void handles_end(cio_loop *l, bool close);

/* message.c, signal.c */
void messages_deliver(cio_loop *l);
/* From any thread, and from handlers: set bits of l->signals; the loop, which
 * must be open, deals with them soon. */
void signals_tell(cio_loop *l, uint64_t bits);
void signals_deliver(cio_loop *l);
void signals_close(cio_loop *l);
/* In a child: no signal is watched. */
void signals_forked(void);
/* `.signals`: SIGINT and SIGTERM are the team's until it ends. */
struct team;
int signals_interrupt_open(struct team *t);
void signals_interrupt_close(void);

/* workers.c: the loops of one run, one a thread. */
/* A bit of l->signals that is no signal's: another worker has failed. */
#define TEAM_FAILED ((uint64_t)1)
/* Loop `l` is open, or could not be opened (NULL, err < 0). Waits until that is
 * so of all: 0, or what the first failed with, and then nobody runs. */
int team_start(struct team *t, uint32_t worker, cio_loop *l, int err);
/* This worker has failed; the first to do so cancels the others. */
void team_failed(cio_loop *l, int err);
/* The loop is about to be closed: nobody tells it anything from here on. */
void team_leave(struct team *t, uint32_t worker);
/* Around a wait that only other threads can end. True if none will: all workers
 * are in such a wait, and there is no thread but theirs. */
void team_sleep(cio_loop *l);
bool team_wake(cio_loop *l);
/* signals_tell to all that are open. From any thread, and from handlers. */
void team_tell(struct team *t, uint64_t bits);

/* failure.c: a turn of the driver has failed; if this goes on, so does the run. */
void failure_note(cio_loop *l, int err);
/* Has the run failed so, and its main task not ended in time? Then it is named. */
bool failure_ends(cio_loop *l);

/* run.c: make the loop of one worker, run its main task, end it. */
struct loop_run {
	const cio_run_options *options;
	int (*fn)(void *);
	void *arg;
	cio_context *context; /* main begins with it; its caller's */
	struct team *team;
	uint32_t worker, workers;
};
int loop_run(const struct loop_run *r);

#endif

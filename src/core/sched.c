/* SPDX-License-Identifier: MIT */
/*
 * sched.c - the run queue, the switch, and sleeping in queues of waiters
 *
 * Invariant: a task is in exactly one place: running (loop->current), in the
 * run queue, asleep (task->park set), starved of a stack, or ended.
 *
 * A task that leaves goes straight to the next ready one. Every 61 runs, and
 * when nobody is ready, it goes to the scheduler's own stack instead, where the
 * driver is asked. A task that ends becomes the next one in place, if that one
 * has no stack yet: this makes spawn and finish cost a call and no switch.
 */
#include "core/core.h"

#include <assert.h>
#include <errno.h>

#include "arch/switch.h"

_Thread_local cio_loop *cio__loop;
__thread uint16_t cio__loop_number;

enum { CHECKS = 128, REFUSALS_YIELD = 100, REFUSALS_REPORT = 1000 };

void sched_ready(cio_loop *l, cio_task *t)
{
	t->next = NULL;
	*l->tail = t;
	l->tail = &t->next;
}

static cio_task *pop(cio_loop *l)
{
	cio_task *t = l->head;
	l->head = t->next;
	if (l->head == NULL)
		l->tail = &l->head;
	return t;
}

/* ---- the switch ---- */

static void task_main(void);

static bool attach_stack(cio_loop *l, cio_task *t)
{
	if (t->stack == NULL)
		t->stack = stacks_take(&l->stacks);
	if (t->stack == NULL) {
		t->next = l->starved;
		l->starved = t;
		return false;
	}
	t->sp = cio__switch_frame(stack_top(t->stack), task_main);
	return true;
}

/* The same, when the first in line has not begun yet or nobody may run. */
__attribute__((noinline)) static cio_task *next_new_task(cio_loop *l)
{
	while (l->head != NULL && l->runs > 0) {
		cio_task *t = pop(l);
		if (t->sp != NULL || attach_stack(l, t)) {
			l->runs--;
			return t;
		}
	}
	return NULL;
}

/* Have the stack of the one after the next on its way while the next runs. */
static inline void fetch_next(const cio_loop *l)
{
	if (l->head != NULL)
		__builtin_prefetch(l->head->sp);
}

/* The next task to run, with a stack; NULL: back to the scheduler. */
static inline cio_task *next_task(cio_loop *l)
{
	cio_task *t = l->head;
	if (UNLIKELY(t == NULL || l->runs <= 0 || t->sp == NULL))
		return next_new_task(l);
	(void)pop(l);
	l->runs--;
	fetch_next(l);
	return t;
}

/* Here the stack that we came from is not in use any more. */
__attribute__((noinline)) static void bury(cio_loop *l)
{
	stacks_put(&l->stacks, l->dead);
	l->dead = NULL;
	while (l->starved != NULL) {
		cio_task *t = l->starved;
		l->starved = t->next;
		sched_ready(l, t);
	}
}

/* From a context (a task's or, NULL, the scheduler's) to another. */
static inline void jump(cio_loop *l, struct stack *from, void **save,
	cio_task *to, bool dying)
{
	struct annotation ignored; /* we may be back from somewhere else */
	struct stack *dest = to != NULL ? to->stack : &l->thread;
	void *sp = to != NULL ? to->sp : l->sp;

	l->current = to;
	l->switches++;
	l->checks = CHECKS;
	annotate_leave(&from->tool, &dest->tool, dying);
	cio__switch(save, sp);
	annotate_arrive(&from->tool, &ignored);
	if (UNLIKELY(cio__loop->dead != NULL)) /* keeps no register for `l` */
		bury(cio__loop);
}

/* To whoever is next, or to the scheduler, or on with the same task. */
__attribute__((noinline)) static int leave_slowly(cio_loop *l, cio_task *t)
{
	cio_task *to = next_task(l);
	if (to == t) {
		l->current = t;
		l->checks = CHECKS;
		return 0;
	}
	jump(l, t->stack, &t->sp, to, false);
	return 0;
}

/* Returns 0, so that a yield can end in it; what is rare is elsewhere, so that
 * nothing need be saved here. Every frame less is one less to come back to. */
__attribute__((noinline)) static int leave(cio_loop *l, cio_task *t)
{
	mutexes_check(t, "yield");
	cio_task *to = l->head;
	if (UNLIKELY(to == NULL || to == t || l->runs <= 0 || to->sp == NULL))
		return leave_slowly(l, t);
	(void)pop(l);
	l->runs--;
	fetch_next(l);
	jump(l, t->stack, &t->sp, to, false);
	return 0;
}

void sched_leave(cio_loop *l, cio_task *t)
{
	(void)leave(l, t);
}

/* Between the two nobody has a turn: the caller stands first in the queue, with
 * a run more to spend. So its checks go on where they were: who starts one after
 * the other must yield some time. */
void sched_start(cio_loop *l, cio_task *t)
{
	cio_task *me = l->current;
	int32_t checks = l->checks;
	if (me == NULL) {
		sched_ready(l, t);
		return;
	}
	mutexes_check(me, "eager spawn");
	if (!attach_stack(l, t))
		return; /* it starts when it has got one */
	me->next = l->head;
	l->head = me;
	if (me->next == NULL)
		l->tail = &me->next;
	l->runs++;
	jump(l, me->stack, &me->sp, t, false);
	l->checks = checks;
}

/* The task has ended: become the next one, or leave this stack for good. */
static cio_task *replace(cio_loop *l, struct stack *mine, bool large)
{
	cio_task *to = NULL;
	check_process(l, "the end of a callback"); /* of the task's */
	if (!large && l->head != NULL && l->runs > 0 &&
		l->head->stack == NULL) {
		to = pop(l);
		l->runs--;
		to->stack = mine;
		to->sp = &to->sp; /* not NULL: it has started */
		l->current = to;
		l->switches++;
		l->checks = CHECKS;
		return to;
	}
	to = next_task(l);
	void *nowhere;
	l->dead = mine;
	jump(l, mine, &nowhere, to, true);
	__builtin_unreachable();
}

static void first_arrival(cio_loop *l)
{
	/* The bounds of where we came from matter only for the thread's own
	 * stack, which the scheduler's first switch leaves. */
	struct annotation ignored;
	bool from_thread = annotate_unknown(&l->thread.tool);
	annotate_arrive(&l->current->stack->tool,
		from_thread ? &l->thread.tool : &ignored);
	if (l->dead != NULL)
		bury(l);
}

static void task_main(void)
{
	cio_loop *l = cio__loop;
	first_arrival(l);
	for (cio_task *t = l->current;;) {
		struct stack *mine = t->stack;
		bool large = t->large;
		int result = t->fn((char *)t + argument_at(t->aligned));
		check_process(l, "the end of the task");
		if (UNLIKELY(l->stacks.canaries && !stack_intact(mine)))
			overflow_found(t);
		mutexes_check_end(t);
		if (UNLIKELY(l->census != NULL))
			census_note(l, t);
		task_end(l, t, result); /* t may be gone now */
		t = replace(l, mine, large);
	}
}

int32_t sched_run(cio_loop *l, int32_t runs, int32_t later)
{
	check_process(l, "the end of a callback");
	l->runs = runs;
	l->later = later;
	cio_task *to = next_task(l);
	if (to != NULL)
		jump(l, &l->thread, &l->sp, to, false);
	return l->later;
}

/* ---- check and yield ---- */

static void name_stubborn(const cio_task *t)
{
	cio_cause c;
	if (!cio_cancel_cause(&c))
		return;
	cio_report(CIO_LEVEL_WARNING,
		"task %s, spawned at %s, goes on after %d refused calls: %s%s%s%s%s",
		t->name, t->site, REFUSALS_REPORT, c.why,
		c.who[0] != '\0' ? ", by task " : "", c.who,
		c.where[0] != '\0' ? " at " : "", c.where);
}

/* A task that ignores its refusals must not starve the others. */
static int refuse(cio_loop *l, cio_task *t)
{
	if (t->refusals < UINT16_MAX)
		t->refusals++;
	if (t->refusals == REFUSALS_REPORT)
		name_stubborn(t);
	/* the end of a scope that was itself late begins the count anew */
	if (t->refusals >= REFUSALS_YIELD || --l->checks <= 0) {
		sched_ready(l, t);
		sched_leave(l, t);
	}
	return scope_refusal(t);
}

int cio_yield(void)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		return misuse_refuse_wait();
	cio_task *t = l->current;
	if (UNLIKELY(t->scope->cause != NULL))
		return refuse(l, t);
	if (UNLIKELY(++l->suspensions == l->cancel_at))
		testing_cancel(l, t);
	sched_ready(l, t);
	return leave(l, t);
}

int cio_checkpoint(void)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		return misuse_refuse_wait();
	cio_task *t = l->current;
	if (UNLIKELY(t->scope->cause != NULL))
		return refuse(l, t);
	if (UNLIKELY(--l->checks <= 0))
		return cio_yield();
	return 0;
}

int cio_refused(void)
{
	cio_loop *l = cio__loop;
	return l != NULL && l->current != NULL ? scope_refusal(l->current) : 0;
}

/* ---- park ---- */

static void leave_queues(struct park *p)
{
	for (int i = 0; i < p->n; i++)
		list_remove(&p->w[i].link);
}

static void begin_park(cio_task *t, struct park *p)
{
	t->park = p;
	t->refused = t->rested = false;
}

static void sleep_now(cio_loop *l, cio_task *t)
{
	if (UNLIKELY(++l->suspensions == l->cancel_at))
		testing_cancel(l, t);
	sched_leave(l, t);
	t->park = NULL;
}

static void join_queue(cio_waiter *w, cio_task *t, cio_link *q)
{
	w->task = t;
	w->link = (cio_link){0};
	if (q != NULL)
		list_push(q, &w->link);
}

/* Inline, so that a wait in one queue has no loop. */
__attribute__((always_inline)) static inline int park_in(cio_waiter w[],
	cio_link *const q[], int n, const char *what)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		return misuse_refuse_wait();
	cio_task *t = l->current;
	if (UNLIKELY(t->scope->cause != NULL))
		return scope_refusal(t); /* no yield: `w` may be known already */
	for (int i = 0; i < n; i++)
		join_queue(&w[i], t, q[i]);

	struct park p = {.w = w, .n = n, .loop = l->number, .what = what,
		.since = l->now};
	begin_park(t, &p);
	sleep_now(l, t);
	return t->refused ? scope_refusal(t) : (int)(p.woken - w);
}

int cio_park_any(cio_waiter w[], cio_link *const q[], int n, const char *what)
{
	return park_in(w, q, n, what);
}

int cio_park(cio_waiter *w, cio_link *q, const char *what)
{
	return park_in(w, &q, 1, what);
}

void cio_settle(cio_waiter *w, cio_link *q, const char *what,
	void (*interrupt)(void *), void *arg)
{
	cio_task *t = task_for("cio_settle");
	cio_loop *l = cio__loop;
	join_queue(w, t, q);

	struct park p = {.w = w, .n = 1, .settle = true, .loop = l->number,
		.what = what, .since = l->now, .interrupt = interrupt, .arg = arg};
	begin_park(t, &p);
	if (t->scope->cause != NULL)
		sched_interrupt(l, t);
	sleep_now(l, t);
}

void cio_unpark(cio_waiter *w)
{
	cio_loop *l = loop_for("cio_unpark");
	cio_task *t = w->task;
	struct park *p = t->park;
	assert(p != NULL && p->woken == NULL && !t->refused);
	if (UNLIKELY(p->loop != l->number))
		misuse_wake(t);
	leave_queues(p);
	p->woken = w;
	__builtin_prefetch(t->sp);
	sched_ready(l, t);
}

void sched_interrupt(cio_loop *l, cio_task *t)
{
	struct park *p = t->park;
	if (p == NULL || p->woken != NULL || t->refused || t->rested)
		return; /* it is met by its next check */
	if (!p->settle) {
		leave_queues(p);
		t->refused = true;
		sched_ready(l, t);
	} else if (!p->interrupted) {
		p->interrupted = true;
		if (p->interrupt != NULL)
			p->interrupt(p->arg);
	}
}

/* ---- sleep ---- */

/* A task's root scope has no deadline: its timer is that of the task's sleep. It
 * lies in the record, so that the wheel does not go through cold stacks. */
static void wake_sleeper(cio_timer *t)
{
	cio_task *sleeper = container_of(t, cio_scope, timer)->task;
	if (sleeper->refused) /* by a timer before us in this turn */
		return;
	sleeper->rested = true;
	__builtin_prefetch(sleeper->sp);
	__builtin_prefetch((char *)sleeper->sp + 64);
	__builtin_prefetch((char *)sleeper->sp + 128);
	sched_ready(cio__loop, sleeper);
}

/* Who only sleeps stands in no queue: one for all, and nobody writes to it. */
static struct park sleeping = {.what = "sleep"};

static int sleep_until(cio_time due)
{
	cio_loop *l = cio__loop;
	cio_task *t = l->current;
	t->root.timer.fire = wake_sleeper;
	cio_timer_arm(&t->root.timer, due);
	begin_park(t, &sleeping);
	sleep_now(l, t);
	cio_timer_disarm(&t->root.timer);
	return t->refused ? scope_refusal(t) : 0;
}

int cio_sleep(cio_duration d)
{
	if (d <= 0)
		return cio_yield();
	int err = cio_checkpoint();
	return err < 0 ? err : sleep_until(cio_time_after(d));
}

int cio_sleep_until(cio_time t)
{
	int err = cio_checkpoint();
	return err < 0 ? err : sleep_until(t);
}

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

enum { RUNS = 61, CHECKS = 128, REFUSALS_YIELD = 100, REFUSALS_REPORT = 1000 };

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

/* The next task to run, with a stack; NULL: back to the scheduler. */
static cio_task *next_task(cio_loop *l)
{
	while (l->head != NULL && l->runs > 0) {
		cio_task *t = pop(l);
		if (LIKELY(t->sp != NULL) || attach_stack(l, t)) {
			l->runs--;
			return t;
		}
	}
	return NULL;
}

/* Here the stack that we came from is not in use any more. */
static void bury(cio_loop *l)
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
	if (UNLIKELY(l->dead != NULL))
		bury(l);
}

__attribute__((noinline)) void sched_leave(cio_loop *l, cio_task *t)
{
	cio_task *to = next_task(l);
	if (to == t) {
		l->current = t;
		l->checks = CHECKS;
		return;
	}
	jump(l, t->stack, &t->sp, to, false);
}

/* The task has ended: become the next one, or leave this stack for good. */
static cio_task *replace(cio_loop *l, struct stack *mine, bool large)
{
	cio_task *to = NULL;
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
	bool from_thread = l->thread.tool.size == 0;
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
		int result = t->fn(t->arg);
		if (UNLIKELY(!stack_intact(mine)))
			overflow_found(t);
		task_end(l, t, result); /* t may be gone now */
		t = replace(l, mine, large);
	}
}

void sched_run(cio_loop *l)
{
	l->runs = RUNS;
	cio_task *to = next_task(l);
	if (to != NULL)
		jump(l, &l->thread, &l->sp, to, false);
}

/* ---- check and yield ---- */

/* A task that ignores its refusals must not starve the others. */
static int refuse(cio_loop *l, cio_task *t)
{
	if (t->refusals < UINT16_MAX)
		t->refusals++;
	if (t->refusals == REFUSALS_REPORT)
		cio_report(CIO_LEVEL_WARNING,
			"task %s, spawned at %s, goes on after %d refused calls: %s",
			t->name, t->site, REFUSALS_REPORT, cio_cancel_reason());
	if (t->refusals >= REFUSALS_YIELD) {
		sched_ready(l, t);
		sched_leave(l, t);
	}
	return scope_refusal(t);
}

int cio_yield(void)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		return -EDEADLK; /* nobody here who could wait */
	cio_task *t = l->current;
	if (UNLIKELY(t->scope->cause != NULL))
		return refuse(l, t);
	if (UNLIKELY(++l->suspensions == l->cancel_at))
		cio_task_cancel(l->main, "cancelled by the test");
	sched_ready(l, t);
	sched_leave(l, t);
	return 0;
}

int cio_checkpoint(void)
{
	cio_loop *l = cio__loop;
	if (UNLIKELY(l == NULL || l->current == NULL))
		return -EDEADLK;
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

static void sleep_now(cio_loop *l, cio_task *t, struct park *p)
{
	t->park = p;
	if (UNLIKELY(++l->suspensions == l->cancel_at))
		cio_task_cancel(l->main, "cancelled by the test");
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

int cio_park_any(cio_waiter w[], cio_link *const q[], int n, const char *what)
{
	cio_loop *l = cio__loop;
	cio_task *t = l->current;
	assert(t != NULL && "only a task can wait");
	if (UNLIKELY(t->scope->cause != NULL))
		return scope_refusal(t); /* no yield: `w` may be known already */
	for (int i = 0; i < n; i++)
		join_queue(&w[i], t, q[i]);

	struct park p = {.w = w, .n = n, .what = what};
	sleep_now(l, t, &p);
	return p.refused ? scope_refusal(t) : (int)(p.woken - w);
}

int cio_park(cio_waiter *w, cio_link *q, const char *what)
{
	return cio_park_any(w, &q, 1, what);
}

void cio_settle(cio_waiter *w, cio_link *q, const char *what,
	void (*interrupt)(void *), void *arg)
{
	cio_loop *l = cio__loop;
	cio_task *t = l->current;
	assert(t != NULL && "only a task can wait");
	join_queue(w, t, q);

	struct park p = {.w = w, .n = 1, .settle = true, .what = what,
		.interrupt = interrupt, .arg = arg};
	t->park = &p;
	if (t->scope->cause != NULL)
		sched_interrupt(l, t);
	sleep_now(l, t, &p);
}

void cio_unpark(cio_waiter *w)
{
	cio_task *t = w->task;
	struct park *p = t->park;
	assert(p != NULL && p->woken == NULL && !p->refused);
	leave_queues(p);
	p->woken = w;
	sched_ready(cio__loop, t);
}

void sched_interrupt(cio_loop *l, cio_task *t)
{
	struct park *p = t->park;
	if (p == NULL || p->woken != NULL || p->refused)
		return; /* it is met by its next check */
	if (!p->settle) {
		leave_queues(p);
		p->refused = true;
		sched_ready(l, t);
	} else if (!p->interrupted) {
		p->interrupted = true;
		if (p->interrupt != NULL)
			p->interrupt(p->arg);
	}
}

cio_waiter *cio_first_waiter(cio_link *q)
{
	return list_empty(q) ? NULL : container_of(q->next, cio_waiter, link);
}

/* ---- sleep ---- */

struct sleeper {
	cio_timer timer;
	cio_waiter waiter;
};

static void wake_sleeper(cio_timer *t)
{
	cio_waiter *w = &container_of(t, struct sleeper, timer)->waiter;
	if (!w->task->park->refused) /* by a timer before us in this turn */
		cio_unpark(w);
}

int cio_sleep(cio_duration d)
{
	if (d <= 0)
		return cio_yield();
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	struct sleeper s = {.timer = {.fire = wake_sleeper}};
	cio_timer_arm(&s.timer, time_after(d));
	err = cio_park(&s.waiter, NULL, "sleep");
	cio_timer_disarm(&s.timer);
	return err;
}

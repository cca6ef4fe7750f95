/* SPDX-License-Identifier: MIT */
/*
 * select.c - the first of several things to happen
 *
 * First each case is tried. If none is possible, the task sleeps in the queues
 * of all of them at once; the wake takes it out of all in the same step, so
 * there is never a second hand-over to give back.
 *
 * A queue's waiter carries the item's place and brings back a result, as queue.c
 * says. Tasks and timers wake a waiter in a queue of our own, if it is still
 * there: what happens after the wake, and before we run, is too late.
 */
#include <cio/select.h>

#include <cio/impl.h>
#include <cio/time.h>

#include <errno.h>

#include "base/list.h"

enum { ON_GET, ON_PUT, ON_DONE, ON_TIME };

/* What tells a waiter of an end or of the time. */
struct bell {
	cio_done_callback ended;
	cio_timer timer;
	cio_waiter *waiter;
};

struct sleep {
	cio_waiter waiters[CIO_SELECT_MAX];
	cio_link *queues[CIO_SELECT_MAX];
	struct bell bells[CIO_SELECT_MAX];
	cio_link own;
};

/* ---- cases ---- */

cio_select_case cio_on_get(cio_queue *q, void *item)
{
	return (cio_select_case){.kind = ON_GET, .queue = q, .item = item};
}

cio_select_case cio_on_put(cio_queue *q, const void *item)
{
	return (cio_select_case){.kind = ON_PUT,
		.queue = q,
		.item = (void *)(uintptr_t)item};
}

cio_select_case cio_on_done(cio_task *t)
{
	return (cio_select_case){.kind = ON_DONE, .task = t};
}

cio_select_case cio_on_time(cio_time deadline)
{
	return (cio_select_case){.kind = ON_TIME, .deadline = deadline};
}

/* Do it, if it is possible now: its result, or -EAGAIN. */
static int attempt(const cio_select_case *c)
{
	switch (c->kind) {
	case ON_GET: return cio_queue_try_get(c->queue, c->item);
	case ON_PUT: return cio_queue_try_put(c->queue, c->item);
	case ON_DONE:
		if (c->task == NULL)
			return -ENOMEM; /* a spawn that failed */
		return cio_task_done(c->task) ? 0 : -EAGAIN;
	default: return c->deadline <= cio_now() ? 0 : -EAGAIN;
	}
}

int cio_try_select(cio_select_case cases[], int n)
{
	if (n <= 0 || n > CIO_SELECT_MAX)
		return -EINVAL;
	for (int i = 0; i < n; i++) {
		int result = attempt(&cases[i]);
		if (result != -EAGAIN) {
			cases[i].result = result;
			return i;
		}
	}
	return -EAGAIN;
}

/* ---- sleeping ---- */

static void ring(const struct bell *b)
{
	if (list_in(&b->waiter->link))
		cio_unpark(b->waiter);
}

static void ring_end(cio_done_callback *c, cio_task *t)
{
	(void)t;
	ring(container_of(c, struct bell, ended));
}

static void ring_time(cio_timer *t)
{
	ring(container_of(t, struct bell, timer));
}

static void prepare(struct sleep *s, const cio_select_case *c, int i)
{
	struct bell *b = &s->bells[i];
	*b = (struct bell){.waiter = &s->waiters[i]};
	s->waiters[i] = (cio_waiter){.value = 0};
	s->queues[i] = &s->own;
	switch (c->kind) {
	case ON_GET:
	case ON_PUT:
		s->waiters[i].value = (uintptr_t)c->item;
		s->queues[i] = c->kind == ON_GET ? &c->queue->getters :
						   &c->queue->putters;
		break;
	case ON_DONE:
		b->ended.fn = ring_end;
		(void)cio_task_add_done_callback(c->task, &b->ended);
		break;
	default:
		b->timer.fire = ring_time;
		cio_timer_arm(&b->timer, c->deadline);
		break;
	}
}

static void undo(struct bell *b)
{
	cio_task_remove_done_callback(&b->ended);
	cio_timer_disarm(&b->timer);
}

static bool awaits_itself(const cio_select_case cases[], int n)
{
	const cio_task *me = cio_current_task();
	for (int i = 0; i < n; i++)
		if (cases[i].kind == ON_DONE && cases[i].task == me)
			return true;
	return false;
}

int cio_select(cio_select_case cases[], int n)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	err = cio_try_select(cases, n);
	if (err != -EAGAIN)
		return err;

	if (awaits_itself(cases, n))
		return cio_fail(-EDEADLK, "task %s waits for its own end",
			cio_task_name(cio_current_task()));
	struct sleep s;
	s.own = (cio_link){0};
	for (int i = 0; i < n; i++)
		prepare(&s, &cases[i], i);
	int first = cio_park_any(s.waiters, s.queues, n, "select");
	for (int i = 0; i < n; i++)
		undo(&s.bells[i]);
	if (first >= 0) /* 0 for an end and for the time */
		cases[first].result = (int)(int64_t)s.waiters[first].value;
	return first;
}

/* SPDX-License-Identifier: MIT */
/*
 * call.c - functions that the loop calls itself
 *
 * Two lists: `soon`, as asked for, and `due`, whose timers have fired. A round
 * takes what a list holds at its beginning, so that calls which ask for calls
 * cannot keep the loop from its driver. run.c has the order of the rounds: soon,
 * tasks that got events, due, the other tasks, soon, the driver. A task's call for
 * soon ends the tasks' round early, so that tasks and calls stand in one line.
 */
#include <cio/call.h>

#include <assert.h>

#include "core/core.h"

static void make(cio_loop *l, cio_call *c)
{
	const char *name = c->name, *site = c->site; /* it may be gone after */
	cio_context *before = context_enter(l, c->context);
	c->context = NULL;
	(void)cio_fail(0, "%s", "");
	int err = c->fn(c->arg);
	context_leave(l, before);
	if (err >= 0)
		return;
	const char *text = cio_error_text();
	cio_report(CIO_LEVEL_ERROR,
		"call of %s, asked for at %s, failed: %s%s%s", name, site,
		cio_strerror(err), *text != '\0' ? ": " : "", text);
}

void calls_run(cio_link *list)
{
	if (LIKELY(list_empty(list)))
		return;
	cio_link round = *list; /* in the list's place */
	round.next->prev = round.prev->next = &round;
	list_init(list);
	cio_link *first;
	while ((first = list_pop(&round)) != NULL)
		make(cio__loop, container_of(first, cio_call, link));
}

/* A call comes after the tasks that are ready now, and before those that will
 * be: the loop has no more runs than these until it is made. */
static void run_only_those_before(cio_loop *l)
{
	int32_t n = 0, most = l->runs + l->later;
	for (const cio_task *t = l->head; t != NULL && n < most; t = t->next)
		n++;
	l->runs = n < l->runs ? n : l->runs;
	l->later = n - l->runs;
}

static void fire(cio_timer *t)
{
	list_push(&cio__loop->due, &container_of(t, cio_call, timer)->link);
}

static void ask(cio_call *c, int (*fn)(void *), void *arg, const char *name,
	const char *site)
{
	cio_loop *l = loop_for("cio_call_soon, _later or _at");
	cio_call_cancel(c);
	*c = (cio_call){.timer = {.fire = fire, .loop = l->number},
		.fn = fn,
		.arg = arg,
		.name = name,
		.site = site,
		.context = context_capture(l)};
}

void cio__call_soon(cio_call *c, int (*fn)(void *), void *arg, const char *name,
	const char *site)
{
	ask(c, fn, arg, name, site);
	cio_loop *l = cio__loop;
	if (list_empty(&l->soon) && l->current != NULL)
		run_only_those_before(l);
	list_push(&l->soon, &c->link);
}

void cio__call_at(cio_call *c, cio_time at, int (*fn)(void *), void *arg,
	const char *name, const char *site)
{
	ask(c, fn, arg, name, site);
	cio_timer_arm(&c->timer, at);
}

void cio__call_later(cio_call *c, cio_duration d, int (*fn)(void *), void *arg,
	const char *name, const char *site)
{
	cio__call_at(c, d > 0 ? cio_time_after(d) : cio_now(), fn, arg, name, site);
}

void cio_call_cancel(cio_call *c)
{
	if (cio_call_pending(c))
		(void)loop_of(c->timer.loop, "cio_call_soon, _later, _at or _cancel");
	list_remove(&c->link);
	cio_timer_disarm(&c->timer);
	if (UNLIKELY(c->context != NULL)) {
		context_drop(c->context);
		c->context = NULL;
	}
}

static void forget(cio_timer *t)
{
	if (t->fire == fire)
		cio_call_cancel(container_of(t, cio_call, timer));
	else
		cio_timer_disarm(t);
}

/* They are not made, but may be asked for again in another run: nothing in them
 * may point to this loop. The same holds for other people's timers. */
void calls_close(cio_loop *l)
{
	while (!list_empty(&l->due))
		cio_call_cancel(container_of(l->due.next, cio_call, link));
	while (!list_empty(&l->soon))
		cio_call_cancel(container_of(l->soon.next, cio_call, link));
	if (l->wheel.armed > 0)
		wheel_each(&l->wheel, forget);
}

bool cio_call_pending(const cio_call *c)
{
	return list_in(&c->link) || cio_timer_armed(&c->timer);
}

/* SPDX-License-Identifier: MIT */
/*
 * call.c - functions that the loop calls itself
 *
 * Two lists: `soon`, as asked for, and `due`, whose timers have fired. A round
 * takes what a list holds at its beginning, so that calls which ask for calls
 * cannot keep the loop from its driver. run.c has the order of the rounds: soon,
 * tasks that got events, due, the other tasks, soon, the driver.
 */
#include <cio/call.h>

#include <assert.h>

#include "core/core.h"

static void make(cio_call *c)
{
	const char *name = c->name, *site = c->site; /* it may be gone after */
	(void)cio_fail(0, "%s", "");
	int err = c->fn(c->arg);
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
		make(container_of(first, cio_call, link));
}

static void fire(cio_timer *t)
{
	list_push(&cio__loop->due, &container_of(t, cio_call, timer)->link);
}

static void ask(cio_call *c, int (*fn)(void *), void *arg, const char *name,
	const char *site)
{
	assert(cio__loop != NULL && "calls are made by a loop");
	cio_call_cancel(c);
	*c = (cio_call){.timer.fire = fire,
		.fn = fn,
		.arg = arg,
		.name = name,
		.site = site};
}

void cio__call_soon(cio_call *c, int (*fn)(void *), void *arg, const char *name,
	const char *site)
{
	ask(c, fn, arg, name, site);
	list_push(&cio__loop->soon, &c->link);
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
	cio__call_at(c, d > 0 ? time_after(d) : cio_now(), fn, arg, name, site);
}

void cio_call_cancel(cio_call *c)
{
	list_remove(&c->link);
	cio_timer_disarm(&c->timer);
}

bool cio_call_pending(const cio_call *c)
{
	return list_in(&c->link) || cio_timer_armed(&c->timer);
}

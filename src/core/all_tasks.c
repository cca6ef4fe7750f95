/* SPDX-License-Identifier: MIT */
/*
 * all_tasks.c - every task of the loop, as it is now
 */
#include "core/core.h"

/* A task that was woken keeps its park until its turn. */
static bool is_asleep(const cio_task *t)
{
	return t->park != NULL && t->park->woken == NULL && !t->refused &&
		!t->rested;
}

static cio_task_view view(const cio_loop *l, const cio_task *t)
{
	cio_task_view v = {.task = t, .name = t->name, .site = t->site,
		.state = CIO_TASK_READY, .waits_for = ""};
	if (t == l->current) {
		v.state = CIO_TASK_RUNNING;
	} else if (is_asleep(t)) {
		v.state = CIO_TASK_WAITING;
		v.waits_for = t->park->what;
		v.since = t->park->since;
		v.until = cio_timer_armed(&t->root.timer) ?
			t->root.timer.deadline : 0;
	}
	return v;
}

size_t cio_all_tasks(cio_task_view out[], size_t room)
{
	const cio_loop *l = cio__loop;
	size_t n = 0;
	if (l == NULL)
		return 0;
	for (const cio_link *at = l->tasks.next; at != &l->tasks; at = at->next) {
		const cio_task *t = container_of(at, const cio_task, all);
		if (t->done)
			continue;
		if (n < room)
			out[n] = view(l, t);
		n++;
	}
	return n;
}

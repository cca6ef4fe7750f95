/* SPDX-License-Identifier: MIT */
/*
 * wait.c - several tasks at once
 *
 * One mechanism: a `cio_as_completed` hangs a callback on each task, and lists
 * the tasks as they end. Whoever waits says how many are enough to be woken;
 * a failure may be, too. The link of a callback that was called is free, and
 * joins the list of those that have ended.
 *
 * Invariant: `ended` holds the tasks that have ended and were not asked for;
 * `left` counts those not asked for, so it is empty when `left` is 0.
 */
#include <cio/wait.h>

#include <cio/impl.h>
#include <cio/time.h>

#include <errno.h>
#include <limits.h>

#include "base/list.h"
#include "base/mem.h"

/* What wakes before there are enough: a failure, or whatever is negative. */
enum { NO_ALARM, ON_FAILURE, ON_ERROR };

struct cio__watched {
	cio_done_callback callback;
	cio_as_completed *owner;
};

/* ---- watching ---- */

static bool alarming(uint8_t alarm, const cio_task *t)
{
	return alarm != NO_ALARM && cio_task_done(t) &&
		cio__task_result(t) < 0 &&
		(alarm == ON_ERROR || !cio_task_cancelled(t));
}

static void task_ended(cio_done_callback *callback, cio_task *t)
{
	struct cio__watched *w = container_of(callback, struct cio__watched,
		callback);
	cio_as_completed *c = w->owner;
	list_push(&c->ended, &callback->link);
	c->done++;
	cio_waiter *waiter = cio_first_waiter(&c->waiters);
	if (waiter != NULL && (c->done >= c->enough || alarming(c->alarm, t)))
		cio_unpark(waiter);
}

static int refuse_bad(cio_task *const tasks[], size_t n)
{
	int err = 0;
	for (size_t i = 0; i < n; i++) {
		if (tasks[i] == NULL)
			err = -ENOMEM;
		else if (tasks[i] == cio_current_task())
			return cio_fail(-EDEADLK, "task %s awaits itself",
				cio_task_name(tasks[i]));
	}
	return err;
}

int cio_as_completed_init(cio_as_completed *c, cio_task *const tasks[],
	size_t n)
{
	*c = (cio_as_completed){.n = n, .left = n};
	int err = refuse_bad(tasks, n);
	if (err == 0 && n > SIZE_MAX / sizeof *c->watched)
		err = -ENOMEM;
	if (err == 0) {
		c->watched = cio__zalloc(n * sizeof *c->watched);
		if (c->watched == NULL)
			err = -ENOMEM;
	}
	if (err < 0) {
		c->n = c->left = 0;
		return err;
	}
	for (size_t i = 0; i < n; i++) {
		struct cio__watched *w = &c->watched[i];
		w->owner = c;
		w->callback.fn = task_ended;
		if (cio_task_add_done_callback(tasks[i], &w->callback) < 0)
			task_ended(&w->callback, tasks[i]);
	}
	return 0;
}

void cio_as_completed_finish(cio_as_completed *c)
{
	if (!list_empty(&c->waiters))
		cio__misuse("finishes a cio_as_completed in which a task waits");
	for (size_t i = 0; i < c->n; i++)
		cio_task_remove_done_callback(&c->watched[i].callback);
	cio__free(c->watched);
	*c = (cio_as_completed){0};
}

static ssize_t index_of(const cio_as_completed *c, const cio_link *ended)
{
	return container_of(ended, struct cio__watched, callback.link) -
		c->watched;
}

ssize_t cio_as_completed_next(cio_as_completed *c)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (c->left == 0)
		return -ENODATA;
	if (c->asked)
		return cio_fail(-EBUSY, "another task asks for the next one");
	if (list_empty(&c->ended)) {
		cio_waiter self = {0};
		c->enough = c->done + 1;
		c->asked = true;
		err = cio_park(&self, &c->waiters, "the next of the tasks");
		c->asked = false;
		if (err < 0)
			return err;
	}
	c->left--;
	return index_of(c, list_pop(&c->ended));
}

/* ---- wait ---- */

static bool enough(const cio_as_completed *c, cio_task *const tasks[])
{
	bool alarmed = c->done >= c->enough;
	for (size_t i = 0; i < c->n && c->alarm != NO_ALARM && !alarmed; i++)
		alarmed = alarming(c->alarm, tasks[i]);
	return alarmed;
}

static int sleep_for(cio_as_completed *c, cio_duration d)
{
	cio_waiter self = {0};
	cio_scope limit;
	cio_scope_begin(&limit, cio_time_after(d));
	int err = cio_park(&self, &c->waiters, "tasks");
	err = cio_scope_end(&limit, err);
	return cio_scope_expired(&limit) && c->done > 0 ? 0 : err;
}

int cio_wait(cio_task *const tasks[], size_t n, cio_wait_until until,
	cio_duration d)
{
	int err = cio_checkpoint();
	if (err < 0) /* -ETIMEDOUT is what our own limit gives */
		return err == -ETIMEDOUT ? -ECANCELED : err;
	if (n == 0 || n > INT_MAX)
		return -EINVAL;
	cio_as_completed c;
	err = cio_as_completed_init(&c, tasks, n);
	if (err < 0)
		return err;
	c.enough = until == CIO_FIRST_COMPLETED ? 1 : n;
	c.alarm = until == CIO_FIRST_EXCEPTION ? ON_FAILURE : NO_ALARM;
	if (!enough(&c, tasks))
		err = sleep_for(&c, d);
	int done = (int)c.done;
	cio_as_completed_finish(&c);
	return err < 0 ? err : done;
}

int cio_wait_for(cio_task *t, cio_duration d)
{
	int err = 0;
	if (cio_current_task() == NULL)
		return cio_await(t); /* it says why not */
	CIO_TIMEOUT (d, &err) {
		err = cio_await(t);
	}
	return err;
}

/* ---- gather ---- */

struct gathering {
	cio_task *const *tasks;
	size_t n;
	cio_task *awaiter;
};

/* Because of what the task `of` came to. */
static void cancel_all(const struct gathering *g, const cio_task *of,
	const char *reason)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->tasks[i] != NULL)
			cio__task_cancel_for(g->tasks[i], of, reason);
}

static void cancel_gathered(void *arg)
{
	const struct gathering *g = arg;
	cancel_all(g, g->awaiter, "its awaiter has ended");
}

/* Sleep until enough have ended; we are not refused, but the tasks are told. */
static void join(cio_as_completed *c, struct gathering *g)
{
	cio_waiter self = {0};
	if (!enough(c, g->tasks))
		cio_settle(&self, &c->waiters, "tasks", cancel_gathered, g);
}

/* The first in time that failed, or -1. */
static ssize_t first_error(const cio_as_completed *c, const struct gathering *g)
{
	const cio_link *l = c->ended.next;
	for (; l != NULL && l != &c->ended; l = l->next)
		if (cio__task_result(g->tasks[index_of(c, l)]) < 0)
			return index_of(c, l);
	return -1;
}

static ssize_t join_all(cio_as_completed *c, struct gathering *g, bool collect)
{
	c->enough = c->n;
	c->alarm = collect ? NO_ALARM : ON_ERROR;
	join(c, g);
	if (c->done < c->n) { /* the alarm */
		c->alarm = NO_ALARM;
		cancel_all(g, g->tasks[first_error(c, g)],
			"a task gathered with it has failed");
		join(c, g);
	}
	return first_error(c, g);
}

static void unclaim(const struct gathering *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (g->tasks[i] != NULL)
			cio__task_unclaim(g->tasks[i]);
}

/* They are ours to await, each once. */
static int claim(const struct gathering *g)
{
	for (size_t i = 0; i < g->n; i++) {
		int err = g->tasks[i] != NULL ? cio__task_claim(g->tasks[i]) : 0;
		if (err < 0) {
			unclaim(g, i);
			return err;
		}
	}
	return 0;
}

static int take_result(const struct gathering *g, size_t i, int *results)
{
	if (g->tasks[i] != NULL)
		cio__task_unclaim(g->tasks[i]);
	int result = cio_await(g->tasks[i]);
	if (results != NULL)
		results[i] = result;
	return result;
}

/* Use up the handles; `last` goes last, so that its text is what remains. Each is
 * claimed until its turn: an await of another may yield. */
static int take_results(const struct gathering *g, ssize_t last, int *results)
{
	for (size_t i = 0; i < g->n; i++)
		if ((ssize_t)i != last)
			(void)take_result(g, i, results);
	return last >= 0 ? take_result(g, (size_t)last, results) : 0;
}

int cio__gather(cio_task *const tasks[], const cio_gather_options *o)
{
	struct gathering g = {.tasks = tasks, .n = o->n,
		.awaiter = cio_current_task()};
	cio_as_completed c;
	if (g.awaiter == NULL)
		return cio_checkpoint(); /* it says why not */
	int err = cio_as_completed_init(&c, tasks, o->n);
	if (err == -EDEADLK)
		return err;
	int refused = claim(&g);
	if (refused < 0) {
		cio_as_completed_finish(&c);
		return refused;
	}
	if (err < 0) { /* what we cannot watch is not left running */
		cancel_all(&g, g.awaiter, "there is no memory to gather it");
		(void)take_results(&g, -1, o->results);
		return err;
	}
	ssize_t first = join_all(&c, &g, o->errors == CIO_COLLECT);
	cio_as_completed_finish(&c);
	return take_results(&g, first, o->results);
}

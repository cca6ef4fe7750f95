/* SPDX-License-Identifier: MIT */
/*
 * run.c - a loop from its first turn to its last
 *
 * A turn: deliver what other threads and signals left, fire due timers (up to
 * 32), run ready tasks (up to 61), ask the driver; calls for soon run before the
 * tasks, if they were left over, and after them. The driver waits only when
 * nobody is ready. When the main function has returned, the main task itself
 * ends the rest: it cancels the leftovers, waits for them with a bound, and
 * calls the finishers of the loop's values.
 */
#include <cio/run.h>

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/core.h"

/* ---- the driver ---- */

static const struct driver_ops *const drivers[] = {
	&driver_uring, &driver_epoll, &driver_sim,
};
enum { BY_DEFAULT = 2 }; /* how many of them are tried unasked */

static uint64_t seed_of(const cio_run_options *o)
{
	const char *env = getenv("CIO_SEED");
	if (o->seed != 0)
		return o->seed;
	return env != NULL && *env != '\0' ? strtoull(env, NULL, 0) : 1;
}

static int open_named(cio_loop *l, const char *name,
	const struct driver_options *o)
{
	for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
		if (strcmp(drivers[i]->name, name) != 0)
			continue;
		int err = drivers[i]->open(&l->driver, o);
		return err < 0 ? cio_fail(err, "driver %s cannot run here: %s",
					 name, cio_strerror(err)) :
				 0;
	}
	return cio_fail(-EINVAL, "no driver is called %s: epoll, uring or sim",
		name);
}

static int open_driver(cio_loop *l)
{
	struct driver_options o = {.seed = seed_of(&l->options)};
	const char *name = l->options.driver;
	if (name == NULL)
		name = getenv("CIO_DRIVER");
	if (name != NULL && *name != '\0')
		return open_named(l, name, &o);
	int err = -ENOSYS;
	for (size_t i = 0; i < BY_DEFAULT; i++) {
		err = drivers[i]->open(&l->driver, &o);
		if (err == 0) {
			cio_report(CIO_LEVEL_INFO, "driver %s",
				drivers[i]->name);
			return 0;
		}
		cio_report(CIO_LEVEL_INFO, "driver %s cannot run here: %s",
			drivers[i]->name, cio_strerror(err));
	}
	return err;
}

const char *cio_driver_name(void)
{
	return cio__loop != NULL ? cio__loop->driver->ops->name : "";
}

struct driver *cio__current_driver(void)
{
	return cio__loop != NULL ? cio__loop->driver : NULL;
}

/* ---- turns ---- */

/* Timers in a turn, fewer than runs of tasks: however many are due, those they
 * wake run while their stacks, which the wake fetches, are still in the cache. */
enum { RUNS = 61, TIMERS = 32 };

/* Only other threads could ever wake a task again, and none of them has to. */
static bool is_quiet(const cio_loop *l)
{
	return l->head == NULL && list_empty(&l->soon) &&
		l->wheel.armed == 0 && l->pending == 0 && l->holds == 0 &&
		list_empty(&l->watchers) && !l->options.signals;
}

static void report_deadlock(cio_loop *l)
{
	char worker[32] = "";
	if (l->workers > 1)
		(void)snprintf(worker, sizeof worker, " of worker %u", l->worker);
	for (cio_link *at = l->tasks.next; at != &l->tasks; at = at->next) {
		cio_task *t = container_of(at, cio_task, all);
		if (!t->done)
			cio_report(CIO_LEVEL_ERROR,
				"deadlock: task %s%s, spawned at %s, waits for %s, "
				"and nothing is left that could wake it",
				t->name, worker, t->site,
				t->park != NULL ? t->park->what : "a stack");
	}
}

static void break_deadlock(cio_loop *l)
{
	if (!l->warned_deadlock) {
		l->warned_deadlock = true;
		report_deadlock(l);
		cio__task_cancel("", l->main,
			"deadlock: nothing could wake the task");
		scope_cancel(&l->root.scope, "deadlock", "");
		if (l->head != NULL)
			return;
	}
	cio_report(CIO_LEVEL_ERROR, "the deadlock cannot be broken");
	abort();
}

static void turn(cio_loop *l)
{
	check_process(l, "the end of a callback");
	bool busy = l->head != NULL || !list_empty(&l->soon);
	bool quiet = !busy && UNLIKELY(is_quiet(l));
	cio_time until = busy ? 0 : wheel_next(&l->wheel);
	if (quiet)
		team_sleep(l);
	l->driver->wait_for_wake = l->holds > 0;
	l->turns++;
	l->stale = true;
	int n = l->driver->ops->turn(l->driver, until);
	l->now = l->driver->ops->now(l->driver);
	l->stale = false;
	if (LIKELY(n >= 0))
		l->failure.turns = 0;
	else
		failure_note(l, n);
	stacks_age(&l->stacks, l->now);
	if (quiet && team_wake(l))
		break_deadlock(l);
}

/* Calls whose time has come are made after the tasks that got events, up to
 * `events`, and before those that a timer has woken in the same turn. Returns
 * how many may still run. */
static int32_t run_due(cio_loop *l, cio_task **events)
{
	int32_t n = 0;
	for (cio_task **at = &l->head; at != events && n < RUNS; n++)
		at = &(*at)->next;
	int32_t later = sched_run(l, n, RUNS - n);
	if (!l->ended)
		calls_run(&l->due);
	return later;
}

static void loop_until_end(cio_loop *l)
{
	for (;;) {
		messages_deliver(l);
		signals_deliver(l);
		cio_task **events = l->tail;
		wheel_advance(&l->wheel, l->now, TIMERS);
		calls_run(&l->soon);
		int32_t runs = RUNS;
		if (UNLIKELY(!list_empty(&l->due)))
			runs = run_due(l, events);
		if (!l->ended)
			(void)sched_run(l, runs, 0);
		if (l->ended)
			return;
		calls_run(&l->soon);
		turn(l);
		if (UNLIKELY(l->failure.turns > 0) && failure_ends(l))
			return;
	}
}

/* ---- the end of the main task ---- */

static void name_leftovers(cio_loop *l)
{
	for (cio_link *at = l->tasks.next; at != &l->tasks; at = at->next) {
		cio_task *t = container_of(at, cio_task, all);
		if (!t->done && t != l->main)
			cio_report(CIO_LEVEL_ERROR,
				"task %s, spawned at %s, did not end in time: "
				"it waits for %s", t->name, t->site,
				t->park != NULL ? t->park->what : "its turn");
	}
	if (l->holds > 0)
		cio_report(CIO_LEVEL_ERROR,
			"a thread did not send in time what it owes the loop");
}

static bool has_leftovers(const cio_loop *l)
{
	return l->root.alive > 0 || l->root.pending > 0;
}

static int drain_leftovers(cio_loop *l)
{
	scope_cancel(&l->root.scope, "the main task has ended", "");
	cio_duration limit = l->options.drain;
	l->deadline = cio_time_after(limit > 0 ? limit : CIO_S(5));
	int err = 0;
	cio_scope s;
	cio_shield_begin(&s, l->deadline);
	while (err == 0 && has_leftovers(l)) {
		cio_waiter w;
		err = cio_park(&w, &l->root.closers, "leftover tasks");
	}
	(void)cio_scope_end(&s, err);
	if (err == 0)
		return 0;
	name_leftovers(l);
	return cio_fail(-ETIMEDOUT, "%s",
		"what the main task has left did not end within .drain");
}

static void finish_values(cio_loop *l)
{
	cio_scope s;
	cio_shield_begin(&s, CIO_NEVER);
	while (l->values != NULL) {
		cio_loop_value *v = l->values;
		l->values = v->next;
		v->finish(v);
	}
	(void)cio_scope_end(&s, 0);
}

struct main_task {
	int (*fn)(void *);
	void *arg;
};

static int run_main(const struct main_task *m)
{
	cio_loop *l = cio__loop;
	int result = m->fn(m->arg), err;
	if (!list_empty(&l->soon)) { /* what it has asked for is still called */
		sched_ready(l, l->main);
		sched_leave(l, l->main);
	}
	if (result < 0)
		team_failed(l, result);
	do { /* what finishers start is a leftover, too */
		err = drain_leftovers(l);
		handles_end(l, err == 0);
		finish_values(l);
	} while (err == 0 && has_leftovers(l));
	if (err < 0 && result >= 0)
		team_failed(l, result = err);
	return result;
}

/* ---- a loop's life ---- */

static int open_loop(cio_loop *l)
{
	l->tail = &l->head;
	list_init(&l->tasks);
	list_init(&l->watchers);
	l->deadline = CIO_NEVER;
	int err = open_driver(l);
	if (err < 0)
		return err;
	l->virtual_clock = l->driver->ops == &driver_sim;
	l->now = l->driver->ops->now(l->driver);
	wheel_open(&l->wheel, l->now);
	err = stacks_open(&l->stacks, l->options.warm_stacks);
	if (err == 0 && l->workers > 1 && l->driver->ops == &driver_sim)
		err = cio_fail(-EINVAL, "%s",
			"sim has one clock and one order: it runs one worker");
	if (err == 0)
		err = census_open(l);
	if (err < 0)
		l->driver->ops->close(l->driver);
	else
		overflow_open(l);
	return err;
}

/* A handle that was neither awaited nor detached. */
static void name_forgotten(cio_loop *l)
{
	while (!list_empty(&l->tasks)) {
		cio_task *t = container_of(l->tasks.next, cio_task, all);
		if (!t->done)
			return; /* it did not end in time, and was named */
		cio_report(CIO_LEVEL_WARNING,
			"task %s, spawned at %s, was neither awaited nor detached",
			t->name, t->site);
		task_report_unseen(t);
		task_free(l, t);
	}
}

/* Something did not end in time: tasks have their stacks and records here, the
 * kernel pointers into them, a thread one to the loop. Nothing may be freed. */
static bool is_in_use(const cio_loop *l)
{
	return l->alive > 0 || l->pending > 0 || l->holds > 0 ||
		l->expects > 0;
}

static void close_loop(cio_loop *l)
{
	name_forgotten(l);
	census_close(l);
	overflow_close(l);
	signals_close(l);
	if (l->dead != NULL) {
		stacks_put(&l->stacks, l->dead);
		l->dead = NULL;
	}
	while (atomic_load(&l->posting) > 0)
		(void)sched_yield(); /* its message was delivered: it is almost out */
	core_suspensions = l->suspensions;
	calls_close(l);
	if (is_in_use(l))
		return;
	context_leave(l, NULL);
	l->driver->ops->close(l->driver);
	tasks_close(l);
	stacks_close(&l->stacks);
}

static int run_loop(cio_loop *l, int (*fn)(void *), void *arg)
{
	struct main_task m = {fn, arg};
	cio_task_options o = {.name = "main", .stack_size = CIO_STACK_LARGE};
	if (l->options.stack_size > 0)
		o.stack_size = l->options.stack_size;
	annotate_thread(&l->thread.tool);
	group_init(&l->root, NULL);
	scope_link(&l->root.scope, &l->scope, SCOPE_IS_GROUP);
	cio_group outside = {.alive = 1}; /* main is no child of cio_spawn's group */
	scope_link(&outside.scope, &l->scope, SCOPE_IS_GROUP);
	l->main = task_new(l, &outside, (int (*)(void *))run_main, &m, sizeof m,
		&o, "main", "cio_run");
	context_leave(l, NULL);
	if (l->main == NULL) {
		team_failed(l, -ENOMEM);
		return -ENOMEM;
	}
	l->main->has_handle = true;
	l->cancel_at = core_cancel_at;
	loop_until_end(l);
	if (!l->ended)
		return -EIO; /* the team has the driver's error */
	int result = l->main->result;
	task_free(l, l->main);
	return result;
}

/* Never 0, which is that of no loop. After 65,535 a number comes again. */
static uint16_t next_number(void)
{
	static _Atomic uint32_t last;
	return (uint16_t)(1 + atomic_fetch_add(&last, 1) % UINT16_MAX);
}

int loop_run(const struct loop_run *r)
{
	int err = -ENOMEM;
	cio_loop *l = cio__zalloc(sizeof *l);
	if (l != NULL) {
		if (r->options != NULL)
			l->options = *r->options;
		l->team = r->team;
		l->worker = r->worker;
		l->workers = r->workers;
		l->forks = core_forks;
		l->number = l->scope.loop = next_number();
		cio__loop = l;
		cio__loop_number = l->number;
		err = fork_watch();
		err = err < 0 ? err : open_loop(l);
	}
	bool is_open = err == 0;
	if (is_open && r->context != NULL)
		l->context = context_hold(r->context);
	err = team_start(r->team, r->worker, is_open ? l : NULL, err);
	if (err == 0)
		err = run_loop(l, r->fn, r->arg);
	team_leave(r->team, r->worker);
	if (is_open)
		close_loop(l);
	cio__loop = NULL;
	cio__loop_number = 0;
	if (l != NULL && !is_in_use(l))
		cio__free(l);
	core_cancel_at = 0;
	return err;
}

uint32_t cio_worker(void)
{
	return cio__loop != NULL ? cio__loop->worker : 0;
}

uint32_t cio_workers(void)
{
	return cio__loop != NULL ? cio__loop->workers : 0;
}

cio_time cio_loop_deadline(void)
{
	return loop_for("cio_loop_deadline")->deadline;
}

cio_run_figures cio_run_get_figures(void)
{
	cio_loop *l = cio__loop;
	if (l == NULL)
		return (cio_run_figures){0};
	return (cio_run_figures){
		.tasks_alive = l->alive,
		.tasks_spawned = l->spawned,
		.switches = l->switches,
		.turns = l->turns,
		.timers = l->wheel.armed,
		.stacks = l->stacks.mapped,
		.handles = l->driver->ops->handles(l->driver),
	};
}

/* ---- values of the loop ---- */

cio_loop_value *cio_loop_value_get(const void *key)
{
	cio_loop_value *v = loop_for("cio_loop_value_get")->values;
	while (v != NULL && v->key != key)
		v = v->next;
	return v;
}

void cio_loop_value_set(cio_loop_value *v)
{
	cio_loop *l = loop_for("cio_loop_value_set");
	v->next = l->values;
	l->values = v;
}

void cio_loop_value_drop(cio_loop_value *v)
{
	cio_loop_value **at = &loop_for("cio_loop_value_drop")->values;
	while (*at != NULL && *at != v)
		at = &(*at)->next;
	if (*at == v)
		*at = v->next;
}

/* SPDX-License-Identifier: MIT */
/*
 * workers.c - the loops of one run, each on its thread
 *
 * Every run is a team, most of them of one. All loops are opened before any of
 * them runs, so that whoever fails later finds all the others in their places.
 * Telling is a bit and a wake (signal.c); since it is also done by handlers, it
 * takes no lock: a loop leaves its place and waits until nobody is telling.
 *
 * Who falls asleep last finds the deadlock. A loop changes between awake and
 * asleep under the lock alone, and only one that is awake sends to another. So
 * if all sleep, all that they have sent is in the inboxes.
 */
#include <cio/run.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "core/core.h"

struct worker {
	_Atomic(cio_loop *) loop; /* while it is open */
	bool asleep, stuck;       /* under the lock */
	pthread_t thread;         /* of all but the first */
	struct loop_run run;
};

struct team {
	_Atomic int telling;

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t ready; /* opened, or failed to */
	uint32_t left;  /* loops that are over */
	bool started, interrupts;
	int start_err; /* once started: 0, and all run, or why none does */
	int err;       /* of the first that failed */
	char text[256];

	cio_context *context; /* the caller's */
	uint32_t n;
	struct worker worker[];
};

/* ---- telling ---- */

void team_tell(struct team *t, uint64_t bits)
{
	atomic_fetch_add(&t->telling, 1);
	for (uint32_t i = 0; i < t->n; i++) {
		cio_loop *l = atomic_load(&t->worker[i].loop);
		if (l != NULL)
			signals_tell(l, bits);
	}
	atomic_fetch_sub(&t->telling, 1);
}

/* ---- deadlocks ---- */

/* Has the process threads that are not ours? Yes, if the kernel does not tell. */
static bool has_others(const struct team *t)
{
	struct stat s;
	return stat("/proc/self/task", &s) < 0 || s.st_nlink != t->n + 2;
}

/* How many threads may send to them? The lock is held. */
static bool all_sleep(const struct team *t, uint64_t *expects)
{
	*expects = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		cio_loop *l = atomic_load(&t->worker[i].loop);
		if (l == NULL)
			continue;
		if (!t->worker[i].asleep || atomic_load(&l->inbox) != NULL ||
			atomic_load(&l->signals) != 0)
			return false;
		*expects += l->expects;
	}
	return true;
}

/* Another thread may send and end at any time: look at the inboxes once more
 * when none was there. The lock is held. */
static bool is_stuck(const struct team *t)
{
	uint64_t expects;
	return all_sleep(t, &expects) &&
		(expects == 0 || (!has_others(t) && all_sleep(t, &expects)));
}

static void find_deadlock(struct team *t)
{
	if (!is_stuck(t))
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		cio_loop *l = atomic_load(&t->worker[i].loop);
		if (l == NULL)
			continue;
		t->worker[i].stuck = true;
		l->driver->ops->wake(l->driver);
	}
}

void team_sleep(cio_loop *l)
{
	struct team *t = l->team;
	(void)pthread_mutex_lock(&t->lock);
	t->worker[l->worker].asleep = true;
	find_deadlock(t);
	(void)pthread_mutex_unlock(&t->lock);
}

bool team_wake(cio_loop *l)
{
	struct team *t = l->team;
	struct worker *w = &t->worker[l->worker];
	(void)pthread_mutex_lock(&t->lock);
	bool stuck = w->stuck;
	w->asleep = w->stuck = false;
	(void)pthread_mutex_unlock(&t->lock);
	return stuck;
}

void team_leave(struct team *t, uint32_t worker)
{
	(void)pthread_mutex_lock(&t->lock);
	atomic_store(&t->worker[worker].loop, NULL);
	t->left++;
	(void)pthread_cond_broadcast(&t->changed);
	find_deadlock(t);
	(void)pthread_mutex_unlock(&t->lock);
	while (atomic_load(&t->telling) > 0)
		(void)sched_yield();
}

/* ---- failures ---- */

/* Is it the first? The lock is held. */
static bool note(struct team *t, uint32_t worker, int err, const char *text)
{
	if (t->err < 0)
		return false;
	t->err = err;
	if (t->n == 1)
		(void)snprintf(t->text, sizeof t->text, "%s", text);
	else
		(void)snprintf(t->text, sizeof t->text, "worker %u of %u: %s",
			worker, t->n, *text != '\0' ? text : cio_strerror(err));
	return true;
}

static void name_failure(const cio_loop *l, int err, bool first)
{
	const char *text = cio_error_text();
	cio_report(first ? CIO_LEVEL_ERROR : CIO_LEVEL_INFO,
		"worker %u of %u failed%s: %s%s%s", l->worker, l->workers,
		first ? ", the others are cancelled" : ", too",
		cio_strerror(err), *text != '\0' ? ": " : "", text);
}

void team_failed(cio_loop *l, int err)
{
	struct team *t = l->team;
	(void)pthread_mutex_lock(&t->lock);
	bool first = note(t, l->worker, err, cio_error_text());
	(void)pthread_mutex_unlock(&t->lock);
	if (t->n == 1)
		return;
	if (err != cio_refused())
		name_failure(l, err, first);
	if (first)
		team_tell(t, TEAM_FAILED);
}

/* ---- the start ---- */

/* All are there: the first worker lets them go. The lock is held. */
static void start(struct team *t)
{
	const cio_run_options *o = t->worker[0].run.options;
	if (t->err == 0 && o != NULL && o->signals) {
		int err = signals_interrupt_open(t);
		t->interrupts = err == 0;
		if (err < 0)
			(void)note(t, 0, err, "SIGINT or SIGTERM is watched already");
	}
	t->start_err = t->err; /* from now on somebody may fail while running */
	t->started = true;
	(void)pthread_cond_broadcast(&t->changed);
}

int team_start(struct team *t, uint32_t worker, cio_loop *l, int err)
{
	atomic_store(&t->worker[worker].loop, l);
	(void)pthread_mutex_lock(&t->lock);
	if (err < 0)
		(void)note(t, worker, err, cio_error_text());
	t->ready++;
	(void)pthread_cond_broadcast(&t->changed);
	while (worker == 0 ? t->ready < t->n : !t->started)
		(void)pthread_cond_wait(&t->changed, &t->lock);
	if (worker == 0)
		start(t);
	err = t->start_err;
	(void)pthread_mutex_unlock(&t->lock);
	return err;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct team *t = w->run.team;
	(void)loop_run(&w->run);
	(void)pthread_mutex_lock(&t->lock);
	while (t->left < t->n) /* has_others counts on it */
		(void)pthread_cond_wait(&t->changed, &t->lock);
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* How many threads were started? Those that were not are out already. */
static uint32_t start_threads(struct team *t)
{
	uint32_t i = 1;
	int err = 0;
	for (; i < t->n && err == 0; i += err == 0)
		err = -pthread_create(&t->worker[i].thread, NULL, work,
			&t->worker[i]);
	if (err == 0)
		return i;
	(void)pthread_mutex_lock(&t->lock);
	(void)note(t, i, err, "its thread could not be started");
	t->ready += t->n - i;
	t->left += t->n - i;
	(void)pthread_mutex_unlock(&t->lock);
	return i;
}

/* ---- the run ---- */

static struct team *team_new(const cio_run_options *o, int (*fn)(void *),
	void *arg)
{
	uint32_t n = o != NULL && o->workers > 0 ? o->workers : 1;
	struct team *t = cio__zalloc(sizeof *t + n * sizeof t->worker[0]);
	if (t == NULL)
		return NULL;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->changed, NULL);
	t->n = n;
	t->context = context_of_thread();
	for (uint32_t i = 0; i < n; i++)
		t->worker[i].run = (struct loop_run){.options = o,
			.fn = fn,
			.arg = arg,
			.context = t->context,
			.team = t,
			.worker = i,
			.workers = n};
	return t;
}

static int team_end(struct team *t, int result)
{
	if (t->interrupts)
		signals_interrupt_close();
	if (t->err < 0)
		result = cio_fail(t->err, "%s", t->text);
	context_drop(t->context);
	(void)pthread_cond_destroy(&t->changed);
	(void)pthread_mutex_destroy(&t->lock);
	cio__free(t);
	return result;
}

int cio_run_with(const cio_run_options *options, int (*fn)(void *), void *arg)
{
	if (cio__loop != NULL)
		return cio_fail(-EBUSY, "cio_run inside cio_run: one loop a thread");
	struct team *t = team_new(options, fn, arg);
	if (t == NULL)
		return -ENOMEM;
	uint32_t threads = start_threads(t);
	int result = loop_run(&t->worker[0].run);
	for (uint32_t i = 1; i < threads; i++)
		(void)pthread_join(t->worker[i].thread, NULL);
	return team_end(t, result);
}

int cio_run(int (*fn)(void *), void *arg)
{
	return cio_run_with(NULL, fn, arg);
}

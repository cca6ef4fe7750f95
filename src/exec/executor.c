/* SPDX-License-Identifier: MIT */
/*
 * executor.c - pools of threads: opened, closed, and abandoned if need be
 *
 * The memory is shared by the opener, the threads and the callers, and freed
 * with the last share. A close waits for the callers. If it may not wait long
 * enough, the threads that still have a job are detached; they and their callers
 * keep the executor. When the run ends then, those callers never wake: their
 * shares are never given up, nor is the loop freed, in which they are counted.
 * So a thread that comes back later finds all in place.
 *
 * All signals are blocked in the threads, so that they go to the loop's.
 */
#include <cio/thread.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include <cio/scope.h>
#include <cio/time.h>

#include "base/list.h"
#include "base/mem.h"
#include "exec/exec.h"

enum { DEFAULT_THREADS = 32 };

void cio__executor_put(cio_executor *e)
{
	if (atomic_fetch_sub(&e->shares, 1) > 1)
		return;
	(void)pthread_cond_destroy(&e->work);
	(void)pthread_mutex_destroy(&e->lock);
	cio__free(e);
}

int cio__executor_start_thread(cio_executor *e)
{
	struct thread *t = &e->thread[e->threads];
	*t = (struct thread){.executor = e};
	atomic_fetch_add(&e->shares, 1);
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = -pthread_create(&t->id, NULL, cio__thread_work, t);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err < 0)
		cio__executor_put(e);
	else
		e->threads++;
	return err;
}

/* ---- close ---- */

static void refuse_waiting(cio_executor *e)
{
	cio_waiter *w;
	while ((w = cio_first_waiter(&e->room)) != NULL)
		cio_unpark(w);

	cio_link refused = {0}, *link;
	pthread_mutex_lock(&e->lock);
	while ((link = list_pop(&e->queue)) != NULL)
		list_push(&refused, link);
	e->queued = 0;
	e->stop = true;
	pthread_cond_broadcast(&e->work);
	pthread_mutex_unlock(&e->lock);
	while ((link = list_pop(&refused)) != NULL)
		cio__job_shut(container_of(link, struct job, link));
}

static cio_time close_deadline(cio_duration d)
{
	cio_time own = cio_time_after(d > 0 ? d : 0), end = cio_loop_deadline();
	return own < end ? own : end;
}

static int wait_for_callers(cio_executor *e, cio_time deadline)
{
	cio_scope s;
	cio_shield_begin(&s, deadline);
	int err = 0;
	while (err == 0 && e->callers > 0) {
		cio_waiter w;
		err = cio_park(&w, &e->closers, "the jobs of an executor");
	}
	return cio_scope_end(&s, err);
}

/* The lock is held, so the job is still at hand. */
static void name_stuck(const cio_executor *e, const struct job *j, bool first)
{
	double seconds = (double)(cio__clock() - j->since) / 1e9;
	cio_report(CIO_LEVEL_ERROR,
		"executor %s: %s, called at %s, has been running for %.1f s and "
		"did not end in time: its thread is abandoned",
		e->name, j->name, j->site, seconds);
	if (first)
		(void)cio_fail(-ETIMEDOUT,
			"executor %s: %s, called at %s, did not end in time",
			e->name, j->name, j->site);
}

/* Give up the threads that have a job. How many? */
static uint32_t abandon_busy(cio_executor *e)
{
	uint32_t n = 0;
	pthread_mutex_lock(&e->lock);
	for (uint32_t i = 0; i < e->threads; i++) {
		struct thread *t = &e->thread[i];
		if (t->job == NULL)
			continue;
		name_stuck(e, t->job, n++ == 0);
		t->abandoned = true;
		(void)pthread_detach(t->id);
	}
	pthread_mutex_unlock(&e->lock);
	return n;
}

static void join_threads(cio_executor *e)
{
	for (uint32_t i = 0; i < e->threads; i++) {
		if (!e->thread[i].abandoned)
			(void)pthread_join(e->thread[i].id, NULL);
	}
}

int cio_executor_close_within(cio_executor *e, cio_duration d)
{
	if (e == NULL)
		return 0;
	if (e->loop != cio_current_loop())
		cio__misuse("closes executor %s, which belongs to another loop",
			e->name);
	if (cio_current_task() == NULL)
		cio__misuse("closes executor %s, which a task has to do: it waits",
			e->name);
	if (e->closing)
		cio__misuse("closes executor %s, which is being closed", e->name);
	e->closing = true;
	cio_loop_value_drop(&e->value);
	cio_handle_forget(&e->handle);
	refuse_waiting(e);
	int err = wait_for_callers(e, close_deadline(d));
	if (err < 0 && abandon_busy(e) == 0)
		err = wait_for_callers(e, CIO_NEVER); /* all are on their way */
	join_threads(e);
	cio__executor_put(e);
	return err;
}

void cio_executor_close(cio_executor *e)
{
	(void)cio_executor_close_within(e, CIO_NEVER);
}

/* ---- open ---- */

static void finish(cio_loop_value *v)
{
	cio_executor_close(container_of(v, cio_executor, value));
}

static void describe(cio_handle *h, char *text)
{
	(void)snprintf(text, CIO_HANDLE_TEXT, "%s",
		container_of(h, cio_executor, handle)->name);
}

int cio__executor_open(const char *site, cio_executor **out,
	const cio_executor_options *o)
{
	static const cio_handle_kind kind = {"executor", describe, NULL};
	static const cio_executor_options defaults;
	if (o == NULL)
		o = &defaults;
	if (cio_current_loop() == NULL)
		return cio_fail(-EDEADLK, "an executor belongs to a loop: open it "
			"in what cio_run runs");
	uint32_t limit = o->threads > 0 ? o->threads : DEFAULT_THREADS;
	cio_executor *e = cio__zalloc(sizeof *e + limit * sizeof e->thread[0]);
	if (e == NULL)
		return -ENOMEM;
	atomic_init(&e->shares, 1);
	(void)pthread_mutex_init(&e->lock, NULL);
	(void)pthread_cond_init(&e->work, NULL);
	e->loop = cio_current_loop();
	e->name = o->name != NULL ? o->name : "(without a name)";
	e->limit = limit;
	e->most = o->queue_limit > 0 ? (uint64_t)limit + o->queue_limit :
				       UINT64_MAX;
	e->value = (cio_loop_value){.key = e, .finish = finish};
	cio_loop_value_set(&e->value);
	cio_handle_note(&e->handle, &kind, site);
	*out = e;
	return 0;
}

int cio__executor_default(cio_executor **out)
{
	static const char key = 0;
	cio_loop_value *v = cio_loop_value_get(&key);
	if (v == NULL) {
		int err = cio__executor_open(NULL, out,
			&(cio_executor_options){.name = "default"});
		if (err < 0)
			return err;
		v = &(*out)->value;
		v->key = &key;
	}
	*out = container_of(v, cio_executor, value);
	return 0;
}

cio_executor_figures cio_executor_get_figures(cio_executor *e)
{
	pthread_mutex_lock(&e->lock);
	const struct histogram *w = &e->waits;
	cio_executor_figures f = {.threads = e->threads,
		.idle = e->idle,
		.queued = e->queued,
		.done = e->done,
		.started = w->count,
		.wait_total = (cio_duration)w->sum,
		.wait_p50 = (cio_duration)cio__histogram_percentile(w, 50),
		.wait_p99 = (cio_duration)cio__histogram_percentile(w, 99),
		.wait_max = (cio_duration)w->max};
	pthread_mutex_unlock(&e->lock);
	return f;
}

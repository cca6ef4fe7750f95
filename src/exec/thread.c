/* SPDX-License-Identifier: MIT */
/*
 * thread.c - blocking functions, run by threads
 *
 * A job lives on the stack of the task that waits for it, or, if it may be
 * abandoned, on the heap. Three parties know it, one after the other: the queue
 * (under the lock), the thread that took it, and the loop's inbox, whose message
 * wakes the task. A job that is still in the queue can be withdrawn; once a
 * thread has taken it, only its end counts. An abandoned job is ended by its
 * message, which nobody waits for any more.
 *
 * Invariants: `idle` counts the threads that have no job, from before the
 * message of their last one is posted, so that the figures are right when its
 * task runs. `inside` counts the jobs submitted and not over, on the loop's
 * side alone; while a caller waits in `room`, it is at its maximum: who leaves
 * hands its place to the oldest.
 */
#include <cio/thread.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"
#include "exec/exec.h"

cio_time cio__clock(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return CIO_S(t.tv_sec) + t.tv_nsec;
}

/* ---- in a thread ---- */

static _Thread_local struct job *current;

bool cio_thread_cancelled(void)
{
	return current != NULL && atomic_load(&current->cancelled);
}

static void perform(struct job *j)
{
	current = j;
	(void)cio_fail(0, "%s", "");
	j->result = cio_context_run(j->context, j->fn, j->arg);
	j->text[0] = '\0';
	if (j->result < 0)
		strncat(j->text, cio_error_text(), sizeof j->text - 1);
	current = NULL;
}

/* The next job, NULL at the end. The lock is held. */
static struct job *take(struct thread *t)
{
	cio_executor *e = t->executor;
	while (!e->stop && list_empty(&e->queue))
		pthread_cond_wait(&e->work, &e->lock);
	if (list_empty(&e->queue))
		return NULL;
	e->queued--;
	e->idle--;
	struct job *j = container_of(list_pop(&e->queue), struct job, link);
	cio_time now = cio__clock();
	cio__histogram_record(&e->waits, (uint64_t)(now - j->since));
	j->since = now;
	return t->job = j;
}

void *cio__thread_work(void *arg)
{
	struct thread *t = arg;
	cio_executor *e = t->executor;
	struct job *j;
	pthread_mutex_lock(&e->lock);
	while ((j = take(t)) != NULL) {
		pthread_mutex_unlock(&e->lock);
		perform(j);

		pthread_mutex_lock(&e->lock);
		t->job = NULL;
		e->done++;
		e->idle++;
		pthread_mutex_unlock(&e->lock);
		/* from here on the job is its task's again, or gone */
		cio_loop_post(e->loop, &j->message);
		pthread_mutex_lock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	cio__executor_put(e);
	return NULL;
}

/* ---- places ---- */

static int shut(const cio_executor *e)
{
	return cio_fail(-ESHUTDOWN, "executor %s is being closed", e->name);
}

static void give_place(cio_executor *e)
{
	cio_waiter *w = cio_first_waiter(&e->room);
	if (w == NULL) {
		e->inside--;
		return;
	}
	w->value = 1; /* handed over; 0: the executor is being closed */
	cio_unpark(w);
}

static int take_place(cio_executor *e)
{
	if (e->closing)
		return shut(e);
	if (e->inside < e->most) {
		e->inside++;
		return 0;
	}
	cio_waiter w = {0};
	int err = cio_park(&w, &e->room, "a place in the queue of an executor");
	if (err < 0 || (w.value != 0 && !e->closing))
		return err;
	if (w.value != 0) /* closed since it was handed over */
		give_place(e);
	return shut(e);
}

static void enter(cio_executor *e)
{
	e->callers++;
	atomic_fetch_add(&e->shares, 1);
}

static void leave(cio_executor *e)
{
	cio_waiter *w;
	e->callers--;
	while (e->callers == 0 && (w = cio_first_waiter(&e->closers)) != NULL)
		cio_unpark(w);
	cio__executor_put(e);
}

/* ---- one job, on the loop's side ---- */

/* It was run or refused. */
static void end_job(struct job *j)
{
	cio_loop_unhold();
	cio_context_free(j->context);
	give_place(j->executor);
	leave(j->executor);
}

static void end_abandoned(struct job *j)
{
	if (j->result < 0 && j->result != -ECANCELED)
		cio_report(CIO_LEVEL_ERROR,
			"%s, called at %s, failed after it was abandoned: %s%s%s",
			j->name, j->site, cio_strerror(j->result),
			j->text[0] != '\0' ? ": " : "", j->text);
	end_job(j);
	cio__free(j);
}

static void deliver(cio_message *m)
{
	struct job *j = container_of(m, struct job, message);
	if (j->abandoned)
		end_abandoned(j);
	else
		cio_unpark(&j->waiter);
}

/* Take a job out of the queue again, if no thread was faster. */
static bool withdraw(struct job *j)
{
	cio_executor *e = j->executor;
	pthread_mutex_lock(&e->lock);
	bool queued = list_in(&j->link);
	if (queued) {
		list_remove(&j->link);
		e->queued--;
	}
	pthread_mutex_unlock(&e->lock);
	return queued;
}

static void refuse(struct job *j, int err)
{
	j->result = err;
	cio_unpark(&j->waiter);
}

void cio__job_shut(struct job *j)
{
	(void)snprintf(j->text, sizeof j->text, "executor %s was closed before it "
		"came to %s", j->executor->name, j->name);
	refuse(j, -ESHUTDOWN);
}

static void interrupt(void *arg)
{
	struct job *j = arg;
	atomic_store(&j->cancelled, true);
	if (withdraw(j)) {
		refuse(j, -ECANCELED);
	} else if (j->told_abandoned != NULL) {
		*j->told_abandoned = j->abandoned = true;
		cio_unpark(&j->waiter);
	}
}

/* Put the job into the queue, with one more thread if none is free for it. */
static int submit(cio_executor *e, struct job *j)
{
	j->since = cio__clock();
	pthread_mutex_lock(&e->lock);
	list_push(&e->queue, &j->link);
	e->queued++;
	bool more = e->queued > e->idle && e->threads < e->limit;
	if (more)
		e->idle++;
	pthread_cond_signal(&e->work);
	pthread_mutex_unlock(&e->lock);
	if (!more)
		return 0;

	int err = cio__executor_start_thread(e);
	if (err == 0)
		return 0;
	pthread_mutex_lock(&e->lock);
	e->idle--;
	pthread_mutex_unlock(&e->lock);
	if (e->threads > 0)
		return 0; /* one of these will come to it */
	(void)withdraw(j);
	return cio_fail(-EAGAIN, "executor %s: no thread could be started: %s",
		e->name, cio_strerror(err));
}

static int begin(cio_executor *e, struct job *j)
{
	enter(e);
	int err = take_place(e);
	if (err == 0) {
		err = submit(e, j);
		if (err < 0)
			give_place(e);
	}
	if (err < 0)
		leave(e);
	return err;
}

/* What the function returned, or a refusal. If *abandoned (NULL: it may not be)
 * is set then, the job is its message's, or gone. */
static int run(struct job *j, bool *abandoned)
{
	j->told_abandoned = abandoned;
	j->context = cio_context_copy();
	int err = begin(j->executor, j);
	if (err < 0) {
		cio_context_free(j->context);
		return err;
	}
	cio_loop_hold();
	cio_settle(&j->waiter, NULL, "thread", interrupt, j);
	if (abandoned != NULL && *abandoned)
		return cio_refused();
	end_job(j);
	err = j->result;
	if (err == -ECANCELED && atomic_load(&j->cancelled) && cio_refused() < 0)
		err = cio_refused();
	return err < 0 && j->text[0] != '\0' ? cio_fail(err, "%s", j->text) : err;
}

static int run_copy(struct job job, size_t size)
{
	struct copy {
		struct job job;
		_Alignas(max_align_t) char arg[];
	} *c = cio__alloc(sizeof *c + size);
	if (c == NULL)
		return -ENOMEM;
	c->job = job;
	c->job.arg = memcpy(c->arg, job.arg, size);
	bool abandoned = false;
	int err = run(&c->job, &abandoned);
	if (abandoned)
		return err;
	memcpy(job.arg, c->arg, size);
	cio__free(c);
	return err;
}

int cio__to_thread_with(const cio_thread_options *options, int (*fn)(void *),
	void *arg, size_t size, const char *name, const char *site)
{
	int err = cio_checkpoint(); /* before a loop is looked for */
	cio_executor *e = options != NULL ? options->executor : NULL;
	if (err == 0 && e == NULL)
		err = cio__executor_default(&e);
	if (err == 0 && e->loop != cio_current_loop())
		err = cio_fail(-EINVAL, "executor %s belongs to another loop",
			e->name);
	if (err < 0)
		return err;
	struct job j = {.fn = fn,
		.arg = arg,
		.name = name,
		.site = site,
		.executor = e,
		.message = {.deliver = deliver}};
	bool abandon = options != NULL && options->abandon;
	return abandon ? run_copy(j, size) : run(&j, NULL);
}

int cio__executor_run(cio_executor *e, int (*fn)(void *), void *arg,
	const char *name, const char *site)
{
	return cio__to_thread_with(&(cio_thread_options){.executor = e}, fn, arg,
		0, name, site);
}

/* SPDX-License-Identifier: MIT */
/*
 * thread.c - blocking functions, run by threads
 *
 * A job lives on the stack of the task that waits for it. Three parties know
 * it, one after the other: the queue (under the lock), the thread that took it,
 * and the loop's inbox, whose message wakes the task. A job that is still in
 * the queue can be withdrawn; once a thread has taken it, only its end counts.
 *
 * Invariants: `idle` counts the threads that have no job, from before the
 * message of their last one is posted, so that the figures are right when its
 * task runs. `inside` counts the jobs submitted and not over, on the loop's
 * side alone; while a caller waits in `room`, it is at its maximum: who leaves
 * hands its place to the oldest. An executor is freed only when `callers` is 0.
 *
 * All signals are blocked in the threads, so that they go to the loop's.
 */
#include <cio/thread.h>

#include <cio/impl.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/list.h"
#include "base/mem.h"

enum { DEFAULT_THREADS = 32, TEXT_BYTES = 256 };

struct job {
	cio_link link; /* in the queue, or zero: taken, withdrawn or refused */
	int (*fn)(void *);
	void *arg;
	int result;
	atomic_bool cancelled;
	cio_executor *executor;
	cio_message message;
	cio_waiter waiter;
	char text[TEXT_BYTES]; /* of cio_fail in the thread */
};

struct cio_executor {
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work; /* a job came, or `stop` */
	cio_link queue;
	uint32_t queued, idle;
	uint64_t done;
	bool stop;

	/* the loop's thread alone */
	cio_loop_value value; /* its finisher closes what was left open */
	cio_loop *loop;
	const char *name;
	cio_link room; /* callers that wait for a place */
	cio_waiter *closer;
	uint64_t inside, most, callers;
	bool closing;
	uint32_t limit, threads;
	pthread_t thread[];
};

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
	j->result = j->fn(j->arg);
	j->text[0] = '\0';
	if (j->result < 0)
		strncat(j->text, cio_error_text(), sizeof j->text - 1);
	current = NULL;
}

/* The next job, NULL at the end. The lock is held. */
static struct job *take(cio_executor *e)
{
	while (!e->stop && list_empty(&e->queue))
		pthread_cond_wait(&e->work, &e->lock);
	if (list_empty(&e->queue))
		return NULL;
	e->queued--;
	e->idle--;
	return container_of(list_pop(&e->queue), struct job, link);
}

static void *work(void *arg)
{
	cio_executor *e = arg;
	struct job *j;
	pthread_mutex_lock(&e->lock);
	while ((j = take(e)) != NULL) {
		pthread_mutex_unlock(&e->lock);
		perform(j);

		pthread_mutex_lock(&e->lock);
		e->done++;
		e->idle++;
		pthread_mutex_unlock(&e->lock);
		/* from here on the job is its task's again, or gone */
		cio_loop_post(e->loop, &j->message);
		pthread_mutex_lock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

/* ---- one job, on the loop's side ---- */

static void deliver(cio_message *m)
{
	cio_unpark(&container_of(m, struct job, message)->waiter);
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

static void refuse(struct job *j)
{
	j->result = -ECANCELED;
	cio_unpark(&j->waiter);
}

static void interrupt(void *arg)
{
	struct job *j = arg;
	atomic_store(&j->cancelled, true);
	if (withdraw(j))
		refuse(j);
}

static int start_thread(cio_executor *e)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = -pthread_create(&e->thread[e->threads], NULL, work, e);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* Put the job into the queue, with one more thread if none is free for it. */
static int submit(cio_executor *e, struct job *j)
{
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

	int err = start_thread(e);
	if (err == 0) {
		e->threads++;
		return 0;
	}
	pthread_mutex_lock(&e->lock);
	e->idle--;
	pthread_mutex_unlock(&e->lock);
	if (e->threads > 0)
		return 0; /* one of these will come to it */
	(void)withdraw(j);
	return cio_fail(-EAGAIN, "executor %s: no thread could be started: %s",
		e->name, cio_strerror(err));
}

/* `j` is a place's owner's; wait for the job's end. */
static int run_job(cio_executor *e, struct job *j)
{
	int err = submit(e, j);
	if (err < 0)
		return err;
	cio_loop_hold();
	cio_settle(&j->waiter, NULL, "thread", interrupt, j);
	cio_loop_unhold();
	return j->result;
}

/* ---- places ---- */

static int shut(const cio_executor *e)
{
	return cio_fail(-ESHUTDOWN, "executor %s is being closed", e->name);
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
	return err < 0 || w.value != 0 ? err : shut(e);
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

static void leave(cio_executor *e)
{
	if (--e->callers == 0 && e->closer != NULL) {
		cio_unpark(e->closer);
		e->closer = NULL;
	}
}

int cio_executor_run(cio_executor *e, int (*fn)(void *), void *arg)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	e->callers++;
	err = take_place(e);
	if (err < 0) {
		leave(e);
		return err;
	}
	struct job j = {.fn = fn,
		.arg = arg,
		.executor = e,
		.message = {.deliver = deliver}};
	err = run_job(e, &j);
	give_place(e);
	leave(e);
	if (err == -ECANCELED && atomic_load(&j.cancelled) && cio_refused() < 0)
		err = cio_refused();
	return err < 0 && j.text[0] != '\0' ? cio_fail(err, "%s", j.text) : err;
}

/* ---- open and close ---- */

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
	pthread_mutex_unlock(&e->lock);
	while ((link = list_pop(&refused)) != NULL)
		refuse(container_of(link, struct job, link));
}

static void join_threads(cio_executor *e)
{
	pthread_mutex_lock(&e->lock);
	e->stop = true;
	pthread_cond_broadcast(&e->work);
	pthread_mutex_unlock(&e->lock);
	for (uint32_t i = 0; i < e->threads; i++)
		(void)pthread_join(e->thread[i], NULL);
}

void cio_executor_close(cio_executor *e)
{
	if (e == NULL)
		return;
	assert(!e->closing && "an executor is closed once");
	e->closing = true;
	cio_loop_value_drop(&e->value);
	refuse_waiting(e);
	if (e->callers > 0) {
		cio_waiter w = {0};
		e->closer = &w;
		cio_settle(&w, NULL, "the jobs of an executor", NULL, NULL);
	}
	join_threads(e);
	(void)pthread_cond_destroy(&e->work);
	(void)pthread_mutex_destroy(&e->lock);
	cio__free(e);
}

static void finish(cio_loop_value *v)
{
	cio_executor_close(container_of(v, cio_executor, value));
}

static void finish_forgotten(cio_loop_value *v)
{
	cio_executor *e = container_of(v, cio_executor, value);
	cio_report(CIO_LEVEL_WARNING, "executor %s was never closed", e->name);
	cio_executor_close(e);
}

int cio_executor_open(cio_executor **out, const cio_executor_options *o)
{
	static const cio_executor_options defaults;
	if (o == NULL)
		o = &defaults;
	assert(cio_current_loop() != NULL && "executors belong to a loop");
	uint32_t limit = o->threads > 0 ? o->threads : DEFAULT_THREADS;
	cio_executor *e = cio__zalloc(sizeof *e + limit * sizeof e->thread[0]);
	if (e == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&e->lock, NULL);
	(void)pthread_cond_init(&e->work, NULL);
	e->loop = cio_current_loop();
	e->name = o->name != NULL ? o->name : "(without a name)";
	e->limit = limit;
	e->most = o->queue_limit > 0 ? (uint64_t)limit + o->queue_limit :
				       UINT64_MAX;
	e->value = (cio_loop_value){.key = e, .finish = finish_forgotten};
	cio_loop_value_set(&e->value);
	*out = e;
	return 0;
}

cio_executor_figures cio_executor_get_figures(cio_executor *e)
{
	pthread_mutex_lock(&e->lock);
	cio_executor_figures f = {.threads = e->threads,
		.idle = e->idle,
		.queued = e->queued,
		.done = e->done};
	pthread_mutex_unlock(&e->lock);
	return f;
}

/* ---- the loop's default executor ---- */

static const char default_key = 0;

int cio_to_thread(int (*fn)(void *), void *arg)
{
	int err = cio_checkpoint(); /* before a loop is looked for */
	if (err < 0)
		return err;
	cio_loop_value *v = cio_loop_value_get(&default_key);
	if (v == NULL) {
		cio_executor *e;
		err = cio_executor_open(&e,
			&(cio_executor_options){.name = "default"});
		if (err < 0)
			return err;
		e->value.key = &default_key;
		e->value.finish = finish;
		v = &e->value;
	}
	return cio_executor_run(container_of(v, cio_executor, value), fn, arg);
}

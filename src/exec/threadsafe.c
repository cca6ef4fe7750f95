/* SPDX-License-Identifier: MIT */
/*
 * threadsafe.c - calls and tasks asked for by plain threads
 *
 * A reference outlives its loop. While it is open, a task of the loop, the
 * keeper, makes the loop expect threads; it sleeps until the last user has put
 * the reference, or until the end of the run cancels it. Then it closes the
 * reference and waits for its own last message, `leave`. Messages are posted
 * under the lock and delivered in order, so everything that was accepted has
 * come before it, and no thread is in the loop's inbox: the loop may end.
 *
 * A future has two owners: the thread, and what will give it its result, the
 * start message and then the task. An unfinished future is a user of the
 * reference, so `cancel`, which goes the same way, comes before `leave`, too. If
 * the run gives up on its tasks, the finisher of the loop's value, which runs
 * after that, gives the futures left their result.
 */
#include <cio/threadsafe.h>

#include <cio/context.h>
#include <cio/impl.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"

enum { TEXT_BYTES = 256 };

struct cio_loop_ref {
	_Atomic uint32_t shares; /* of the memory: users, keeper, value */

	/* under the lock */
	pthread_mutex_t lock;
	uint32_t users;
	bool closed, leaving; /* leaving: `leave` was posted */

	cio_message leave;

	/* the loop's thread alone */
	cio_loop *loop;
	cio_link keeper; /* it waits here */
	bool left;
	cio_link futures; /* those of started tasks */
	cio_loop_value value;
};

/* ---- references ---- */

static void ref_release(cio_loop_ref *r)
{
	if (atomic_fetch_sub(&r->shares, 1) > 1)
		return;
	(void)pthread_mutex_destroy(&r->lock);
	cio__free(r);
}

static void deliver_leave(cio_message *m)
{
	cio_loop_ref *r = container_of(m, cio_loop_ref, leave);
	cio_waiter *w = cio_first_waiter(&r->keeper);
	r->left = true;
	if (w != NULL) /* else it is awake already: cancelled */
		cio_unpark(w);
}

/* The lock is held. */
static void post_leave(cio_loop_ref *r)
{
	if (r->leaving)
		return;
	r->leaving = true;
	cio_loop_post(r->loop, &r->leave);
}

static void close_ref(cio_loop_ref *r)
{
	pthread_mutex_lock(&r->lock);
	r->closed = true;
	post_leave(r);
	pthread_mutex_unlock(&r->lock);
}

/* Post a message, and with it count a user, unless the loop has closed. */
static int post(cio_loop_ref *r, cio_message *m, uint32_t users)
{
	pthread_mutex_lock(&r->lock);
	bool closed = r->closed;
	if (!closed) {
		r->users += users;
		atomic_fetch_add(&r->shares, users);
		cio_loop_post(r->loop, m);
	}
	pthread_mutex_unlock(&r->lock);
	return closed ? -ESHUTDOWN : 0;
}

static int keep(cio_loop_ref *const *ref)
{
	cio_loop_ref *r = *ref;
	cio_waiter w;
	if (!r->left && cio_park(&w, &r->keeper, "other threads") < 0)
		close_ref(r); /* the run is about to end */
	while (!r->left)
		cio_settle(&w, &r->keeper, "other threads", NULL, NULL);
	cio_loop_expect_end();

	pthread_mutex_lock(&r->lock);
	bool unused = r->users == 0;
	pthread_mutex_unlock(&r->lock);
	if (unused && r->value.finish != NULL) {
		cio_loop_value_drop(&r->value);
		ref_release(r);
	}
	ref_release(r);
	return 0;
}

static void finish_value(cio_loop_value *v);

static cio_loop_ref *ref_new(void)
{
	cio_loop_ref *r = cio__zalloc(sizeof *r);
	if (r == NULL)
		return NULL;
	r->loop = cio_current_loop();
	r->leave.deliver = deliver_leave;
	r->value = (cio_loop_value){.key = r, .finish = finish_value};
	r->users = 1;
	atomic_init(&r->shares, 3);
	(void)pthread_mutex_init(&r->lock, NULL);
	return r;
}

int cio_loop_ref_take(cio_loop_ref **out)
{
	if (cio_current_loop() == NULL)
		return cio_fail(-ESHUTDOWN, "there is no loop to refer to");
	cio_loop_ref *r = ref_new();
	cio_task *keeper = r != NULL ? cio_spawn(keep, &r) : NULL;
	if (keeper == NULL) {
		if (r != NULL)
			(void)pthread_mutex_destroy(&r->lock);
		cio__free(r);
		return -ENOMEM;
	}
	cio_detach(keeper, "a loop's reference");
	cio_loop_expect();
	cio_loop_value_set(&r->value);
	*out = r;
	return 0;
}

cio_loop_ref *cio_loop_ref_dup(cio_loop_ref *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->users++;
	atomic_fetch_add(&loop->shares, 1);
	pthread_mutex_unlock(&loop->lock);
	return loop;
}

void cio_loop_ref_put(cio_loop_ref *loop)
{
	if (loop == NULL)
		return;
	pthread_mutex_lock(&loop->lock);
	if (--loop->users == 0 && !loop->closed)
		post_leave(loop);
	pthread_mutex_unlock(&loop->lock);
	ref_release(loop);
}

/* ---- calls ---- */

struct call {
	cio_message message;
	int (*fn)(void *);
	void *arg;
	const char *name, *site;
	cio_context *context; /* of whoever asked */
};

static void deliver_call(cio_message *m)
{
	struct call c = *container_of(m, struct call, message);
	cio__free(container_of(m, struct call, message));
	(void)cio_fail(0, "%s", "");
	int err = cio_context_run(c.context, c.fn, c.arg);
	cio_context_free(c.context);
	if (err >= 0)
		return;
	const char *text = cio_error_text();
	cio_report(CIO_LEVEL_ERROR,
		"call of %s, asked for at %s, failed: %s%s%s", c.name, c.site,
		cio_strerror(err), *text != '\0' ? ": " : "", text);
}

int cio__call_threadsafe(cio_loop_ref *loop, int (*fn)(void *), void *arg,
	const char *name, const char *site)
{
	struct call *c = cio__alloc(sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	*c = (struct call){.message.deliver = deliver_call,
		.fn = fn,
		.arg = arg,
		.name = name,
		.site = site,
		.context = cio_context_copy()};
	int err = post(loop, &c->message, 0);
	if (err < 0) {
		cio_context_free(c->context);
		cio__free(c);
	}
	return err;
}

/* ---- futures ---- */

struct cio_future {
	_Atomic uint32_t shares; /* the thread, the task, a cancel on its way */
	cio_loop_ref *ref;
	int (*fn)(void *);
	void *arg;
	const char *name, *site;
	const char *cancel_site;
	cio_message start, cancel;
	cio_context *context; /* of the thread; until the task has it */

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool done, detached, cancelled;
	bool refused; /* set before done: its result is a refusal, no failure */
	int result;
	char text[TEXT_BYTES];

	/* the loop's thread alone */
	cio_link link; /* in the reference's */
	cio_task *task;
};

static void future_release(cio_future *f)
{
	if (atomic_fetch_sub(&f->shares, 1) > 1)
		return;
	cio_context_free(f->context);
	(void)pthread_cond_destroy(&f->ended);
	(void)pthread_mutex_destroy(&f->lock);
	cio__free(f);
}

/* The first result counts. Does anybody want it? */
static bool give_result(cio_future *f, int result, const char *text)
{
	list_remove(&f->link);
	pthread_mutex_lock(&f->lock);
	bool wanted = !f->detached;
	if (!f->done) {
		f->done = true;
		f->result = result;
		(void)snprintf(f->text, sizeof f->text, "%s", text);
		(void)pthread_cond_broadcast(&f->ended);
	}
	pthread_mutex_unlock(&f->lock);
	return wanted;
}

static void settle(cio_future *f)
{
	cio_loop_ref *r = f->ref;
	future_release(f);
	cio_loop_ref_put(r);
}

static int perform(cio_future *const *future)
{
	cio_future *f = *future;
	int result = f->fn(f->arg);
	bool refused = cio_refused() < 0 &&
		(result == -ECANCELED || result == -ETIMEDOUT);
	f->task = NULL;
	pthread_mutex_lock(&f->lock);
	f->refused = refused;
	pthread_mutex_unlock(&f->lock);
	bool wanted = give_result(f, result,
		result < 0 ? cio_error_text() : "");
	settle(f);
	return wanted ? 0 : result; /* else it is reported as any task's */
}

static int start_task(void *future)
{
	cio_future *f = future;
	f->task = cio__spawn(NULL, (int (*)(void *))perform, &f, sizeof f,
		f->name, f->site);
	return 0;
}

static void deliver_start(cio_message *m)
{
	cio_future *f = container_of(m, cio_future, start);
	list_push(&f->ref->futures, &f->link);
	(void)cio_context_run(f->context, start_task, f);
	cio_context_free(f->context);
	f->context = NULL;
	if (f->task != NULL) {
		cio_detach(f->task, NULL);
		return;
	}
	if (!give_result(f, -ENOMEM, ""))
		cio_report(CIO_LEVEL_ERROR,
			"task %s, spawned at %s, could not start: %s", f->name,
			f->site, cio_strerror(-ENOMEM));
	settle(f);
}

static void deliver_cancel(cio_message *m)
{
	cio_future *f = container_of(m, cio_future, cancel);
	if (f->task != NULL)
		cio__task_cancel(f->cancel_site, f->task,
			"its future was cancelled");
	future_release(f);
}

/* The run has ended, as far as it could: the tasks left will not go on. */
static void finish_value(cio_loop_value *v)
{
	cio_loop_ref *r = container_of(v, cio_loop_ref, value);
	v->finish = NULL;
	close_ref(r);
	while (!list_empty(&r->futures))
		(void)give_result(
			container_of(r->futures.next, cio_future, link),
			-ESHUTDOWN, "the loop ended without the task");
	ref_release(r);
}

static void init_waiting(cio_future *f)
{
	pthread_condattr_t clock;
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&clock);
	(void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->ended, &clock);
	(void)pthread_condattr_destroy(&clock);
}

int cio__run_threadsafe(cio_loop_ref *loop, int (*fn)(void *), void *arg,
	cio_future **out, const char *name, const char *site)
{
	cio_future *f = cio__zalloc(sizeof *f);
	if (f == NULL)
		return -ENOMEM;
	f->ref = loop;
	f->fn = fn;
	f->arg = arg;
	f->name = name;
	f->site = site;
	f->start.deliver = deliver_start;
	f->cancel.deliver = deliver_cancel;
	f->context = cio_context_copy();
	atomic_init(&f->shares, 2);
	init_waiting(f);
	int err = post(loop, &f->start, 1);
	if (err == 0) {
		*out = f;
		return 0;
	}
	atomic_store(&f->shares, 1);
	future_release(f);
	return err;
}

/* ---- the thread's side of a future ---- */

static int refuse_in_loop(void)
{
	if (cio_current_loop() == NULL)
		return 0;
	return cio_fail(-EDEADLK, "a thread that runs a loop cannot block");
}

int cio_future_wait(cio_future *f)
{
	int err = refuse_in_loop();
	if (err < 0)
		return err;
	pthread_mutex_lock(&f->lock);
	while (!f->done)
		pthread_cond_wait(&f->ended, &f->lock);
	pthread_mutex_unlock(&f->lock);
	int result = f->result;
	if (result < 0)
		(void)cio_fail(result, "%s", f->text);
	future_release(f);
	return result;
}

static struct timespec clock_after(cio_duration d)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	if (d < 0)
		d = 0;
	t.tv_sec += (time_t)(d / CIO_S(1));
	t.tv_nsec += (long)(d % CIO_S(1));
	if (t.tv_nsec >= CIO_S(1)) {
		t.tv_sec++;
		t.tv_nsec -= (long)CIO_S(1);
	}
	return t;
}

int cio_future_wait_for(cio_future *f, cio_duration d)
{
	int err = refuse_in_loop();
	if (err < 0)
		return err;
	struct timespec until = clock_after(d);
	pthread_mutex_lock(&f->lock);
	while (!f->done && err == 0)
		err = pthread_cond_timedwait(&f->ended, &f->lock, &until);
	bool done = f->done;
	pthread_mutex_unlock(&f->lock);
	return done ? 0 : -ETIMEDOUT;
}

bool cio_future_done(cio_future *f)
{
	pthread_mutex_lock(&f->lock);
	bool done = f->done;
	pthread_mutex_unlock(&f->lock);
	return done;
}

void cio__future_cancel(const char *site, cio_future *f)
{
	pthread_mutex_lock(&f->lock);
	bool again = f->cancelled || f->done;
	f->cancelled = true;
	/* under the lock the task cannot end, so its reference is alive */
	if (!again) {
		f->cancel_site = site;
		atomic_fetch_add(&f->shares, 1);
		if (post(f->ref, &f->cancel, 0) < 0) /* the run's end has */
			atomic_fetch_sub(&f->shares, 1);
	}
	pthread_mutex_unlock(&f->lock);
}

void cio_future_detach(cio_future *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	f->detached = true;
	bool lost = f->done && f->result < 0 && !f->refused;
	pthread_mutex_unlock(&f->lock);
	if (lost)
		cio_report(CIO_LEVEL_ERROR,
			"task %s, spawned at %s, failed and nobody looked: %s",
			f->name, f->site, cio_strerror(f->result));
	future_release(f);
}

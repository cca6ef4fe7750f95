/* SPDX-License-Identifier: MIT */
/* a thread cancels what it has asked a loop for, and a loop cancels it */
/* drivers: epoll uring sim */
/* threads */
#include "parity.h"

static cio_loop_ref *loop;
static cio_event started;
static cio_task *the_job;

static int job(void *unused)
{
	(void)unused;
	the_job = cio_current_task();
	cio_event_set(&started);
	int err = cio_sleep(LONG);
	say("job: %s", outcome(err));
	return err;
}

static int waits_start(void *unused)
{
	(void)unused;
	return cio_event_wait(&started);
}

static int thread(void *arg)
{
	const bool *cancel = arg;
	cio_future *f, *begun;
	int err = cio_run_threadsafe(loop, job, NULL, &f);
	if (err < 0)
		return err;
	if (*cancel) {
		CHECK_INT(cio_run_threadsafe(loop, waits_start, NULL, &begun),
			0);
		CHECK_INT(cio_future_wait(begun), 0);
		cio_future_cancel(f);
	}
	return cio_future_wait(f);
}

static int in_thread(const bool *cancel)
{
	bool copy = *cancel;
	return cio_to_thread(thread, &copy);
}

static void attempt(const char *label, bool cancel)
{
	say("%s", label);
	cio_event_clear(&started);
	cio_task *waits = cio_spawn(in_thread, &cancel);
	if (!cancel) {
		CHECK_INT(cio_event_wait(&started), 0);
		cio_task_cancel(the_job, "no need");
	}
	say("thread: %s", outcome(cio_await(waits)));
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	attempt("by the thread", true);
	attempt("by the loop", false);
	cio_loop_ref_put(loop);
	return 0;
}

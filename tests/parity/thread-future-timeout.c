/* SPDX-License-Identifier: MIT */
/* a thread waits for a loop's task with a limit, and again */
/* drivers: epoll uring sim */
/* threads */
#include "parity.h"

static cio_loop_ref *loop;
static cio_event over;

static int job(void *unused)
{
	(void)unused;
	int err = cio_event_wait(&over);
	return err < 0 ? err : 5;
}

static int fails(void *unused)
{
	(void)unused;
	return raise_error("job");
}

static int set(void *unused)
{
	(void)unused;
	cio_event_set(&over);
	return 0;
}

static int thread(void *unused)
{
	cio_future *f;
	int err = cio_run_threadsafe(loop, job, unused, &f);
	if (err < 0)
		return err;
	if (cio_future_wait_for(f, T) == -ETIMEDOUT)
		say("not yet, done %d", cio_future_done(f));
	CHECK_INT(cio_call_threadsafe(loop, set, unused), 0);
	say("then %d", cio_future_wait(f));
	err = cio_run_threadsafe(loop, fails, unused, &f);
	if (err < 0)
		return err;
	say("%s", outcome(cio_future_wait(f)));
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	CHECK_INT(cio_to_thread(thread, &loop), 0);
	cio_loop_ref_put(loop);
	say("main goes on");
	return 0;
}

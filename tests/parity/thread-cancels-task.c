/* SPDX-License-Identifier: MIT */
/* a thread cancels the task that it has started; after the loop's end it is refused */
/* drivers: epoll uring */
/* threads */
#define PARITY_RUNS
#include "parity.h"

#include <semaphore.h>

static cio_loop_ref *loop;
static sem_t loop_ended;
static int seen;

static int work(void *unused)
{
	(void)unused;
	int err = cio_sleep(LONG);
	seen += err == -ECANCELED;
	return err;
}

static int quick(void *unused)
{
	(void)unused;
	return 7;
}

static void *client(void *unused)
{
	cio_future *f;
	if (cio_run_threadsafe(loop, work, unused, &f) < 0)
		return NULL;
	if (cio_future_wait_for(f, 3 * T) == -ETIMEDOUT)
		say("client: timeout, done %d", cio_future_done(f));
	cio_future_cancel(f);
	say("client: %s", outcome(cio_future_wait(f)));
	if (cio_run_threadsafe(loop, quick, unused, &f) == 0)
		say("client: still served %d", cio_future_wait(f));
	while (sem_wait(&loop_ended) < 0)
		;
	if (cio_call_threadsafe(loop, quick, unused) == -ESHUTDOWN)
		say("client: after the end: refused");
	cio_loop_ref_put(loop);
	return NULL;
}

static int scenario(void *thread)
{
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	CHECK_INT(pthread_create(thread, NULL, client, NULL), 0);
	return cio_sleep(12 * T);
}

static void runs(void)
{
	pthread_t thread;
	assert_int_equal(sem_init(&loop_ended, 0, 0), 0);
	int err = cio_run(scenario, &thread);
	say("loop ended, cancels that the task saw: %d", seen);
	sem_post(&loop_ended);
	pthread_join(thread, NULL);
	assert_int_equal(err, 0);
}

/* SPDX-License-Identifier: MIT */
/* a blocking call stops every task; handed to a thread it does not */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static int ticks;

static int heartbeat(const int *unused)
{
	int err;
	(void)unused;
	while ((err = cio_sleep(T)) == 0)
		ticks++;
	return err;
}

static int sleep_in_thread(void *arg)
{
	(void)arg;
	usleep((useconds_t)(10 * T / 1000));
	return 0;
}

static int blocks(void)
{
	return sleep_in_thread(NULL);
}

static int offloads(void)
{
	return cio_to_thread(sleep_in_thread, NULL);
}

static int awaits(void)
{
	return cio_sleep(10 * T);
}

static void attempt(const char *name, int (*how)(void))
{
	int before = ticks;
	CHECK_INT(how(), 0);
	int seen = ticks - before;
	say("%s | heartbeats meanwhile: %s", name,
		seen == 0         ? "none" :
			seen >= 4 ? "several" :
				    "a few");
	(void)cio_sleep(2 * T);
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *beat = cio_spawn(heartbeat, NOTHING);
	(void)cio_sleep(2 * T);
	attempt("blocks", blocks);
	attempt("offloads", offloads);
	attempt("awaits", awaits);
	cio_task_cancel(beat, "the work is done");
	CHECK_INT(cio_await(beat), -ECANCELED);
	return 0;
}

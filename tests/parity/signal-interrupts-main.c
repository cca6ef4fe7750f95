/* SPDX-License-Identifier: MIT */
/* SIGINT: the main task is cancelled and cleans up, then the run ends */
/* drivers: epoll uring sim */
#define PARITY_RUNS
#define PARITY_REPORTS
#include "parity.h"

#include <signal.h>

static int background(const int *unused)
{
	(void)unused;
	int err = cio_sleep(LONG);
	say("background: cleaned up");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(background, NOTHING);
	int err = cio_sleep(T);
	(void)kill(getpid(), SIGINT);
	if (err == 0)
		err = cio_sleep(LONG);
	if (err == 0)
		say("must not appear");
	clean_for(T);
	say("main: cleaned up, background done %d", cio_task_done(t));
	cio_detach(t, NULL);
	return err;
}

static void runs(void)
{
	int err = cio_run_with(&(cio_run_options){.signals = true}, scenario,
		NULL);
	if (err == -ECANCELED)
		say("run: interrupted");
}

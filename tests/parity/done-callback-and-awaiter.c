/* SPDX-License-Identifier: MIT */
/* when done callbacks are called: before and after who awaits goes on */
/* drivers: sim */
#include "parity.h"

static cio_call of_job;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int job(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	cio_call_soon(&of_job, tell, "soon, of the job");
	say("job ends");
	return err;
}

static void before(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("callback added before the await");
}

static void during(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("callback added during the await");
}

static int adds(void *t)
{
	static cio_done_callback c = {.fn = during};
	return cio_task_add_done_callback(t, &c);
}

static int scenario(void *arg)
{
	cio_call call = {0};
	cio_done_callback first = {.fn = before};
	(void)arg;
	cio_task *t = cio_spawn(job, NOTHING);
	CHECK_INT(cio_task_add_done_callback(t, &first), 0);
	cio_call_later(&call, T / 2, adds, t);
	CHECK_INT(cio_await(t), 0);
	say("main goes on");
	return cio_sleep(T);
}

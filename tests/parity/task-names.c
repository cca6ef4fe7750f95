/* SPDX-License-Identifier: MIT */
/* names, the current task, how many there are */
/* drivers: sim */
#include "parity.h"

static int child(const int *unused)
{
	(void)unused;
	say("child: %s", cio_task_name(cio_current_task()));
	return cio_sleep(T);
}

static cio_task *spawn(const char *name)
{
	return cio_spawn_with(&(cio_task_options){.name = name}, child,
		NOTHING);
}

static int alive(void)
{
	return (int)cio_all_tasks(NULL, 0);
}

static void on_done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("done callback of %s | current task %d", cio_task_name(t),
		cio_current_task() != NULL);
}

static int scenario(void *arg)
{
	cio_task *me = cio_current_task();
	cio_done_callback done = {.fn = on_done};
	(void)arg;
	say("alone: %d", alive());
	cio_task *t[2] = {spawn("worker 1"), spawn("worker 2")};
	say("created: %d", alive());
	(void)cio_sleep(T / 2);
	say("current again %d", cio_current_task() == me);
	wait_all(t, 2);
	say("ended: %d", alive());
	say("a name stays: %s", cio_task_name(t[0]));
	CHECK_INT(cio_gather(t, 2), 0);
	cio_task *last = spawn("worker 3");
	CHECK_INT(cio_task_add_done_callback(last, &done), 0);
	return cio_await(last);
}

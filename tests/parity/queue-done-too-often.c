/* SPDX-License-Identifier: MIT */
/* task_done more often than put is an error; join counts what was put */
/* drivers: sim */
#include "parity.h"

static cio_queue q;

static int join(const int *unused)
{
	(void)unused;
	return cio_queue_join(&q);
}

static int scenario(void *arg)
{
	(void)arg;
	cio_queue_init(&q, sizeof(int), 0);
	CHECK_INT(cio_queue_join(&q), 0);
	say("join of an unused queue: at once");
	if (cio_queue_task_done(&q) == -EINVAL)
		say("task_done without a put: error: invalid");
	CHECK_INT(cio_queue_try_put(&q, &(int){1}), 0);
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_queue_join(&q), 0);
	say("done before it was got: join returns, size %d", (int)q.size);
	CHECK_INT(cio_queue_try_put(&q, &(int){2}), 0);
	cio_task *t[3];
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(join, NOTHING);
	(void)cio_sleep(T);
	cio_task_cancel(t[1], "no need");
	(void)cio_sleep(T);
	say("joined: %d %d %d", cio_task_done(t[0]), cio_task_done(t[1]),
		cio_task_done(t[2]));
	CHECK_INT(cio_queue_task_done(&q), 0);
	(void)cio_sleep(T);
	say("joined: %d %d %d | cancelled %d", cio_task_done(t[0]),
		cio_task_done(t[1]), cio_task_done(t[2]),
		cio_task_cancelled(t[1]));
	for (int i = 0; i < 3; i++)
		(void)cio_await(t[i]);
	return cio_queue_finish(&q);
}

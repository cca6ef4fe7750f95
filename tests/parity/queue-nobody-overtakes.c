/* SPDX-License-Identifier: MIT */
/* an item is put for a getter that waits; somebody else asks before it goes on */
/* drivers: sim */
#include "parity.h"

static int getter(cio_queue *const *q)
{
	int n, err = cio_queue_get(*q, &n);
	if (err == 0)
		say("getter: got %d", n);
	return err;
}

static int scenario(void *arg)
{
	cio_queue queue, *q = &queue;
	int n;
	(void)arg;
	cio_queue_init(q, sizeof(int), 0);
	cio_task *t = cio_spawn(getter, &q);
	CHECK_INT(cio_sleep(T), 0);
	CHECK_INT(cio_queue_try_put(q, &(int){1}), 0);
	if (cio_queue_try_get(q, &n) == 0)
		say("main: got %d", n);
	else
		say("main: empty");
	CHECK_INT(cio_sleep(T), 0);
	say("getter done %d", cio_task_done(t));
	if (!cio_task_done(t))
		CHECK_INT(cio_queue_try_put(q, &(int){2}), 0);
	CHECK_INT(cio_await(t), 0);
	return cio_queue_finish(q);
}

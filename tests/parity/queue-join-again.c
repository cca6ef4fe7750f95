/* SPDX-License-Identifier: MIT */
/* join: at once without work, several joiners, and work that comes later */
/* drivers: sim */
#include "parity.h"

struct joiner {
	int n;
	cio_queue *queue;
};

static int join(const struct joiner *j)
{
	int err = cio_queue_join(j->queue);
	say("joiner %d joined", j->n);
	return err;
}

static void take(cio_queue *q)
{
	int n;
	CHECK_INT(cio_queue_get(q, &n), 0);
}

static void put(cio_queue *q, int n)
{
	CHECK_INT(cio_queue_try_put(q, &n), 0);
}

static int scenario(void *arg)
{
	cio_queue q;
	(void)arg;
	cio_queue_init(&q, sizeof(int), 0);
	CHECK_INT(cio_queue_join(&q), 0);
	say("nothing to wait for");
	for (int round = 0; round < 2; round++) {
		cio_task *t[2];
		put(&q, 1);
		put(&q, 2);
		for (int i = 0; i < 2; i++)
			t[i] = cio_spawn(join, (&(struct joiner){i, &q}));
		CHECK_INT(cio_sleep(T), 0);
		take(&q);
		CHECK_INT(cio_queue_task_done(&q), 0);
		CHECK_INT(cio_sleep(T), 0);
		say("one is done, joined %d",
			cio_task_done(t[0]) + cio_task_done(t[1]));
		take(&q);
		put(&q, 3);
		CHECK_INT(cio_queue_task_done(&q), 0);
		CHECK_INT(cio_sleep(T), 0);
		say("one more came, joined %d",
			cio_task_done(t[0]) + cio_task_done(t[1]));
		take(&q);
		CHECK_INT(cio_queue_task_done(&q), 0);
		CHECK_INT(cio_gather(t, 2), 0);
	}
	return cio_queue_finish(&q);
}

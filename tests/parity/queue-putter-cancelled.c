/* SPDX-License-Identifier: MIT */
/* a cancelled putter has put nothing, and the others keep their order */
/* drivers: sim */
#include "parity.h"

struct putter {
	cio_queue *queue;
	int n;
};

static int put(const struct putter *p)
{
	int err = cio_queue_put(p->queue, &p->n);
	say("%s %d", err == 0 ? "put" : outcome(err), p->n);
	return err;
}

static int scenario(void *arg)
{
	cio_queue q;
	cio_task *t[4];
	int n = 0;
	(void)arg;
	cio_queue_init(&q, sizeof(int), 1);
	CHECK_INT(cio_queue_try_put(&q, &n), 0);
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(put, (&(struct putter){&q, i + 1}));
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t[0], "no need");
	cio_task_cancel(t[2], "no need");
	CHECK_INT(cio_sleep(T), 0);
	while (cio_queue_try_get(&q, &n) == 0) {
		say("got %d", n);
		CHECK_INT(cio_sleep(T), 0);
	}
	say("size %d", (int)q.size);
	(void)cio_gather(t, 4, .errors = CIO_COLLECT);
	return cio_queue_finish(&q);
}

/* SPDX-License-Identifier: MIT */
/* a full queue with putters that wait: getters and putters come and are cancelled */
/* drivers: sim */
#include "parity.h"

static cio_queue queue;

static int putter(const int *n)
{
	int err = cio_queue_put(&queue, n);
	if (err < 0)
		say("putter %d %s", *n, outcome(err));
	return err;
}

static int getter(const int *unused)
{
	int n;
	(void)unused;
	return cio_queue_get(&queue, &n);
}

static int scenario(void *arg)
{
	cio_task *putters[3];
	int got[8], count = 0;
	(void)arg;
	cio_queue_init(&queue, sizeof(int), 2);
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_queue_try_put(&queue, &i), 0);
	for (int i = 0; i < 3; i++)
		putters[i] = cio_spawn(putter, &(int){i + 2});
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(putters[1], "no need");
	CHECK_INT(cio_queue_get(&queue, &got[count++]), 0);
	CHECK_INT(cio_sleep(T), 0);
	say("full %d size %zu", queue.size == queue.maxsize, queue.size);
	while (queue.size > 0) {
		CHECK_INT(cio_queue_get(&queue, &got[count++]), 0);
		CHECK_INT(cio_sleep(T), 0);
	}
	add("got");
	for (int i = 0; i < count; i++)
		add(" %d", got[i]);
	say("%s", "");
	cio_task *t = cio_spawn(getter, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t, "no need");
	CHECK_INT(cio_queue_try_put(&queue, &(int){9}), 0);
	wait_all(&t, 1);
	say("getter cancelled %d size %zu", cio_task_cancelled(t), queue.size);
	(void)cio_await(t);
	(void)cio_gather(putters, 3, .errors = CIO_COLLECT);
	return cio_queue_finish(&queue);
}

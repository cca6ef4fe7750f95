/* SPDX-License-Identifier: MIT */
/* a getter is cancelled in the turn of the put, before it or after */
/* drivers: sim */
#include "parity.h"

struct getter {
	cio_queue *queue;
	const char *name;
	const char **got_by;
};

static int get(const struct getter *g)
{
	int item, err = cio_queue_get(g->queue, &item);
	if (err < 0)
		return err;
	*g->got_by = g->name;
	return cio_sleep(0); /* where a cancel would be met */
}

static void attempt(const char *label, bool cancel_first, bool second)
{
	cio_queue q;
	cio_task *t[2];
	const char *got_by = "nobody";
	int n = second ? 2 : 1;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < n; i++)
		t[i] = cio_spawn(get,
			&(struct getter){&q, i == 0 ? "a" : "b", &got_by});
	(void)cio_sleep(T);
	if (cancel_first)
		cio_task_cancel(t[0], "no need");
	CHECK_INT(cio_queue_try_put(&q, &(int){1}), 0);
	if (!cancel_first)
		cio_task_cancel(t[0], "no need");
	(void)cio_sleep(T);
	say("%s | got by %s | in the queue %d | a cancelled %d", label, got_by,
		(int)q.size, cio_task_cancelled(t[0]));
	for (int i = 0; i < n; i++) {
		cio_task_cancel(t[i], "the end");
		(void)cio_await(t[i]);
	}
	CHECK_INT(cio_queue_finish(&q), 0);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("cancel, put", true, false);
	attempt("cancel, put, another waits", true, true);
	attempt("put, cancel", false, false);
	attempt("put, cancel, another waits", false, true);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* two items are put before the getter that waits has gone on */
/* drivers: sim */
#include "parity.h"

static int getter(cio_queue *const *q)
{
	int n, err = cio_queue_get(*q, &n);
	if (err < 0)
		return err;
	say("  getter: first %d", n);
	if ((err = cio_queue_get(*q, &n)) == 0)
		say("  getter: then %d", n);
	return err;
}

static void attempt(const char *label, cio_queue *q)
{
	static const int items[] = {5, 1};
	say("%s", label);
	cio_task *t = cio_spawn(getter, &q);
	CHECK_INT(cio_sleep(T), 0);
	for (int i = 0; i < 2; i++) {
		if (cio_queue_try_put(q, &items[i]) == 0) {
			say("  put %d size %zu", items[i], q->size);
			continue;
		}
		say("  full at %d size %zu", items[i], q->size);
		CHECK_INT(cio_queue_put(q, &items[i]), 0);
	}
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_queue_finish(q), 0);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int scenario(void *arg)
{
	cio_queue q;
	(void)arg;
	cio_queue_init(&q, sizeof(int), 0);
	attempt("first in, first out", &q);
	cio_lifo_queue_init(&q, sizeof(int), 0);
	attempt("last in, first out", &q);
	cio_priority_queue_init(&q, sizeof(int), 0, compare);
	attempt("smallest first", &q);
	cio_queue_init(&q, sizeof(int), 1);
	attempt("room for one", &q);
	return 0;
}

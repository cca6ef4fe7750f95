/* SPDX-License-Identifier: MIT */
/* equal priorities leave in order of arrival; last in, first out */
/* drivers: sim */
#include "parity.h"

struct item {
	int priority, n;
};

static int by_priority(const void *a, const void *b)
{
	return ((const struct item *)a)->priority -
		((const struct item *)b)->priority;
}

static void attempt(const char *label, const int *priorities, int count)
{
	cio_queue q;
	cio_priority_queue_init(&q, sizeof(struct item), 0, by_priority);
	for (int i = 0; i < count; i++)
		CHECK_INT(cio_queue_put(&q, &(struct item){priorities[i], i}),
			0);
	add("%s:", label);
	for (int i = 0; i < count; i++) {
		struct item got = {0, 0};
		CHECK_INT(cio_queue_try_get(&q, &got), 0);
		add(" %d/%d", got.priority, got.n);
	}
	add("\n");
	CHECK_INT(cio_queue_finish(&q), 0);
}

static int next(cio_queue *q)
{
	int n = -1;
	CHECK_INT(cio_queue_try_get(q, &n), 0);
	return n;
}

static int put(cio_queue *const *q)
{
	return cio_queue_put(*q, &(const char *){"new"});
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("priority", (const int[]){2, 1, 2, 1, 3, 1}, 6);
	attempt("all equal", (const int[]){5, 5, 5}, 3);
	cio_queue q, *at = &q;
	cio_lifo_queue_init(&q, sizeof(int), 3);
	for (int i = 1; i <= 3; i++)
		CHECK_INT(cio_queue_try_put(&q, &i), 0);
	if (cio_queue_try_put(&q, &(int){4}) == -EAGAIN)
		say("lifo: full");
	add("lifo: %d", next(&q));
	CHECK_INT(cio_queue_try_put(&q, &(int){9}), 0);
	add(" %d", next(&q));
	add(" %d", next(&q));
	say(" %d", next(&q));
	CHECK_INT(cio_queue_finish(&q), 0);
	const char *one = "", *two = "";
	cio_lifo_queue_init(&q, sizeof one, 1);
	CHECK_INT(cio_queue_try_put(&q, &(const char *){"old"}), 0);
	cio_task *t = cio_spawn(put, &at);
	(void)cio_yield();
	CHECK_INT(cio_queue_try_get(&q, &one), 0);
	CHECK_INT(cio_queue_get(&q, &two), 0);
	say("a putter waits: %s %s", one, two);
	CHECK_INT(cio_queue_finish(&q), 0);
	return cio_await(t);
}

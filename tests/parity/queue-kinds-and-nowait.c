/* SPDX-License-Identifier: MIT */
/* three orders, and calls that do not wait */
/* drivers: sim */
#include "parity.h"

struct item {
	int priority, number;
};

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return (x->priority > y->priority) - (x->priority < y->priority);
}

static void use(const char *name, cio_queue *q)
{
	static const struct item items[] = {{3, 0}, {1, 1}, {3, 2}, {2, 3}};
	struct item out = {9, 9};
	for (int i = 0; i < 4; i++)
		CHECK_INT(cio_queue_try_put(q, &items[i]), 0);
	add("%s | full %d", name, q->size == q->maxsize);
	int over = cio_queue_try_put(q, &out);
	add(" %s |", over == -EAGAIN ? "queue-full" : "accepted");
	for (int i = 0; i < 4; i++) {
		CHECK_INT(cio_queue_get(q, &out), 0);
		add(" %d.%d", out.priority, out.number);
	}
	int under = cio_queue_try_get(q, &out);
	say(" | empty %d %s", q->size == 0,
		under == -EAGAIN ? "queue-empty" : "accepted");
	CHECK_INT(cio_queue_finish(q), 0);
}

static int scenario(void *arg)
{
	cio_queue q;
	(void)arg;
	cio_queue_init(&q, sizeof(struct item), 4);
	use("fifo", &q);
	cio_lifo_queue_init(&q, sizeof(struct item), 4);
	use("lifo", &q);
	cio_priority_queue_init(&q, sizeof(struct item), 4, compare);
	use("priority", &q);

	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(cio_queue_try_put(&q, &i), 0);
	say("bound 0 | size %zu | full %d", q.size,
		q.maxsize > 0 && q.size == q.maxsize);
	return cio_queue_finish(&q);
}

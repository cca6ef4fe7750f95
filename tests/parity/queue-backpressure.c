/* SPDX-License-Identifier: MIT */
/* a bounded queue holds the producer back */
/* drivers: sim */
#include "parity.h"

enum { LAST = -1 };

static int producer(cio_queue *const *q)
{
	for (int i = 0; i < 5; i++) {
		int err = cio_queue_put(*q, &i);
		if (err < 0)
			return err;
		say("put %d size %zu", i, (*q)->size);
	}
	return cio_queue_put(*q, &(int){LAST});
}

static int consumer(cio_queue *const *q)
{
	for (;;) {
		int item, err = cio_sleep(2 * T);
		if (err == 0)
			err = cio_queue_get(*q, &item);
		if (err < 0 || item == LAST)
			return err;
		say("got %d", item);
	}
}

struct one {
	char name;
	cio_queue *q;
	char *log;
};

static int take(const struct one *o)
{
	int item, err = cio_queue_get(o->q, &item);
	if (err == 0)
		sprintf(o->log + strlen(o->log), " %c%d", o->name, item);
	return err;
}

static int give(const struct one *o)
{
	int err = cio_queue_put(o->q, &(int){o->name});
	if (err == 0)
		sprintf(o->log + strlen(o->log), " %c", o->name);
	return err;
}

static void many_getters(void)
{
	cio_queue q;
	char log[64] = "";
	cio_task *tasks[3];
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 3; i++)
		tasks[i] = cio_spawn(take, &(struct one){"abc"[i], &q, log});
	(void)cio_sleep(T);
	for (int i = 1; i <= 3; i++)
		CHECK_INT(cio_queue_try_put(&q, &i), 0);
	CHECK_INT(cio_gather(tasks, 3), 0);
	say("served:%s", log);
	CHECK_INT(cio_queue_finish(&q), 0);
}

static void many_putters(void)
{
	cio_queue q;
	char log[64] = "";
	cio_task *tasks[4];
	cio_queue_init(&q, sizeof(int), 1);
	for (int i = 0; i < 4; i++)
		tasks[i] = cio_spawn(give, &(struct one){"abcd"[i], &q, log});
	(void)cio_sleep(T);
	add("taken:");
	for (int i = 0; i < 4; i++) {
		int item = 0;
		CHECK_INT(cio_queue_get(&q, &item), 0);
		add(" %c", item);
	}
	CHECK_INT(cio_gather(tasks, 4), 0);
	say(" | put order:%s", log);
	CHECK_INT(cio_queue_finish(&q), 0);
}

static int scenario(void *arg)
{
	cio_queue q, *p = &q;
	(void)arg;
	cio_queue_init(&q, sizeof(int), 2);
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(producer, &p),
			  cio_spawn(consumer, &p))),
		0);
	CHECK_INT(cio_queue_finish(&q), 0);
	many_getters();
	many_putters();
	return 0;
}

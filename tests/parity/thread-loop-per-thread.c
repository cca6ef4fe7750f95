/* SPDX-License-Identifier: MIT */
/* each thread can run a loop of its own */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

struct worker {
	const char *name;
	bool before, after; /* was there a loop? */
	int sum;
};

static int part(int *i)
{
	int err = cio_sleep(T);
	return err < 0 ? err : *i;
}

static int work(void *arg)
{
	struct worker *w = arg;
	int items[] = {0, 1, 2}, results[3];
	int err = cio_map(part, items, 3, .results = results);
	w->sum = results[0] + results[1] + results[2];
	return err;
}

static const cio_run_options quiet = {.quiet = true};

static void *thread_main(void *arg)
{
	struct worker *w = arg;
	w->before = cio_current_loop() != NULL;
	CHECK_INT(cio_run_with(&quiet, work, w), 0);
	w->after = cio_current_loop() != NULL;
	return NULL;
}

/* ---- between two loops, items go by messages ---- */

static cio_loop *home;
static cio_queue q;

struct item {
	cio_message message;
	int value;
};

static void deliver(cio_message *m)
{
	CHECK_INT(cio_queue_try_put(&q, &((struct item *)m)->value), 0);
}

static int producer(void *arg)
{
	struct item *items = arg;
	for (int i = 0; i < 3; i++) {
		(void)cio_sleep(T);
		cio_loop_post(home, &items[i].message);
	}
	return 0;
}

static void *producer_main(void *arg)
{
	CHECK_INT(cio_run_with(&quiet, producer, arg), 0);
	return NULL;
}

static int scenario(void *arg)
{
	struct worker w[] = {{.name = "thread0"}, {.name = "thread1"},
		{.name = "thread2"}};
	pthread_t threads[3];
	(void)arg;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, thread_main, &w[i]);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		say("%s | %s %s got %d %s", w[i].name,
			w[i].before ? "has a loop" : "no running loop",
			w[i].name, w[i].sum,
			w[i].after ? "has a loop" : "no running loop");
	}

	struct item items[] = {{{.deliver = deliver}, 'x'},
		{{.deliver = deliver}, 'y'}, {{.deliver = deliver}, 'z'}};
	cio_queue_init(&q, sizeof(int), 0);
	home = cio_current_loop();
	cio_loop_hold();
	pthread_create(&threads[0], NULL, producer_main, items);
	add("consumed:");
	for (int i = 0; i < 3; i++) {
		int value = 0;
		CHECK_INT(cio_queue_get(&q, &value), 0);
		add(" %c", value);
	}
	say("%s", "");
	cio_loop_unhold();
	pthread_join(threads[0], NULL);
	return cio_queue_finish(&q);
}

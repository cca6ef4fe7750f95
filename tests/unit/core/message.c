/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/*
 * message.c - the loop's inbox under real threads
 */
#include <cio/impl.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <cio/event.h>
#include <cio/time.h>

#include "check.h"

enum { THREADS = 4, EACH = 10000 };

struct numbered {
	cio_message message;
	int from, id;
};

struct producer {
	cio_loop *loop;
	struct numbered *messages;
	int n;
};

static int next[THREADS], out_of_order, in_tasks, arrived, expected;
static cio_event all_arrived;

static void deliver(cio_message *m)
{
	struct numbered *n = (struct numbered *)(void *)m;
	out_of_order += n->id != next[n->from];
	next[n->from] = n->id + 1;
	in_tasks += cio_current_task() != NULL;
	if (++arrived == expected)
		cio_event_set(&all_arrived);
}

static void *produce(void *arg)
{
	struct producer *p = arg;
	for (int i = 0; i < p->n; i++)
		cio_loop_post(p->loop, &p->messages[i].message);
	return NULL;
}

static void expect(int n)
{
	memset(next, 0, sizeof next);
	out_of_order = in_tasks = arrived = 0;
	expected = n;
	all_arrived = (cio_event){0};
}

static struct numbered *make(int from, int n)
{
	struct numbered *m = calloc((size_t)n, sizeof *m);
	for (int i = 0; m != NULL && i < n; i++)
		m[i] = (struct numbered){{.deliver = deliver}, from, i};
	return m;
}

static int many_producers(void *arg)
{
	(void)arg;
	pthread_t thread[THREADS];
	struct producer p[THREADS];
	expect(THREADS * EACH);
	cio_loop_hold();
	for (int i = 0; i < THREADS; i++) {
		p[i] = (struct producer){cio_current_loop(), make(i, EACH),
			EACH};
		CHECK_INT(pthread_create(&thread[i], NULL, produce, &p[i]), 0);
	}
	CHECK_INT(cio_event_wait(&all_arrived), 0);
	for (int i = 0; i < THREADS; i++) {
		CHECK_INT(pthread_join(thread[i], NULL), 0);
		free(p[i].messages);
	}
	cio_loop_unhold();
	CHECK_INT(arrived, THREADS * EACH);
	CHECK_INT(out_of_order, 0);
	CHECK_INT(in_tasks, 0);
	return 0;
}

/* One at a time, so that each has to end a wait of the driver's. */
static int wakes_the_loop(void *arg)
{
	(void)arg;
	cio_loop_hold();
	for (int i = 0; i < 200; i++) {
		pthread_t thread;
		struct producer p = {cio_current_loop(), make(0, 1), 1};
		expect(1);
		CHECK_INT(pthread_create(&thread, NULL, produce, &p), 0);
		CHECK_INT(cio_event_wait(&all_arrived), 0);
		CHECK_INT(pthread_join(thread, NULL), 0);
		free(p.messages);
	}
	cio_loop_unhold();
	return 0;
}

/* The run may end as soon as the message was delivered: nobody joins the
 * thread, which may still be on its way out of the post. */
static int thread_is_not_joined(void *arg)
{
	pthread_t thread;
	struct producer *p = arg;
	expect(1);
	p->loop = cio_current_loop();
	cio_loop_hold();
	CHECK_INT(pthread_create(&thread, NULL, produce, p), 0);
	CHECK_INT(pthread_detach(thread), 0);
	CHECK_INT(cio_event_wait(&all_arrived), 0);
	cio_loop_unhold();
	return 0;
}

/* Posting from the loop's own thread, from a delivery too. */
static cio_message second;
static bool second_came;

static void deliver_second(cio_message *m)
{
	(void)m;
	second_came = true;
	cio_event_set(&all_arrived);
}

static void deliver_first(cio_message *m)
{
	(void)m;
	second.deliver = deliver_second;
	cio_loop_post(cio_current_loop(), &second);
	CHECK(!second_came);
}

static int posts_to_itself(void *arg)
{
	(void)arg;
	cio_message first = {.deliver = deliver_first};
	expect(1);
	second_came = false;
	cio_loop_post(cio_current_loop(), &first);
	CHECK_INT(cio_event_wait(&all_arrived), 0);
	CHECK(second_came);
	return 0;
}

static void run_many_producers(void **state)
{
	(void)state;
	assert_int_equal(check_run(many_producers, NULL), 0);
}

static void run_wakes_the_loop(void **state)
{
	(void)state;
	assert_int_equal(check_run(wakes_the_loop, NULL), 0);
}

static void run_thread_is_not_joined(void **state)
{
	/* static: the threads end when they like */
	enum { RUNS = 300 };
	static struct producer p[RUNS];
	static struct numbered m[RUNS];
	(void)state;
	for (int i = 0; i < RUNS; i++) {
		m[i] = (struct numbered){{.deliver = deliver}, 0, 0};
		p[i] = (struct producer){.messages = &m[i], .n = 1};
		assert_int_equal(check_run(thread_is_not_joined, &p[i]), 0);
	}
}

static void run_posts_to_itself(void **state)
{
	(void)state;
	assert_null(cio_current_loop());
	assert_int_equal(check_run(posts_to_itself, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_many_producers),
		cmocka_unit_test(run_wakes_the_loop),
		cmocka_unit_test(run_thread_is_not_joined),
		cmocka_unit_test(run_posts_to_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

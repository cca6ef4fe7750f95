/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * queue.c - items between tasks: orders, room, hand-over, shutdown
 */
#include <cio/queue.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

static int order[256], order_n;

struct user {
	cio_queue *q;
	int item;
};

/* Get an item and note it. */
static int gets(const struct user *u)
{
	int item = -1;
	int err = cio_queue_get(u->q, &item);
	if (err == 0)
		order[order_n++] = item;
	return err;
}

static int puts_item(const struct user *u)
{
	return cio_queue_put(u->q, &u->item);
}

static cio_task *getter(cio_queue *q)
{
	return cio_spawn(gets, &(struct user){q, 0});
}

static cio_task *putter(cio_queue *q, int item)
{
	return cio_spawn(puts_item, &(struct user){q, item});
}

static void put_now(cio_queue *q, int item)
{
	CHECK_INT(cio_queue_try_put(q, &item), 0);
}

static int get_now(cio_queue *q)
{
	int item = -1;
	CHECK_INT(cio_queue_try_get(q, &item), 0);
	return item;
}

/* ---- the three orders ---- */

/* Ring: grown while it goes around the end, at every phase. */
static int first_in_first_out(void *arg)
{
	(void)arg;
	for (int phase = 0; phase < 20; phase++) {
		cio_queue q;
		cio_queue_init(&q, sizeof(int), 0);
		int in = 0, out = 0;
		for (; in < phase; in++)
			put_now(&q, in);
		for (; out < phase; out++)
			CHECK_INT(get_now(&q), out);
		for (int round = 0; round < 50; round++) {
			put_now(&q, in++);
			put_now(&q, in++);
			CHECK_INT(get_now(&q), out++);
		}
		CHECK_INT(q.size, 50);
		while (out < in)
			CHECK_INT(get_now(&q), out++);
		CHECK_INT(cio_queue_try_get(&q, &in), -EAGAIN);
		CHECK_INT(cio_queue_finish(&q), 0);
	}
	return 0;
}

static int last_in_first_out(void *arg)
{
	(void)arg;
	cio_queue q;
	cio_lifo_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 30; i++)
		put_now(&q, i);
	CHECK_INT(get_now(&q), 29);
	put_now(&q, 100);
	CHECK_INT(get_now(&q), 100);
	for (int i = 28; i >= 0; i--)
		CHECK_INT(get_now(&q), i);
	CHECK_INT(q.size, 0);
	return cio_queue_finish(&q);
}

struct job {
	double weight; /* compare reads it in place: needs its alignment */
	char number;
};

static int by_weight(const void *a, const void *b)
{
	const struct job *x = a, *y = b;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/* The smallest first, and equals in order of arrival. */
static int smallest_first(void *arg)
{
	(void)arg;
	cio_queue q;
	cio_priority_queue_init(&q, sizeof(struct job), 0, by_weight);
	unsigned seed = 7;
	for (int i = 0; i < 100; i++) {
		seed = seed * 1103515245u + 12345u;
		struct job j = {(seed >> 16) % 10, (char)i};
		CHECK_INT(cio_queue_try_put(&q, &j), 0);
	}
	struct job last = {-1, 0}, j = {0};
	for (int i = 0; i < 100; i++) {
		CHECK_INT(cio_queue_try_get(&q, &j), 0);
		CHECK(j.weight > last.weight ||
			(j.weight >= last.weight && j.number > last.number));
		last = j;
	}
	CHECK_INT(q.size, 0);
	return cio_queue_finish(&q);
}

static int by_value(const void *a, const void *b)
{
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* A waiting putter's item takes its place by priority, not by arrival. */
static int priority_with_putters(void *arg)
{
	(void)arg;
	cio_queue q;
	cio_priority_queue_init(&q, sizeof(int), 2, by_value);
	put_now(&q, 5);
	put_now(&q, 3);
	cio_task *t = putter(&q, 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(get_now(&q), 3);
	CHECK_INT(get_now(&q), 1);
	CHECK_INT(get_now(&q), 5);
	CHECK_INT(cio_await(t), 0);
	return cio_queue_finish(&q);
}

/* ---- room, and who waits for it ---- */

static int bounded(void *arg)
{
	(void)arg;
	cio_queue q;
	int item = 9;
	cio_queue_init(&q, sizeof(int), 3);
	for (int i = 0; i < 3; i++)
		put_now(&q, i);
	CHECK_INT(cio_queue_try_put(&q, &item), -EAGAIN);
	CHECK_INT(q.size, 3);
	for (int i = 0; i < 3; i++)
		CHECK_INT(get_now(&q), i);
	CHECK_INT(cio_queue_try_get(&q, &item), -EAGAIN);
	CHECK_INT(item, 9);
	return cio_queue_finish(&q);
}

/* those that wait put in order of arrival, and nobody overtakes them. */
static int q02_putters_in_order(void *arg)
{
	(void)arg;
	cio_queue q;
	int item = 99;
	cio_task *t[5];
	cio_queue_init(&q, sizeof(int), 1);
	put_now(&q, 0);
	for (int i = 0; i < 5; i++)
		t[i] = putter(&q, i + 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_queue_finish(&q), -EBUSY);
	CHECK_INT(q.unfinished, 1);
	for (int i = 0; i < 6; i++) {
		CHECK_INT(get_now(&q), i); /* the room goes to who waits */
		CHECK_INT(cio_queue_try_put(&q, &item), i < 5 ? -EAGAIN : 0);
	}
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_await(t[i]), 0);
	CHECK_INT(q.unfinished, 7);
	return cio_queue_finish(&q);
}

static int getters_in_order(void *arg)
{
	(void)arg;
	cio_queue q;
	cio_task *t[5];
	int item;
	order_n = 0;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 5; i++)
		t[i] = getter(&q);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_queue_finish(&q), -EBUSY);
	for (int i = 0; i < 5; i++)
		put_now(&q, i);
	CHECK_INT(q.size, 0); /* handed over */
	CHECK_INT(cio_queue_try_get(&q, &item), -EAGAIN);
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_await(t[i]), 0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(order[i], i);
	return cio_queue_finish(&q);
}

static int is_a_scheduling_point(void *arg)
{
	(void)arg;
	cio_queue q;
	int item = 0;
	cio_queue_init(&q, sizeof(int), 0);
	cio_task *t = putter(&q, 5);
	for (int i = 0; i < 64; i++) {
		CHECK_INT(cio_queue_put(&q, &item), 0);
		CHECK_INT(cio_queue_get(&q, &item), 0);
	}
	CHECK(cio_task_done(t));
	CHECK_INT(cio_await(t), 0);
	return cio_queue_finish(&q);
}

/* ---- cancels ---- */

/* handed an item, then cancelled in the same turn: it owns the item. */
static int q01_handed_then_cancelled(void *arg)
{
	(void)arg;
	cio_queue q;
	order_n = 0;
	cio_queue_init(&q, sizeof(int), 0);
	cio_task *t = getter(&q);
	CHECK_INT(cio_yield(), 0);
	put_now(&q, 7);
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(order[0], 7);
	return cio_queue_finish(&q);
}

/* cancelled, then put in the same turn: the item goes to the next, or
 * stays. */
static int q01_cancelled_then_put(void *arg)
{
	(void)arg;
	cio_queue q;
	order_n = 0;
	cio_queue_init(&q, sizeof(int), 0);
	cio_task *first = getter(&q), *second = getter(&q);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(first, "test");
	put_now(&q, 1);
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(order_n, 1);

	cio_task *only = getter(&q);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(only, "test");
	put_now(&q, 2);
	CHECK_INT(q.size, 1);
	CHECK_INT(cio_await(only), -ECANCELED);
	CHECK_INT(get_now(&q), 2);
	return cio_queue_finish(&q);
}

/* A putter whose item was let in has put it; one cancelled before has not. */
static int cancelled_putters(void *arg)
{
	(void)arg;
	cio_queue q;
	cio_queue_init(&q, sizeof(int), 1);
	put_now(&q, 0);
	cio_task *first = putter(&q, 1), *second = putter(&q, 2);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(first, "test");
	CHECK_INT(get_now(&q), 0);
	cio_task_cancel(second, "too late");
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(get_now(&q), 2);
	CHECK_INT(q.unfinished, 2);
	CHECK_INT(q.size, 0);
	return cio_queue_finish(&q);
}

/* A wait checks first, even if it could succeed at once; a try does not. */
static int refused_though_possible(void *arg)
{
	(void)arg;
	cio_queue q;
	int item = 3, err = 0;
	cio_queue_init(&q, sizeof(int), 0);
	put_now(&q, 1);
	CIO_TIMEOUT (0, &err) {
		CHECK_INT(cio_queue_get(&q, &item), -ETIMEDOUT);
		CHECK_INT(cio_queue_put(&q, &item), -ETIMEDOUT);
		err = cio_queue_join(&q);
		CHECK_INT(q.size, 1);
		CHECK_INT(get_now(&q), 1);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(item, 3);
	return cio_queue_finish(&q);
}

static int times_out(void *arg)
{
	(void)arg;
	cio_queue q;
	int item, err = 0;
	cio_queue_init(&q, sizeof(int), 0);
	CIO_TIMEOUT (CIO_MS(2), &err) {
		err = cio_queue_get(&q, &item);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return cio_queue_finish(&q);
}

/* ---- done ---- */

static int joins(cio_queue *const *q)
{
	return cio_queue_join(*q);
}

static int join_waits_for_all(void *arg)
{
	(void)arg;
	cio_queue q, *at = &q;
	cio_queue_init(&q, sizeof(int), 0);
	CHECK_INT(cio_queue_task_done(&q), -EINVAL);
	CHECK_INT(cio_queue_join(&q), 0);
	put_now(&q, 1);
	put_now(&q, 2);
	cio_task *a = cio_spawn(joins, &at), *b = cio_spawn(joins, &at);
	CHECK_INT(cio_yield(), 0);
	get_now(&q);
	get_now(&q);
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(a));
	CHECK_INT(cio_queue_finish(&q), -EBUSY);
	CHECK_INT(cio_queue_task_done(&q), 0);
	put_now(&q, 3); /* the wake decides, whatever comes after it */
	CHECK_INT(cio_await(a), 0);
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_queue_task_done(&q), -EINVAL);
	CHECK_INT(q.unfinished, 0);
	return cio_queue_finish(&q);
}

/* ---- shutdown ---- */

/* getters drain the rest; putters fail now, those that wait too. */
static int q03_shutdown_drains(void *arg)
{
	(void)arg;
	cio_queue q, *at = &q;
	int item = 9;
	cio_queue_init(&q, sizeof(int), 2);
	put_now(&q, 1);
	put_now(&q, 2);
	cio_task *waiting = putter(&q, 3), *joiner = cio_spawn(joins, &at);
	CHECK_INT(cio_yield(), 0);
	cio_queue_shutdown(&q, false);
	CHECK_INT(cio_await(waiting), -ESHUTDOWN);
	CHECK_INT(cio_queue_put(&q, &item), -ESHUTDOWN);
	CHECK_INT(cio_queue_try_put(&q, &item), -ESHUTDOWN);
	CHECK_INT(cio_queue_get(&q, &item), 0);
	CHECK_INT(item, 1);
	CHECK_INT(cio_queue_try_get(&q, &item), 0);
	CHECK_INT(item, 2);
	CHECK_INT(cio_queue_get(&q, &item), -ESHUTDOWN);
	CHECK_INT(cio_queue_try_get(&q, &item), -ESHUTDOWN);
	CHECK_INT(item, 2);
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK(!cio_task_done(joiner));
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_await(joiner), 0);
	cio_queue_shutdown(&q, false); /* again: nothing */
	return cio_queue_finish(&q);
}

static int q03_shutdown_wakes_getters(void *arg)
{
	(void)arg;
	cio_queue q;
	order_n = 0;
	cio_queue_init(&q, sizeof(int), 0);
	cio_task *a = getter(&q), *b = getter(&q), *c = getter(&q);
	CHECK_INT(cio_yield(), 0);
	put_now(&q, 4);
	cio_queue_shutdown(&q, true);
	CHECK_INT(cio_await(a), 0); /* handed over before */
	CHECK_INT(cio_await(b), -ESHUTDOWN);
	CHECK_INT(cio_await(c), -ESHUTDOWN);
	CHECK_INT(order_n, 1);
	return cio_queue_finish(&q);
}

/* what is dropped counts as done, what was taken does not. */
static int q03_immediate_unfinished(void *arg)
{
	(void)arg;
	cio_queue q, *at = &q;
	int item;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 5; i++)
		put_now(&q, i);
	get_now(&q);
	cio_task *joiner = cio_spawn(joins, &at);
	CHECK_INT(cio_yield(), 0);
	cio_queue_shutdown(&q, true);
	CHECK_INT(q.size, 0);
	CHECK_INT(q.unfinished, 1);
	CHECK_INT(cio_queue_try_get(&q, &item), -ESHUTDOWN);
	CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(joiner));
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_await(joiner), 0);
	CHECK_INT(cio_queue_finish(&q), 0);

	cio_queue_init(&q, sizeof(int), 0);
	put_now(&q, 1);
	put_now(&q, 2);
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_queue_task_done(&q), 0); /* before it was taken */
	cio_queue_shutdown(&q, true);
	CHECK_INT(q.unfinished, 0); /* never below */
	CHECK_INT(cio_queue_finish(&q), 0);

	cio_queue_init(&q, sizeof(int), 0);
	put_now(&q, 1);
	joiner = cio_spawn(joins, &at);
	CHECK_INT(cio_yield(), 0);
	cio_queue_shutdown(&q, true); /* nothing is left to be done */
	CHECK_INT(cio_await(joiner), 0);
	return cio_queue_finish(&q);
}

/* ---- everything at once, cancelled everywhere ---- */

struct line {
	cio_queue q;
	int in, out, failed;
};

/* A cancelled put has put nothing, a get that did not fail has an item. */
static int produces(struct line *const *line)
{
	struct line *l = *line;
	for (int i = 0; i < 10; i++) {
		int err = cio_queue_put(&l->q, &i);
		if (err < 0)
			return err;
		l->in++;
	}
	return 0;
}

static int consumes(struct line *const *line)
{
	struct line *l = *line;
	for (int item;;) {
		int err = cio_queue_get(&l->q, &item);
		if (err < 0)
			return err == -ESHUTDOWN ? 0 : err;
		l->out++;
		CHECK_INT(cio_queue_task_done(&l->q), 0);
		err = cio_yield();
		if (err < 0)
			return err;
	}
}

static int runs(struct line *l)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++) {
			err = cio_group_spawn(&g, consumes, &l);
			if (err == 0)
				err = cio_group_spawn(&g, produces, &l);
		}
		while (err == 0 && l->in < 30)
			err = cio_yield();
		if (err == 0)
			err = cio_queue_join(&l->q);
		cio_queue_shutdown(&l->q, false);
	}
	return err;
}

static int nothing_is_lost(void *arg)
{
	(void)arg;
	struct line l = {.in = 0};
	cio_queue_init(&l.q, sizeof(int), 2);
	int err = runs(&l);
	CHECK_INT(l.in, l.out + (int)l.q.size);
	CHECK(err < 0 || l.out == 30);
	CHECK_INT(cio_queue_finish(&l.q), 0);
	return err;
}

/* Priority: all of its memory through put, which leaves it whole when there is
 * none. */
static int without_memory(void *arg)
{
	(void)arg;
	cio_queue q;
	int in = 0, out = 0, item, err = 0;
	cio_priority_queue_init(&q, sizeof(int), 0, by_value);
	for (; in < 40 && err == 0; in += err == 0)
		err = cio_queue_put(&q, &in);
	CHECK(err == 0 || err == -ENOMEM || err == -ECANCELED);
	CHECK_INT(q.size, in);
	CHECK_INT(q.unfinished, in);
	while (cio_queue_try_get(&q, &item) == 0)
		CHECK_INT(item, out++);
	CHECK_INT(out, in);
	CHECK_INT(cio_queue_finish(&q), 0);
	return err;
}

static void everywhere(void **state)
{
	(void)state;
	assert_int_equal(check_run(nothing_is_lost, NULL), 0);
	check_cancel_everywhere(nothing_is_lost, NULL, "queue");
	check_fail_allocations(nothing_is_lost, NULL, "queue");
	check_fail_allocations(without_memory, NULL, "priority queue");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(first_in_first_out)
RUNS(last_in_first_out)
RUNS(smallest_first)
RUNS(priority_with_putters)
RUNS(bounded)
RUNS(q02_putters_in_order)
RUNS(getters_in_order)
RUNS(is_a_scheduling_point)
RUNS(q01_handed_then_cancelled)
RUNS(q01_cancelled_then_put)
RUNS(cancelled_putters)
RUNS(refused_though_possible)
RUNS(times_out)
RUNS(join_waits_for_all)
RUNS(q03_shutdown_drains)
RUNS(q03_shutdown_wakes_getters)
RUNS(q03_immediate_unfinished)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_first_in_first_out),
		cmocka_unit_test(run_last_in_first_out),
		cmocka_unit_test(run_smallest_first),
		cmocka_unit_test(run_priority_with_putters),
		cmocka_unit_test(run_bounded),
		cmocka_unit_test(run_q02_putters_in_order),
		cmocka_unit_test(run_getters_in_order),
		cmocka_unit_test(run_is_a_scheduling_point),
		cmocka_unit_test(run_q01_handed_then_cancelled),
		cmocka_unit_test(run_q01_cancelled_then_put),
		cmocka_unit_test(run_cancelled_putters),
		cmocka_unit_test(run_refused_though_possible),
		cmocka_unit_test(run_times_out),
		cmocka_unit_test(run_join_waits_for_all),
		cmocka_unit_test(run_q03_shutdown_drains),
		cmocka_unit_test(run_q03_shutdown_wakes_getters),
		cmocka_unit_test(run_q03_immediate_unfinished),
		cmocka_unit_test(everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * queue.c - rules Q: items on their way from task to task (Q-04 is in sync.c)
 */
#include "rules/rules.h"

struct user {
	cio_queue *queue;
	int *item;
};

static int gets(const struct user *u)
{
	return cio_queue_get(u->queue, u->item);
}

RULE(q_01_an_item_and_a_cancel_in_one_turn_the_item_is_not_lost)
{
	cio_queue q;
	cio_queue_init(&q, sizeof(int), 0);
	for (int put_first = 0; put_first < 2; put_first++) {
		int a = 0, b = 0, item = 7;
		cio_task *first = cio_spawn(gets, &(struct user){&q, &a});
		cio_task *second = cio_spawn(gets, &(struct user){&q, &b});
		CHECK_INT(cio_yield(), 0);
		if (put_first)
			CHECK_INT(cio_queue_try_put(&q, &item), 0);
		cio_task_cancel(first, "test");
		if (!put_first)
			CHECK_INT(cio_queue_try_put(&q, &item), 0);
		CHECK_INT(cio_await(first), put_first ? 0 : -ECANCELED);
		CHECK_INT(a, put_first ? 7 : 0);
		if (put_first)
			CHECK_INT(cio_queue_try_put(&q, &item), 0);
		CHECK_INT(cio_await(second), 0);
		CHECK_INT(b, 7);
	}
	CHECK_INT(q.size, 0);
	CHECK_INT(cio_queue_finish(&q), 0);
	return 0;
}

static int puts_it(const struct user *u)
{
	return cio_queue_put(u->queue, u->item);
}

RULE(q_02_who_waits_to_put_is_served_in_order_and_not_overtaken)
{
	cio_queue q;
	cio_task *t[3];
	int items[] = {0, 1, 2, 3}, got;
	cio_queue_init(&q, sizeof(int), 1);
	CHECK_INT(cio_queue_try_put(&q, &items[0]), 0);
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(puts_it, &(struct user){&q, &items[i + 1]});
	CHECK_INT(cio_yield(), 0);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(cio_queue_try_put(&q, &(int){99}), -EAGAIN);
		CHECK_INT(cio_queue_try_get(&q, &got), 0);
		CHECK_INT(got, i);
	}
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_await(t[i]), 0);
	CHECK_INT(cio_queue_finish(&q), 0);
	return 0;
}

RULE(q_03_after_a_shutdown_puts_fail_and_gets_drain_it)
{
	cio_queue q;
	int item = 1, got = 0;
	cio_queue_init(&q, sizeof(int), 1);
	CHECK_INT(cio_queue_put(&q, &item), 0);
	cio_task *putter = cio_spawn(puts_it, &(struct user){&q, &item});
	CHECK_INT(cio_yield(), 0);
	cio_queue_shutdown(&q, false);
	CHECK_INT(cio_await(putter), -ESHUTDOWN);
	CHECK_INT(cio_queue_put(&q, &item), -ESHUTDOWN);
	CHECK_INT(cio_queue_get(&q, &got), 0);
	CHECK_INT(got, 1);
	CHECK_INT(cio_queue_get(&q, &got), -ESHUTDOWN);
	CHECK_INT(cio_queue_finish(&q), 0);
	return 0;
}

static int joins(cio_queue *const *q)
{
	return cio_queue_join(*q);
}

RULE(q_03_an_immediate_shutdown_never_counts_below_zero)
{
	cio_queue q, *p = &q;
	int got;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_queue_put(&q, &i), 0);
	cio_task *joiner = cio_spawn(joins, &p);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_queue_get(&q, &got), 0);
	cio_queue_shutdown(&q, true);
	CHECK_INT(q.unfinished, 1); /* the one that was taken */
	CHECK(!cio_task_done(joiner));
	CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_await(joiner), 0);
	CHECK_INT(cio_queue_task_done(&q), -EINVAL);
	CHECK_INT(cio_queue_finish(&q), 0);

	cio_queue_init(&q, sizeof(int), 0);
	CHECK_INT(cio_queue_put(&q, &got), 0);
	CHECK_INT(cio_queue_put(&q, &got), 0);
	CHECK_INT(cio_queue_task_done(&q), 0); /* too early */
	cio_queue_shutdown(&q, true);
	CHECK_INT(q.unfinished, 0);
	CHECK_INT(cio_queue_finish(&q), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(q_01_an_item_and_a_cancel_in_one_turn_the_item_is_not_lost),
		cmocka_unit_test(q_02_who_waits_to_put_is_served_in_order_and_not_overtaken),
		cmocka_unit_test(q_03_after_a_shutdown_puts_fail_and_gets_drain_it),
		cmocka_unit_test(q_03_an_immediate_shutdown_never_counts_below_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

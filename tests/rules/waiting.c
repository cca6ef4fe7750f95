/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * waiting.c - rules G, W and A: gather, wait_for, races
 *
 * What is due in the same turn is due at the same absolute time: who was armed
 * first is first.
 */
#include "rules/rules.h"

/* ---- G: gather ---- */

RULE(g_01_the_first_error_cancels_the_rest)
{
	int results[2];
	cio_task *tasks[] = {cio_spawn(sleeps, &(cio_duration){LONG}),
		cio_spawn(returns, &(int){-EIO})};
	CHECK_INT(cio_gather(tasks, 2, .results = results), -EIO);
	CHECK_INT(results[0], -ECANCELED);
	CHECK_INT(results[1], -EIO);
	return 0;
}

static int gathers(int *const *results)
{
	return cio_gather(CIO_TASKS(cio_spawn(sleeps, &(cio_duration){LONG}),
				  cio_spawn(sleeps, &(cio_duration){LONG})),
		.errors = CIO_COLLECT, .results = *results);
}

RULE(g_02_collecting_errors_an_outer_cancel_still_goes_through)
{
	int results[2] = {0, 0}, *p = results;
	cio_task *t = cio_spawn(gathers, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(results[0], -ECANCELED);
	CHECK_INT(results[1], -ECANCELED);
	return 0;
}

RULE(g_03_a_cancelled_child_is_that_childs_error)
{
	int results[2];
	cio_task *tasks[] = {cio_spawn(sleeps, &(cio_duration){LONG}),
		cio_spawn(sleeps, &(cio_duration){CIO_MS(1)})};
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(tasks[0], "alone");
	CHECK_INT(cio_gather(tasks, 2, .errors = CIO_COLLECT, .results = results),
		-ECANCELED);
	CHECK_INT(results[0], -ECANCELED);
	CHECK_INT(results[1], 0);
	CHECK_INT(cio_checkpoint(), 0); /* the gather was not */
	return 0;
}

RULE(g_04_cancelled_when_all_have_ended_it_has_their_results)
{
	int results[2];
	cio_task *tasks[] = {cio_spawn(returns, &(int){4}),
		cio_spawn(returns, &(int){5})};
	CHECK_INT(cio_yield(), 0);
	cio_scope s;
	cio_scope_begin(&s, CIO_NEVER);
	cio_scope_cancel(&s, "test");
	CHECK_INT(cio_gather(tasks, 2, .results = results), 0);
	CHECK_INT(results[0], 4);
	CHECK_INT(results[1], 5);
	CHECK_INT(cio_checkpoint(), -ECANCELED); /* and it is not lost */
	CHECK_INT(cio_scope_end(&s, 0), 0);
	return 0;
}

static int gathers_failures(void *arg)
{
	(void)arg;
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(returns, &(int){-EIO}),
			  cio_spawn(returns, &(int){-EPIPE}))),
		-EIO);
	return 0;
}

static void g_05_a_second_error_makes_no_noise(void **state)
{
	(void)state;
	assert_int_equal(check_run(gathers_failures, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- W: wait_for ---- */

static int cleans_up(bool *const *cleaned)
{
	int err = cio_sleep(LONG), ignored = 0;
	CIO_SHIELD (LONG, &ignored) {
		ignored = cio_sleep(CIO_MS(10));
	}
	CHECK_INT(ignored, 0);
	**cleaned = true;
	return err;
}

RULE(w_01_wait_for_returns_when_the_cancelled_task_has_ended)
{
	bool cleaned = false, *p = &cleaned;
	CHECK_INT(cio_wait_for(cio_spawn(cleans_up, &p), CIO_MS(1)), -ETIMEDOUT);
	CHECK(cleaned);
	return 0;
}

struct late_put {
	cio_timer timer;
	cio_queue *queue;
};

static void puts_seven(cio_timer *t)
{
	cio_queue *q = container_of(t, struct late_put, timer)->queue;
	CHECK_INT(cio_queue_try_put(q, &(int){7}), 0);
}

struct getter {
	cio_queue *queue;
	int *item;
};

static int gets(const struct getter *g)
{
	return cio_queue_get(g->queue, g->item);
}

static void item_against_deadline(bool item_first)
{
	cio_queue q;
	int item = 0;
	cio_queue_init(&q, sizeof item, 0);
	struct late_put put = {.timer = {.fire = puts_seven}, .queue = &q};
	cio_time when = cio_now() + CIO_MS(1);
	cio_task *t = cio_spawn(gets, &(struct getter){&q, &item});
	CHECK_INT(cio_yield(), 0);

	cio_scope limit;
	if (item_first)
		cio_timer_arm(&put.timer, when);
	cio_scope_begin(&limit, when);
	if (!item_first)
		cio_timer_arm(&put.timer, when);
	int err = cio_scope_end(&limit, cio_await(t));
	CHECK_INT(err, item_first ? 0 : -ETIMEDOUT);
	CHECK_INT(item, item_first ? 7 : 0);
	CHECK_INT(q.size, item_first ? 0 : 1); /* it is somewhere */
	CHECK_INT(cio_queue_finish(&q), 0);
}

RULE(w_02_an_item_that_comes_with_the_timeout_is_not_lost)
{
	item_against_deadline(true);
	item_against_deadline(false);
	return 0;
}

struct caller {
	cio_event *event;
	int *after;
};

static int waits_for_the_event(cio_event *const *e)
{
	int err = cio_event_wait(*e);
	return err < 0 ? err : 9;
}

static int waits_for(const struct caller *c)
{
	int result = cio_wait_for(cio_spawn(waits_for_the_event, &c->event), LONG);
	*c->after = cio_checkpoint();
	return result;
}

RULE(w_03_neither_a_result_nor_the_cancel_that_came_with_it_is_lost)
{
	cio_event e = {0};
	int after = 0;
	cio_task *t = cio_spawn(waits_for, &(struct caller){&e, &after});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_yield(), 0);
	cio_event_set(&e);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 9);
	CHECK_INT(after, -ECANCELED);
	return 0;
}

static int answers_all_the_same(const int *value)
{
	CHECK_INT(cio_sleep(LONG), -ECANCELED);
	return *value;
}

RULE(w_04_a_value_made_in_spite_of_the_timeout_is_returned)
{
	CHECK_INT(cio_wait_for(cio_spawn(answers_all_the_same, &(int){8}),
			  CIO_MS(1)),
		8);
	CHECK_INT(cio_wait_for(cio_spawn(answers_all_the_same, &(int){-EIO}),
			  CIO_MS(1)),
		-EIO);
	return 0;
}

RULE(w_05_without_time_only_a_finished_task_gives_its_result)
{
	const cio_duration none[] = {0, -1};
	for (int i = 0; i < 2; i++) {
		cio_task *done = cio_spawn(returns, &(int){3});
		cio_task *slow = cio_spawn(sleeps, &(cio_duration){LONG});
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_wait_for(done, none[i]), 3);
		CHECK_INT(cio_wait_for(slow, none[i]), -ETIMEDOUT);
	}
	return 0;
}

/* ---- A: races ---- */

struct racer {
	cio_group *group;
	cio_duration time;
	int *ended;
};

static int races(const struct racer *r)
{
	int err = cio_sleep(r->time), ignored = 0;
	if (err == 0)
		cio_group_cancel(r->group, "another was faster");
	CIO_SHIELD (LONG, &ignored) {
		ignored = cio_sleep(CIO_MS(3));
	}
	*r->ended += 1;
	return err;
}

RULE(a_01_the_losers_of_a_race_are_cancelled_and_awaited)
{
	int err = 0, ended = 0;
	CIO_GROUP (g, &err) {
		for (int i = 1; i <= 3; i++)
			CHECK_INT(cio_group_spawn(&g, races,
					  &(struct racer){&g, i * CIO_MS(1),
						  &ended}),
				0);
		err = cio_sleep(LONG);
	}
	CHECK_INT(err, 0);
	CHECK_INT(ended, 3);
	return 0;
}

RULE(a_02_of_several_that_are_ready_the_first_in_the_list_wins)
{
	cio_queue q[2];
	int item = 0;
	for (int i = 0; i < 2; i++)
		cio_queue_init(&q[i], sizeof item, 0);
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 2; k++)
			CHECK_INT(cio_queue_try_put(&q[k], &k), 0);
	for (int i = 0; i < 6; i++) {
		cio_select_case on[] = {cio_on_get(&q[0], &item),
			cio_on_get(&q[1], &item)};
		CHECK_INT(cio_select(on, 2), i < 3 ? 0 : 1);
		CHECK_INT(item, i < 3 ? 0 : 1);
	}
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_queue_finish(&q[i]), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(g_01_the_first_error_cancels_the_rest),
		cmocka_unit_test(g_02_collecting_errors_an_outer_cancel_still_goes_through),
		cmocka_unit_test(g_03_a_cancelled_child_is_that_childs_error),
		cmocka_unit_test(g_04_cancelled_when_all_have_ended_it_has_their_results),
		cmocka_unit_test(g_05_a_second_error_makes_no_noise),
		cmocka_unit_test(w_01_wait_for_returns_when_the_cancelled_task_has_ended),
		cmocka_unit_test(w_02_an_item_that_comes_with_the_timeout_is_not_lost),
		cmocka_unit_test(w_03_neither_a_result_nor_the_cancel_that_came_with_it_is_lost),
		cmocka_unit_test(w_04_a_value_made_in_spite_of_the_timeout_is_returned),
		cmocka_unit_test(w_05_without_time_only_a_finished_task_gives_its_result),
		cmocka_unit_test(a_01_the_losers_of_a_race_are_cancelled_and_awaited),
		cmocka_unit_test(a_02_of_several_that_are_ready_the_first_in_the_list_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * event.c - a flag that tasks wait for: order of waking, set and clear
 */
#include <cio/event.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

static int order[16], order_n;

struct waiting {
	cio_event *e;
	int id;
};

static int wait_for(const struct waiting *w)
{
	int err = cio_event_wait(w->e);
	if (err == 0)
		order[order_n++] = w->id;
	return err;
}

static int wakes_in_order(void *arg)
{
	(void)arg;
	cio_event e = {0};
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 10; i++)
			CHECK_INT(cio_group_spawn(&g, wait_for,
					  &(struct waiting){&e, i}),
				0);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(order_n, 0);
		cio_event_set(&e);
		cio_event_clear(&e); /* who was woken stays woken */
	}
	CHECK_INT(err, 0);
	CHECK_INT(order_n, 10);
	for (int i = 0; i < 10; i++)
		CHECK_INT(order[i], i);
	return 0;
}

static int is_set_already(void *arg)
{
	(void)arg;
	cio_event e = {0};
	cio_event_set(&e);
	cio_event_set(&e);
	CHECK(e.is_set);
	CHECK_INT(cio_event_wait(&e), 0);
	cio_event_clear(&e);
	CHECK(!e.is_set);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_event_wait(&e);
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_event_set(&e);
	CIO_TIMEOUT (0, &err) {
		err = cio_event_wait(&e); /* checks first */
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int first_event_decides(void *arg)
{
	(void)arg;
	cio_event e = {0};
	order_n = 0;
	cio_task *cancelled = cio_spawn(wait_for, &(struct waiting){&e, 1});
	cio_task *woken = cio_spawn(wait_for, &(struct waiting){&e, 2});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(cancelled, "before the set");
	cio_event_set(&e);
	cio_task_cancel(woken, "after the set");
	CHECK_INT(cio_await(cancelled), -ECANCELED);
	CHECK_INT(cio_await(woken), 0);
	CHECK_INT(order_n, 1);
	return 0;
}

static void set_it(cio_timer *t);

struct alarm {
	cio_timer timer;
	cio_event event;
};

static void set_it(cio_timer *t)
{
	struct alarm *a = (struct alarm *)(void *)t;
	cio_event_set(&a->event);
}

static int is_set_from_a_callback(void *arg)
{
	(void)arg;
	struct alarm a = {.timer = {.fire = set_it}};
	cio_timer_arm(&a.timer, cio_now() + CIO_MS(1));
	CHECK_INT(cio_event_wait(&a.event), 0);
	return 0;
}

static void order_of_waking(void **state)
{
	(void)state;
	assert_int_equal(check_run(wakes_in_order, NULL), 0);
}

static void set_already(void **state)
{
	(void)state;
	assert_int_equal(check_run(is_set_already, NULL), 0);
}

static void set_against_cancel(void **state)
{
	(void)state;
	assert_int_equal(check_run(first_event_decides, NULL), 0);
}

static void callbacks(void **state)
{
	(void)state;
	assert_int_equal(check_run(is_set_from_a_callback, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_waking),
		cmocka_unit_test(set_already),
		cmocka_unit_test(set_against_cancel),
		cmocka_unit_test(callbacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

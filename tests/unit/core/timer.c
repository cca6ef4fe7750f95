/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * timer.c - timers and sleeping, through the loop
 *
 * The wheel's order is tested by itself; here is what the loop adds: a clock
 * that is read once a turn, and tasks that sleep.
 */
#include <cio/time.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/run.h>

#include "check.h"

static int order[64], order_n;

struct numbered {
	cio_timer timer;
	int id;
	cio_time fired_at;
	struct numbered *other;
};

static void note(cio_timer *t)
{
	struct numbered *n = (struct numbered *)(void *)t;
	CHECK(!cio_timer_armed(t));
	n->fired_at = cio_now();
	order[order_n++] = n->id;
}

static int fires_in_order(void *arg)
{
	(void)arg;
	struct numbered n[6];
	const int delay_us[] = {300, 100, 300, 200, 100, 0};
	const int want[] = {5, 1, 4, 3, 0, 2};
	cio_time start = cio_now();
	order_n = 0;
	for (int i = 0; i < 6; i++) {
		n[i] = (struct numbered){.timer = {.fire = note}, .id = i};
		cio_timer_arm(&n[i].timer, start + CIO_US(delay_us[i]));
		CHECK(cio_timer_armed(&n[i].timer));
	}
	CHECK_INT(cio_run_get_figures().timers, 6);
	CHECK_INT(order_n, 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(order_n, 6);
	for (int i = 0; i < 6; i++) {
		CHECK_INT(order[i], want[i]);
		CHECK(n[i].fired_at >= start + CIO_US(delay_us[i]));
	}
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

static int past_and_never(void *arg)
{
	(void)arg;
	struct numbered past = {.timer = {.fire = note}, .id = 1};
	struct numbered never = {.timer = {.fire = note}, .id = 2};
	order_n = 0;
	cio_timer_arm(&past.timer, cio_now() - CIO_S(1));
	cio_timer_arm(&never.timer, CIO_NEVER);
	CHECK_INT(order_n, 0); /* never from within the call */
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(order_n, 1);
	CHECK(!cio_timer_armed(&never.timer));
	cio_timer_arm(&never.timer, cio_now() + CIO_S(1));
	cio_timer_arm(&never.timer, CIO_NEVER);
	CHECK(!cio_timer_armed(&never.timer));
	cio_timer_disarm(&never.timer);
	CHECK_INT(order_n, 1);
	return 0;
}

static void disarms_other(cio_timer *t)
{
	struct numbered *n = (struct numbered *)(void *)t;
	note(t);
	cio_timer_disarm(&n->other->timer);
}

static int disarms_in_a_callback(void *arg)
{
	(void)arg;
	struct numbered second = {.timer = {.fire = note}, .id = 2};
	struct numbered first = {.timer = {.fire = disarms_other},
		.id = 1,
		.other = &second};
	cio_time when = cio_now() + CIO_US(100);
	order_n = 0;
	cio_timer_arm(&first.timer, when);
	cio_timer_arm(&second.timer, when);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(order_n, 1);
	return 0;
}

static void rearms(cio_timer *t)
{
	note(t);
	if (order_n < 5)
		cio_timer_arm(t, cio_now());
}

/* A timer re-armed for now takes its turn with the tasks. */
static int rearms_in_a_callback(void *arg)
{
	(void)arg;
	struct numbered n = {.timer = {.fire = rearms}};
	order_n = 0;
	cio_timer_arm(&n.timer, cio_now());
	for (int i = 0; i < 1000 && order_n < 5; i++)
		CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(order_n, 5);
	return 0;
}

static int fired;

static void adds(cio_timer *t)
{
	(void)t;
	fired++;
}

/* However many are due, tasks have turns between them. */
static int a_burst_comes_in_parts(void *arg)
{
	(void)arg;
	static cio_timer many[1000];
	fired = 0;
	for (int i = 0; i < 1000; i++) {
		many[i].fire = adds;
		cio_timer_arm(&many[i], cio_now());
	}
	for (int before = 0; before < 1000; before = fired) {
		CHECK_INT(cio_yield(), 0);
		if (!CHECK(fired - before <= 32))
			break;
	}
	return 0;
}

/* ---- sleep ---- */

static int sleeps(const int *us)
{
	cio_time start = cio_now();
	int err = cio_sleep(CIO_US(*us));
	CHECK(cio_now() >= start + CIO_US(*us));
	order[order_n++] = *us;
	return err;
}

static int sleeps_in_order(void *arg)
{
	(void)arg;
	const int us[] = {500, 100, 400, 200, 300};
	int err = 0;
	order_n = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 5; i++)
			CHECK_INT(cio_group_spawn(&g, sleeps, &us[i]), 0);
	}
	CHECK_INT(err, 0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(order[i], 100 * (i + 1));
	return 0;
}

static int counts(int *const *n)
{
	**n += 1;
	return 0;
}

static int zero_is_a_yield(void *arg)
{
	(void)arg;
	int n = 0, *p = &n;
	cio_task *t = cio_spawn(counts, &p);
	CHECK_INT(cio_sleep(0), 0);
	CHECK_INT(n, 1);
	CHECK_INT(cio_await(t), 0);
	t = cio_spawn(counts, &p);
	CHECK_INT(cio_sleep(-CIO_S(5)), 0);
	CHECK_INT(n, 2);
	return cio_await(t);
}

static int sleeps_for_ever(const int *unused)
{
	(void)unused;
	return cio_sleep(CIO_NEVER);
}

static int for_ever_can_be_cancelled(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(sleeps_for_ever, &(int){0});
	CHECK_INT(cio_sleep(CIO_US(10)), 0);
	CHECK(!cio_task_done(t));
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

/* The sleep's timer and what cancels it are due in the same turn. */
static int cancelled_in_the_turn_it_is_due(void *arg)
{
	(void)arg;
	for (int scope_first = 0; scope_first < 2; scope_first++) {
		cio_time when = cio_now() + CIO_US(200);
		cio_scope s;
		cio_scope_begin(&s, scope_first ? when : CIO_NEVER);
		int err = 0;
		if (!scope_first)
			CHECK_INT(cio_scope_reschedule(&s, when + 1), 0);
		err = cio_sleep_until(when);
		/* the first event decides */
		CHECK(err == (scope_first ? -ETIMEDOUT : 0));
		CHECK_INT(cio_scope_end(&s, err), err);
	}
	return 0;
}

/* sim: the clock stands still while anything can run. */
static int virtual_clock(void *arg)
{
	(void)arg;
	if (strcmp(cio_driver_name(), "sim") != 0)
		return 0;
	cio_time start = cio_now();
	for (int i = 0; i < 1000; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_now() - start, 0);
	CHECK_INT(cio_sleep(CIO_S(86400)), 0);
	CHECK_INT(cio_now() - start, CIO_S(86400));
	return 0;
}

static int many_sleepers_child(const int *id)
{
	return cio_sleep(CIO_US(*id % 997));
}

static int many_sleepers(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 5000; i++)
			CHECK_INT(cio_group_spawn(&g, many_sleepers_child, &i),
				0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

/* A shield hides a cancel of the task also from a sleep in it. */
static int shielded_sleeper(const cio_time *until)
{
	cio_scope s;
	cio_shield_begin(&s, CIO_NEVER);
	int err = cio_sleep_until(*until);
	CHECK_INT(err, 0);
	CHECK(cio_now() >= *until);
	err = cio_scope_end(&s, err);
	CHECK_INT(err, 0);
	CHECK_INT(cio_sleep(CIO_S(1000)), -ECANCELED);
	return 0;
}

static int sleeps_in_a_shield(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(shielded_sleeper,
		&(cio_time){cio_now() + CIO_MS(30)});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_run_get_figures().timers, 1);
	cio_task_cancel(t, "the test");
	CHECK_INT(cio_run_get_figures().timers, 1);
	return cio_await(t);
}

/* The loop wakes once for a sleep and not at every level of the wheel. */
static int wakes_once(void *arg)
{
	(void)arg;
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	uint64_t turns = cio_run_get_figures().turns;
	for (int i = 0; i < 10; i++)
		CHECK_INT(cio_sleep(CIO_US(7123) + CIO_NS(77777) * i), 0);
	CHECK(cio_run_get_figures().turns - turns <= 15);
	return 0;
}

struct test_case {
	int (*fn)(void *);
};

static void run_case(void **state)
{
	const struct test_case *c = *state;
	assert_int_equal(check_run(c->fn, NULL), 0);
	assert_null(strstr(check_reports(), "warning: "));
	assert_null(strstr(check_reports(), "error: "));
}

#define CASE(f) \
	{ \
		.name = #f, .test_func = run_case, \
		.initial_state = &(struct test_case) \
		{ \
			f \
		} \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(fires_in_order),
		CASE(past_and_never),
		CASE(disarms_in_a_callback),
		CASE(rearms_in_a_callback),
		CASE(a_burst_comes_in_parts),
		CASE(sleeps_in_order),
		CASE(zero_is_a_yield),
		CASE(for_ever_can_be_cancelled),
		CASE(cancelled_in_the_turn_it_is_due),
		CASE(virtual_clock),
		CASE(many_sleepers),
		CASE(sleeps_in_a_shield),
		CASE(wakes_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

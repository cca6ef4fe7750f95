/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * wait.c - several tasks at once: wait, as_completed, wait_for, gather
 */
#include <cio/wait.h>

#include <errno.h>

#include <cio/event.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

/* Sleeps `ms`, then returns `result`; if cancelled, `instead` (0: the refusal)
 * after a while of its own. */
struct work {
	int ms, result, instead;
};

static int ended;

static int works(const struct work *w)
{
	int err = w->ms < 0 ? 0 : cio_sleep(CIO_MS(w->ms));
	if (err < 0) {
		CIO_SHIELD (CIO_S(60)) {
			CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		}
		ended++;
		return w->instead != 0 ? w->instead : err;
	}
	ended++;
	return w->result < 0 ? cio_fail(w->result, "after %d", w->ms) :
			       w->result;
}

static cio_task *worker(int ms, int result)
{
	return cio_spawn(works, &(struct work){.ms = ms, .result = result});
}

enum { NOW = -1, LONG = 3600 * 1000 };

/* ---- wait ---- */

static int first_completed(void *arg)
{
	(void)arg;
	cio_task *t[3] = {worker(LONG, 0), worker(1, 5), worker(LONG, 0)};
	CHECK_INT(cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_NEVER), 1);
	CHECK(cio_task_done(t[1]));
	CHECK_INT(cio_task_result(t[1]), 5);
	CHECK_INT(cio_task_result(t[0]), -EINPROGRESS);
	CHECK_INT(cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_NEVER), 1);
	CHECK_INT(cio_await(t[1]), 5);
	for (int i = 0; i < 3; i += 2) {
		CHECK(!cio_task_done(t[i])); /* it does not cancel */
		cio_task_cancel(t[i], "test");
		CHECK_INT(cio_await(t[i]), -ECANCELED);
	}
	return 0;
}

static int all_completed(void *arg)
{
	(void)arg;
	cio_task *t[3] = {worker(3, 0), worker(1, -EIO), worker(2, 0)};
	CHECK_INT(cio_wait(t, 3, CIO_ALL_COMPLETED, CIO_NEVER), 3);
	CHECK_INT(cio_await(t[0]), 0);
	CHECK_INT(cio_await(t[1]), -EIO);
	CHECK(strcmp(cio_error_text(), "after 1") == 0);
	CHECK_INT(cio_await(t[2]), 0);
	return 0;
}

/* A cancelled task is no failure; all ended ends it too. */
static int first_exception(void *arg)
{
	(void)arg;
	cio_task *t[4] = {worker(LONG, 0), worker(LONG, 0), worker(1, 0),
		worker(9, -EIO)};
	cio_task_cancel(t[1], "test");
	CHECK_INT(cio_wait(t, 4, CIO_FIRST_EXCEPTION, CIO_NEVER), 3);
	CHECK(cio_task_done(t[3]));
	CHECK_INT(cio_wait(t, 4, CIO_FIRST_EXCEPTION, CIO_NEVER), 3);
	CHECK_INT(cio_wait(t + 1, 2, CIO_FIRST_EXCEPTION, CIO_NEVER), 2);
	cio_task_cancel(t[0], "test");
	CHECK_INT(cio_await(t[0]), -ECANCELED);
	CHECK_INT(cio_await(t[1]), -ECANCELED);
	CHECK_INT(cio_await(t[2]), 0);
	CHECK_INT(cio_await(t[3]), -EIO);
	return 0;
}

static int wait_times_out(void *arg)
{
	(void)arg;
	cio_task *t[2] = {worker(LONG, 0), worker(LONG, 0)};
	CHECK_INT(cio_wait(t, 2, CIO_ALL_COMPLETED, CIO_MS(1)), -ETIMEDOUT);
	CHECK_INT(cio_wait(t, 2, CIO_ALL_COMPLETED, 0), -ETIMEDOUT);
	CHECK_INT(cio_wait(t, 2, CIO_ALL_COMPLETED, -5), -ETIMEDOUT);
	cio_task_cancel(t[0], "test");
	CHECK_INT(cio_wait(t, 2, CIO_ALL_COMPLETED, CIO_MS(5)), 1);
	CHECK_INT(cio_wait(t, 2, CIO_ALL_COMPLETED, 0), 1);
	CHECK_INT(cio_wait(t, 1, CIO_ALL_COMPLETED, 0), 1);
	CHECK(!cio_task_done(t[1]));
	cio_detach(t[0], NULL);
	cio_task_cancel(t[1], "test");
	cio_detach(t[1], NULL);
	return 0;
}

struct look {
	cio_task **tasks;
	cio_wait_until until;
	cio_duration d;
};

static int waits(const struct look *l)
{
	return cio_wait(l->tasks, 2, l->until, l->d);
}

struct canceller {
	cio_done_callback callback;
	cio_task *victim;
};

static void cancels(cio_done_callback *c, cio_task *t)
{
	(void)t;
	cio_task_cancel(((struct canceller *)(void *)c)->victim, "test");
}

/* Woken, then cancelled: the wake decides. Cancelled first: a refusal, and the
 * tasks go on. */
static int wait_cancelled(void *arg)
{
	(void)arg;
	cio_task *t[2] = {worker(LONG, 0), worker(LONG, 0)};
	struct look l = {t, CIO_FIRST_COMPLETED, CIO_S(3600)};
	cio_task *first = cio_spawn(waits, &l);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task_cancel(first, "test");
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK(!cio_task_done(t[0]) && !cio_task_done(t[1]));

	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_wait(t, 2, CIO_FIRST_COMPLETED, CIO_NEVER);
		CHECK_INT(err, -ECANCELED);
		CHECK_INT(cio_wait(t, 2, CIO_FIRST_COMPLETED, 0), -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);

	cio_task *second = cio_spawn(waits, &l);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	struct canceller c = {.callback.fn = cancels, .victim = second};
	CHECK_INT(cio_task_add_done_callback(t[1], &c.callback), 0);
	cio_task_cancel(t[1], "test");
	CHECK_INT(cio_await(second), 1);
	cio_task_cancel(t[0], "test");
	cio_detach(t[0], NULL);
	cio_detach(t[1], NULL);
	return 0;
}

static int waits_for_me(cio_task *const *t)
{
	cio_task *both[2] = {*t, cio_current_task()};
	CHECK_INT(cio_wait(both, 2, CIO_ALL_COMPLETED, CIO_NEVER), -EDEADLK);
	CHECK_INT(cio_gather(both, 2), -EDEADLK);
	both[0] = NULL;
	CHECK_INT(cio_gather(both, 2), -EDEADLK);
	return cio_sleep(0); /* nothing has happened to us */
}

static int refuses_nonsense(void *arg)
{
	(void)arg;
	cio_task *t[2] = {worker(LONG, 0), NULL};
	CHECK_INT(cio_wait(t, 0, CIO_ALL_COMPLETED, CIO_NEVER), -EINVAL);
	CHECK_INT(cio_wait(t, 2, CIO_FIRST_COMPLETED, CIO_NEVER), -ENOMEM);
	CHECK_INT(cio_await(cio_spawn(waits_for_me, &t[0])), 0);
	CHECK(!cio_task_done(t[0]));
	cio_as_completed each;
	CHECK_INT(cio_as_completed_init(&each, t, 2), -ENOMEM);
	CHECK_INT(cio_as_completed_next(&each), -ENODATA);
	cio_as_completed_finish(&each);
	CHECK_INT(cio_gather(t, 2), -ENOMEM); /* this one uses them up */
	CHECK_INT(cio_gather(t, 0), 0);
	return 0;
}

/* ---- as completed ---- */

static int in_order_of_ending(void *arg)
{
	(void)arg;
	cio_task *t[5];
	const int ms[5] = {40, 10, 30, NOW, 20}, want[5] = {3, 1, 4, 2, 0};
	for (int i = 0; i < 5; i++)
		t[i] = worker(ms[i], i);
	CHECK_INT(cio_yield(), 0);
	CHECK(cio_task_done(t[3]));
	cio_as_completed each;
	CHECK_INT(cio_as_completed_init(&each, t, 5), 0);
	for (int i = 0; i < 5; i++) {
		ssize_t at = cio_as_completed_next(&each);
		CHECK_INT(at, want[i]);
		CHECK_INT(cio_await(t[at]), at);
	}
	CHECK_INT(cio_as_completed_next(&each), -ENODATA);
	cio_as_completed_finish(&each);
	return 0;
}

/* Left early: those that end later touch nothing; a refused next is repeated. */
static int as_completed_left_early(void *arg)
{
	(void)arg;
	cio_task *t[3] = {worker(LONG, 0), worker(1, 0), worker(LONG, 0)};
	cio_as_completed each;
	CHECK_INT(cio_as_completed_init(&each, t, 3), 0);
	CHECK_INT(cio_as_completed_next(&each), 1);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = (int)cio_as_completed_next(&each);
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_task_cancel(t[2], "test");
	CHECK_INT(cio_as_completed_next(&each), 2);
	cio_as_completed_finish(&each);
	cio_task_cancel(t[0], "test");
	CHECK_INT(cio_await(t[0]), -ECANCELED);
	CHECK_INT(cio_await(t[1]), 0);
	CHECK_INT(cio_await(t[2]), -ECANCELED);
	return 0;
}

/* ---- wait_for ---- */

static int wait_for_works(void *arg)
{
	(void)arg;
	CHECK_INT(cio_wait_for(worker(1, 7), CIO_S(3600)), 7);
	CHECK_INT(cio_wait_for(worker(1, -EIO), CIO_NEVER), -EIO);
	CHECK_INT(cio_wait_for(NULL, CIO_S(1)), -ENOMEM);
	return 0;
}

/* W-01: it waits until the task has really ended, cleanup and all. */
static int w01_waits_for_the_end(void *arg)
{
	(void)arg;
	ended = 0;
	CHECK_INT(cio_wait_for(worker(LONG, 0), CIO_MS(1)), -ETIMEDOUT);
	CHECK_INT(ended, 1);
	CHECK_INT(cio_sleep(0), 0); /* the deadline was its own */
	return 0;
}

static int awaits_event(cio_event *const *e)
{
	int err = cio_event_wait(*e);
	return err < 0 ? err : 5;
}

struct alarm {
	cio_timer timer;
	cio_event event;
};

static void set_event(cio_timer *t)
{
	cio_event_set(&((struct alarm *)(void *)t)->event);
}

/* W-02: value and deadline in the same turn: what came first decides. */
static int w02_value_and_deadline(void *arg)
{
	(void)arg;
	for (int value_first = 0; value_first < 2; value_first++) {
		struct alarm a = {.timer.fire = set_event};
		cio_event *e = &a.event;
		cio_task *t = cio_spawn(awaits_event, &e);
		CHECK_INT(cio_yield(), 0);
		cio_time when = cio_now() + CIO_MS(1);
		cio_scope s;
		if (value_first)
			cio_timer_arm(&a.timer, when);
		cio_scope_begin(&s, when);
		if (!value_first)
			cio_timer_arm(&a.timer, when);
		int err = cio_scope_end(&s, cio_await(t));
		/* the task was woken before its cancel came: it has a value */
		CHECK_INT(err, value_first ? 5 : -ETIMEDOUT);
		cio_timer_disarm(&a.timer);
	}
	return 0;
}

static int waits_for_event(cio_event *const *e)
{
	int result = cio_wait_for(cio_spawn(awaits_event, e), CIO_S(3600));
	CHECK_INT(cio_sleep(0), -ECANCELED); /* the cancel is not lost */
	return result;
}

/* W-03: value and outer cancel in the same turn: the value, then the cancel. */
static int w03_value_and_outer_cancel(void *arg)
{
	(void)arg;
	cio_event event = {0}, *e = &event;
	cio_task *t = cio_spawn(waits_for_event, &e);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_event_set(&event);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 5);
	return 0;
}

/* W-04: a task that makes a value of the cancel: the value, or its error. */
static int w04_value_in_spite_of_it(void *arg)
{
	(void)arg;
	struct work w = {.ms = LONG, .instead = 9};
	CHECK_INT(cio_wait_for(cio_spawn(works, &w), CIO_MS(1)), 9);
	w.instead = -EIO;
	CHECK_INT(cio_wait_for(cio_spawn(works, &w), CIO_MS(1)), -EIO);
	return 0;
}

/* W-05: no time: what has ended has its result, the rest is cancelled. */
static int w05_no_time(void *arg)
{
	(void)arg;
	for (int d = -1; d <= 0; d++) {
		cio_task *t = worker(NOW, 4);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_wait_for(t, d), 4);
		ended = 0;
		CHECK_INT(cio_wait_for(worker(LONG, 0), d), -ETIMEDOUT);
		CHECK_INT(ended, 1);
	}
	return 0;
}

/* ---- gather ---- */

static int gathers(void *arg)
{
	(void)arg;
	int results[3];
	CHECK_INT(cio_gather(
			  CIO_TASKS(worker(3, 1), worker(NOW, 2), worker(1, 3)),
			  .results = results),
		0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(results[i], i + 1);
	cio_task *t[2] = {worker(1, 0), worker(1, 0)};
	CHECK_INT(cio_gather(t, 2), 0);
	return 0;
}

/* G-01: the first error cancels the rest, which have ended then. */
static int g01_first_error_cancels(void *arg)
{
	(void)arg;
	int results[4];
	ended = 0;
	CHECK_INT(cio_gather(CIO_TASKS(worker(LONG, 0), worker(NOW, 6),
				     worker(2, -EIO), worker(LONG, 0)),
			  .results = results),
		-EIO);
	CHECK(strcmp(cio_error_text(), "after 2") == 0);
	CHECK_INT(ended, 4);
	CHECK_INT(results[0], -ECANCELED);
	CHECK_INT(results[1], 6);
	CHECK_INT(results[2], -EIO);
	CHECK_INT(results[3], -ECANCELED);
	CHECK_INT(cio_sleep(0), 0); /* the caller is not cancelled */

	cio_task *failed = worker(NOW, -EPROTO); /* before the gather */
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_gather(CIO_TASKS(worker(LONG, 0), failed)), -EPROTO);
	return 0;
}

struct gatherer {
	int *results;
	cio_errors errors;
	int ms;
};

static int gathers_three(const struct gatherer *g)
{
	cio_task *t[3] = {worker(LONG, 0), worker(g->ms, -EIO),
		worker(LONG, 0)};
	return cio_gather(t, 3, .results = g->results, .errors = g->errors);
}

/* G-02: collecting, an outer cancel still comes through. */
static int g02_collects_and_is_cancelled(void *arg)
{
	(void)arg;
	int results[3];
	CHECK_INT(cio_gather(CIO_TASKS(worker(3, 1), worker(2, -EIO),
				     worker(1, -EPROTO)),
			  .results = results, .errors = CIO_COLLECT),
		-EPROTO); /* the first in time */
	CHECK_INT(results[0], 1);
	CHECK_INT(results[1], -EIO);
	CHECK_INT(results[2], -EPROTO);

	ended = 0;
	struct gatherer g = {results, CIO_COLLECT, LONG};
	cio_task *t = cio_spawn(gathers_three, &g);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(ended, 3);

	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = gathers_three(&g);
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(ended, 6);
	return 0;
}

/* G-03: a cancelled child is that child's error; the gatherer is not. */
static int g03_cancelled_child(void *arg)
{
	(void)arg;
	int results[2];
	cio_task *t[2] = {worker(1, 8), worker(LONG, 0)};
	cio_task_cancel(t[1], "test");
	CHECK_INT(cio_gather(t, 2, .results = results, .errors = CIO_COLLECT),
		-ECANCELED);
	CHECK_INT(results[0], 8);
	CHECK_INT(results[1], -ECANCELED);

	t[0] = worker(LONG, 8); /* as any error, it ends the others */
	t[1] = worker(LONG, 0);
	cio_task_cancel(t[1], "test");
	CHECK_INT(cio_gather(t, 2, .results = results), -ECANCELED);
	CHECK_INT(results[0], -ECANCELED);
	CHECK_INT(cio_sleep(0), 0);
	return 0;
}

/* G-04: cancelled when all of them have ended: their results. */
static int g04_cancelled_after_the_end(void *arg)
{
	(void)arg;
	int results[2] = {0};
	cio_task *t[2] = {worker(NOW, 1), worker(NOW, 2)};
	CHECK_INT(cio_yield(), 0);
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_gather(t, 2, .results = results);
	}
	CHECK_INT(err, 0);
	CHECK_INT(results[0] + results[1], 3);
	return 0;
}

/* G-05: what fails after the first is said to nobody (RUNS checks reports). */
static int g05_second_error_is_quiet(void *arg)
{
	(void)arg;
	struct work stubborn = {.ms = LONG, .instead = -EPROTO};
	int results[2];
	CHECK_INT(cio_gather(CIO_TASKS(worker(1, -EIO),
				     cio_spawn(works, &stubborn)),
			  .results = results),
		-EIO);
	CHECK_INT(results[1], -EPROTO);
	CHECK(strcmp(cio_error_text(), "after 1") == 0);
	return 0;
}

/* ---- cancelled everywhere ---- */

static int all_of_it(void *arg)
{
	(void)arg;
	cio_task *t[3] = {worker(1, 0), worker(2, 0), worker(3, 0)};
	int n = cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_S(1));
	cio_as_completed each;
	int err = n < 0 ? n : cio_as_completed_init(&each, t, 3);
	if (n >= 0) {
		ssize_t i = err;
		while (i >= 0 && (i = cio_as_completed_next(&each)) >= 0)
			err = cio_task_result(t[i]);
		err = i == -ENODATA || err < 0 ? err : (int)i;
		cio_as_completed_finish(&each);
	}
	int gathered = cio_gather(t, 3);
	if (err == 0)
		err = gathered;
	int last = cio_wait_for(worker(1, 0), CIO_S(1));
	return err < 0 ? err : last;
}

static void everywhere(void **state)
{
	(void)state;
	assert_int_equal(check_run(all_of_it, NULL), 0);
	check_cancel_everywhere(all_of_it, NULL, "wait");
	check_fail_allocations(all_of_it, NULL, "wait");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(first_completed)
RUNS(all_completed)
RUNS(first_exception)
RUNS(wait_times_out)
RUNS(wait_cancelled)
RUNS(refuses_nonsense)
RUNS(in_order_of_ending)
RUNS(as_completed_left_early)
RUNS(wait_for_works)
RUNS(w01_waits_for_the_end)
RUNS(w02_value_and_deadline)
RUNS(w03_value_and_outer_cancel)
RUNS(w04_value_in_spite_of_it)
RUNS(w05_no_time)
RUNS(gathers)
RUNS(g01_first_error_cancels)
RUNS(g02_collects_and_is_cancelled)
RUNS(g03_cancelled_child)
RUNS(g04_cancelled_after_the_end)
RUNS(g05_second_error_is_quiet)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_first_completed),
		cmocka_unit_test(run_all_completed),
		cmocka_unit_test(run_first_exception),
		cmocka_unit_test(run_wait_times_out),
		cmocka_unit_test(run_wait_cancelled),
		cmocka_unit_test(run_refuses_nonsense),
		cmocka_unit_test(run_in_order_of_ending),
		cmocka_unit_test(run_as_completed_left_early),
		cmocka_unit_test(run_wait_for_works),
		cmocka_unit_test(run_w01_waits_for_the_end),
		cmocka_unit_test(run_w02_value_and_deadline),
		cmocka_unit_test(run_w03_value_and_outer_cancel),
		cmocka_unit_test(run_w04_value_in_spite_of_it),
		cmocka_unit_test(run_w05_no_time),
		cmocka_unit_test(run_gathers),
		cmocka_unit_test(run_g01_first_error_cancels),
		cmocka_unit_test(run_g02_collects_and_is_cancelled),
		cmocka_unit_test(run_g03_cancelled_child),
		cmocka_unit_test(run_g04_cancelled_after_the_end),
		cmocka_unit_test(run_g05_second_error_is_quiet),
		cmocka_unit_test(everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

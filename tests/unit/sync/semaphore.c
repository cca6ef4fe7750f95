/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * semaphore.c - permits: order, no barging, nothing lost in a cancel
 */
#include <cio/semaphore.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"

static int order[64], order_n;

struct user {
	cio_semaphore *s;
	int id;
};

/* Take a permit, note it, keep it for a turn, give it back. */
static int use(const struct user *u)
{
	int err = cio_semaphore_acquire(u->s);
	if (err < 0)
		return err;
	order[order_n++] = u->id;
	err = cio_yield();
	cio_semaphore_release(u->s);
	return err;
}

/* Take a permit and keep it. */
static int take(const struct user *u)
{
	int err = cio_semaphore_acquire(u->s);
	if (err == 0)
		order[order_n++] = u->id;
	return err;
}

static int arrival_order(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 2);
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 20; i++)
			CHECK_INT(
				cio_group_spawn(&g, use, &(struct user){&s, i}),
				0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(order_n, 20);
	for (int i = 0; i < 20; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(s.permits, 2);
	CHECK_INT(cio_semaphore_finish(&s), 0);
	return 0;
}

/* The releaser itself, and try_acquire, may not overtake who waits. */
static int no_barging(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 1);
	order_n = 0;
	CHECK_INT(cio_semaphore_acquire(&s), 0);
	cio_task *t = cio_spawn(take, &(struct user){&s, 1});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_semaphore_finish(&s), -EBUSY);
	cio_semaphore_release(&s);
	CHECK_INT(s.permits, 0); /* it went to the waiter at once */
	CHECK_INT(cio_semaphore_try_acquire(&s), -EAGAIN);
	CHECK(!cio_task_done(t));
	cio_task *later = cio_spawn(take, &(struct user){&s, 2});
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(order[0], 1);
	cio_semaphore_release(&s);
	CHECK_INT(cio_await(later), 0);
	return 0;
}

/* Handed over, then cancelled in the same turn: it owns the permit. */
static int handed_then_cancelled(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 0);
	order_n = 0;
	cio_task *t = cio_spawn(take, &(struct user){&s, 1});
	CHECK_INT(cio_yield(), 0);
	cio_semaphore_release(&s);
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(s.permits, 0);
	return 0;
}

/* Cancelled, then released in the same turn: the permit goes to the next. */
static int cancelled_then_released(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 0);
	order_n = 0;
	cio_task *first = cio_spawn(take, &(struct user){&s, 1});
	cio_task *second = cio_spawn(take, &(struct user){&s, 2});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(first, "first");
	cio_semaphore_release(&s);
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(order[0], 2);

	cio_task *only = cio_spawn(take, &(struct user){&s, 3});
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(only, "nobody else waits");
	cio_semaphore_release(&s);
	CHECK_INT(s.permits, 1);
	CHECK_INT(cio_await(only), -ECANCELED);
	return 0;
}

/* A wait checks first, even if it could succeed at once. */
static int refused_with_a_free_permit(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 1);
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_semaphore_acquire(&s);
		CHECK_INT(err, -ETIMEDOUT);
		CHECK_INT(cio_semaphore_try_acquire(&s),
			0); /* a closer's kind */
		cio_semaphore_release(&s);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(s.permits, 1);
	return 0;
}

static int times_out(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 0);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(2), &err) {
		err = cio_semaphore_acquire(&s);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_semaphore_finish(&s), 0);
	return 0;
}

static int count;

static int counts(const int *unused)
{
	(void)unused;
	count++;
	return 0;
}

/* A task that never has to wait lets others run. */
static int is_a_scheduling_point(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 1);
	count = 0;
	cio_task *t = cio_spawn(counts, &(int){0});
	for (int i = 0; i < 128; i++) {
		CHECK_INT(cio_semaphore_acquire(&s), 0);
		cio_semaphore_release(&s);
	}
	CHECK_INT(count, 1);
	return cio_await(t);
}

static int try_again(void *arg)
{
	(void)arg;
	cio_semaphore s;
	cio_semaphore_init(&s, 1);
	CHECK_INT(cio_semaphore_try_acquire(&s), 0);
	CHECK_INT(cio_semaphore_try_acquire(&s), -EAGAIN);
	cio_semaphore_release(&s);
	CHECK_INT(cio_semaphore_try_acquire(&s), 0);
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(arrival_order)
RUNS(no_barging)
RUNS(handed_then_cancelled)
RUNS(cancelled_then_released)
RUNS(refused_with_a_free_permit)
RUNS(times_out)
RUNS(is_a_scheduling_point)
RUNS(try_again)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_arrival_order),
		cmocka_unit_test(run_no_barging),
		cmocka_unit_test(run_handed_then_cancelled),
		cmocka_unit_test(run_cancelled_then_released),
		cmocka_unit_test(run_refused_with_a_free_permit),
		cmocka_unit_test(run_times_out),
		cmocka_unit_test(run_is_a_scheduling_point),
		cmocka_unit_test(run_try_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

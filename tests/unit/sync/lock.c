/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * lock.c - one owner: order, no barging, no lock lost in a cancel
 */
#include <cio/lock.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static int order[64], order_n;

struct user {
	cio_lock *l;
	int id;
};

/* Hold the lock for a turn. */
static int use(const struct user *u)
{
	int err = cio_lock_acquire(u->l);
	if (err < 0)
		return err;
	CHECK(u->l->owner == cio_current_task());
	order[order_n++] = u->id;
	err = cio_yield();
	CHECK_INT(cio_lock_release(u->l), 0);
	return err;
}

static cio_task *user(cio_lock *l, int id)
{
	return cio_spawn(use, &(struct user){l, id});
}

static int arrival_order(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	order_n = 0;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 20; i++)
			CHECK_INT(
				cio_group_spawn(&g, use, &(struct user){&l, i}),
				0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(order_n, 20);
	for (int i = 0; i < 20; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(cio_lock_finish(&l), 0);
	return 0;
}

/* Who releases and acquires in one turn does not overtake who waits. */
static int no_barging(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	order_n = 0;
	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *t = user(&l, 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK(l.owner == t); /* at once, before it has run */
	CHECK_INT(cio_lock_try_acquire(&l), -EAGAIN);
	CHECK_INT(cio_lock_acquire(&l), 0);
	CHECK_INT(order_n, 1);
	CHECK(cio_task_done(t));
	CHECK_INT(cio_lock_release(&l), 0);
	return cio_await(t);
}

/* Handed over, then cancelled in the same turn: it holds the lock, meets the
 * cancel at its next call, and releases while it unwinds. */
static int handed_then_cancelled(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	order_n = 0;
	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *t = user(&l, 1), *next = user(&l, 2);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&l), 0);
	cio_task_cancel(t, "too late");
	CHECK_INT(cio_await(t), -ECANCELED); /* by its cio_yield */
	CHECK_INT(cio_await(next), 0);
	CHECK_INT(order_n, 2);
	CHECK(l.owner == NULL);
	return 0;
}

/* Cancelled, then released in the same turn: a cancelled head of the queue
 * strands nobody, and a lock that nobody waits for is free. */
static int cancelled_then_released(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	order_n = 0;
	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *first = user(&l, 1), *second = user(&l, 2);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(first, "first");
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK(l.owner == second);
	CHECK_INT(cio_await(first), -ECANCELED);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(order[0], 2);

	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *only = user(&l, 3);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(only, "nobody else waits");
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK(l.owner == NULL);
	CHECK_INT(cio_await(only), -ECANCELED);
	return 0;
}

/* Who was cancelled long ago, or before its first turn, blocks no later user. */
static int cancelled_early(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	order_n = 0;
	cio_task *unborn = user(&l, 1);
	cio_task_cancel(unborn, "before its first turn");
	CHECK_INT(cio_await(unborn), -ECANCELED);
	CHECK(l.owner == NULL);
	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *waits = user(&l, 2);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(waits, "while it waits");
	CHECK_INT(cio_await(waits), -ECANCELED);
	cio_task *later = user(&l, 3);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK_INT(cio_await(later), 0);
	CHECK_INT(order_n, 1);
	return 0;
}

/* A wait checks first, even for a free lock; a release is never refused. */
static int refused_while_free(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_lock_acquire(&l);
		CHECK_INT(err, -ETIMEDOUT);
		CHECK_INT(cio_lock_try_acquire(&l), 0);
		CHECK_INT(cio_lock_release(&l), 0);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(l.owner == NULL);
	return 0;
}

static int release_anothers(const struct user *u)
{
	CHECK_INT(cio_lock_release(u->l), -EPERM);
	CHECK(strstr(cio_error_text(), "another task") != NULL);
	return 0;
}

static int only_the_owner_releases(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	CHECK_INT(cio_lock_release(&l), -EPERM);
	CHECK(strstr(cio_error_text(), "nobody") != NULL);
	CHECK_INT(cio_lock_acquire(&l), 0);
	cio_task *t = cio_spawn(release_anothers, &(struct user){&l, 0});
	CHECK_INT(cio_await(t), 0);
	CHECK(l.owner == cio_current_task());
	CHECK_INT(cio_lock_acquire(&l), -EDEADLK);
	CHECK(strstr(cio_error_text(), "already") != NULL);
	CHECK_INT(cio_lock_try_acquire(&l), -EAGAIN);
	CHECK_INT(cio_lock_release(&l), 0);
	return 0;
}

struct alarm {
	cio_timer timer;
	cio_lock lock;
	cio_waiter *w;
	int free, held;
};

static void try_the_lock(cio_timer *t)
{
	struct alarm *a = (struct alarm *)(void *)t;
	a->free = cio_lock_try_acquire(&a->lock);
	a->held = cio_lock_release(&a->lock);
	cio_unpark(a->w);
}

/* Not a task: it cannot own a lock. */
static int callbacks_own_nothing(void *arg)
{
	(void)arg;
	cio_waiter w = {0};
	struct alarm a = {.timer = {.fire = try_the_lock}, .w = &w};
	cio_timer_arm(&a.timer, cio_now());
	CHECK_INT(cio_park(&w, NULL, "callback"), 0);
	CHECK_INT(a.free, -EPERM);
	CHECK_INT(a.held, -EPERM);
	CHECK_INT(cio_lock_acquire(&a.lock), 0);
	cio_timer_arm(&a.timer, cio_now());
	CHECK_INT(cio_park(&w, NULL, "callback"), 0);
	CHECK_INT(a.free, -EPERM);
	CHECK_INT(a.held, -EPERM);
	CHECK_INT(cio_lock_release(&a.lock), 0);
	return 0;
}

static int finish_is_busy(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	CHECK_INT(cio_lock_finish(&l), 0);
	CHECK_INT(cio_lock_acquire(&l), 0);
	CHECK_INT(cio_lock_finish(&l), -EBUSY);
	cio_task *t = user(&l, 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&l), 0);
	CHECK_INT(cio_lock_finish(&l), -EBUSY);
	CHECK_INT(cio_await(t), 0); /* it went on */
	CHECK_INT(cio_lock_finish(&l), 0);
	return 0;
}

static int counts(int *const *n)
{
	++**n;
	return 0;
}

static int is_a_scheduling_point(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	int n = 0;
	cio_task *t = cio_spawn(counts, &(int *){&n});
	for (int i = 0; i < 128; i++) {
		CHECK_INT(cio_lock_acquire(&l), 0);
		CHECK_INT(cio_lock_release(&l), 0);
	}
	CHECK_INT(n, 1);
	return cio_await(t);
}

/* ---- the block form ---- */

static int leave_by_return(cio_lock *l)
{
	int err;
	CIO_LOCKED (l, &err) {
		CHECK(l->owner == cio_current_task());
		return 7;
	}
	return err;
}

static int leave_by_goto(cio_lock *l)
{
	int err;
	CIO_LOCKED (l, &err) {
		goto out;
	}
	err = 1;
out:
	return err;
}

static int blocks_release(void *arg)
{
	(void)arg;
	cio_lock l = {0}, inner = {0};
	int err = 1, runs = 0;
	CIO_LOCKED (&l, &err) {
		CIO_LOCKED (&inner, &err) {
			CHECK(l.owner != NULL && inner.owner != NULL);
		}
		CHECK(l.owner != NULL && inner.owner == NULL);
		err = -EIO; /* the body's result stays */
	}
	CHECK_INT(err, -EIO);
	CHECK(l.owner == NULL);
	for (int i = 0; i < 2; i++) {
		CIO_LOCKED (&l, &err) {
			runs++;
			if (i == 0)
				continue;
			break;
		}
		CHECK(l.owner == NULL);
	}
	CHECK_INT(runs, 2);
	CHECK_INT(leave_by_return(&l), 7);
	CHECK_INT(leave_by_goto(&l), 0);
	CHECK(l.owner == NULL);
	return 0;
}

static int a_refused_block_does_not_run(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	int err = 0, runs = 0;
	CIO_TIMEOUT (0, &err) {
		CIO_LOCKED (&l, &err) {
			runs++;
		}
	}
	CHECK_INT(err, -ETIMEDOUT);
	CIO_LOCKED (&l, &err) {
		CIO_LOCKED (&l, &err) {
			runs++;
		}
		CHECK_INT(err, -EDEADLK);
		CHECK(l.owner == cio_current_task());
	}
	CHECK_INT(runs, 0);
	CHECK(l.owner == NULL);
	return 0;
}

static int a_block_loses_its_lock(void *arg)
{
	(void)arg;
	cio_lock l = {0};
	int err;
	CIO_LOCKED (&l, &err) {
		CHECK_INT(cio_lock_release(&l), 0);
	}
	return err;
}

/* ---- cancelled anywhere ---- */

struct ward {
	cio_lock lock;
	int inside;
};

static int work_alone(const struct member *m)
{
	struct ward *w = m->shared;
	int err;
	CIO_LOCKED (&w->lock, &err) {
		CHECK_INT(w->inside++, 0);
		for (uint32_t i = 0; i < m->chance % 4 && err == 0; i++)
			err = cio_yield();
		CHECK_INT(--w->inside, 0);
	}
	return err;
}

static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct ward w = {0};
		storm(work_alone, &w, seed, NULL);
		CHECK_INT(cio_lock_finish(&w.lock), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	struct ward w = {0};
	int err = 0;
	CIO_GROUP (g, &err) {
		for (uint32_t i = 0; i < 6 && err == 0; i++)
			err = cio_group_spawn(&g, work_alone,
				&(struct member){&w, i});
		if (err == 0)
			err = work_alone(&(struct member){&w, 3});
	}
	CHECK_INT(cio_lock_finish(&w.lock), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "lock");
}

static void a_lost_lock_is_reported(void **state)
{
	(void)state;
	assert_int_equal(check_run(a_block_loses_its_lock, NULL), 0);
	assert_non_null(
		strstr(check_reports(), "error: a block of CIO_LOCKED"));
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
RUNS(cancelled_early)
RUNS(refused_while_free)
RUNS(only_the_owner_releases)
RUNS(callbacks_own_nothing)
RUNS(finish_is_busy)
RUNS(is_a_scheduling_point)
RUNS(blocks_release)
RUNS(a_refused_block_does_not_run)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_arrival_order),
		cmocka_unit_test(run_no_barging),
		cmocka_unit_test(run_handed_then_cancelled),
		cmocka_unit_test(run_cancelled_then_released),
		cmocka_unit_test(run_cancelled_early),
		cmocka_unit_test(run_refused_while_free),
		cmocka_unit_test(run_only_the_owner_releases),
		cmocka_unit_test(run_callbacks_own_nothing),
		cmocka_unit_test(run_finish_is_busy),
		cmocka_unit_test(run_is_a_scheduling_point),
		cmocka_unit_test(run_blocks_release),
		cmocka_unit_test(run_a_refused_block_does_not_run),
		cmocka_unit_test(a_lost_lock_is_reported),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

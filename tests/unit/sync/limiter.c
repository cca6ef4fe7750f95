/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * limiter.c - a total that changes while tasks borrow and wait
 */
#include <cio/limiter.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static int order[64], order_n;

struct user {
	cio_limiter *l;
	int id;
};

/* Borrow and keep it. */
static int borrow(const struct user *u)
{
	int err = cio_limiter_acquire(u->l);
	if (err == 0)
		order[order_n++] = u->id;
	return err;
}

static cio_task *user(cio_limiter *l, int id)
{
	return cio_spawn(borrow, &(struct user){l, id});
}

static int more_wakes_in_order(void *arg)
{
	(void)arg;
	cio_limiter l;
	cio_task *t[6];
	cio_limiter_init(&l, 0);
	order_n = 0;
	for (int i = 0; i < 6; i++)
		t[i] = user(&l, i);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 0);
	cio_limiter_set_total(&l, 4);
	CHECK_INT(l.borrowed, 4); /* at once: nobody comes between */
	CHECK_INT(cio_limiter_try_acquire(&l), -EAGAIN);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 4);
	cio_limiter_set_total(&l, 100);
	for (int i = 0; i < 6; i++)
		CHECK_INT(cio_await(t[i]), 0);
	for (int i = 0; i < 6; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(l.borrowed, 6);
	return 0;
}

static int less_takes_nothing_away(void *arg)
{
	(void)arg;
	cio_limiter l;
	cio_limiter_init(&l, 3);
	order_n = 0;
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_limiter_acquire(&l), 0);
	cio_limiter_set_total(&l, 1);
	CHECK_INT(l.borrowed, 3);
	cio_task *t = user(&l, 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(l.borrowed, 1); /* still as many as there may be */
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 0);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(l.borrowed, 1); /* the waiter's */
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(cio_limiter_release(&l), -EINVAL);
	CHECK(cio_error_text()[0] != 0);
	CHECK_INT(cio_limiter_finish(&l), 0);
	return 0;
}

static int no_barging(void *arg)
{
	(void)arg;
	cio_limiter l;
	cio_limiter_init(&l, 1);
	order_n = 0;
	CHECK_INT(cio_limiter_acquire(&l), 0);
	cio_task *t = user(&l, 1);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(cio_limiter_try_acquire(&l), -EAGAIN);
	cio_task *later = user(&l, 2);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(cio_await(later), 0);
	return 0;
}

/* The first event decides, on either side. */
static int against_cancel(void *arg)
{
	(void)arg;
	cio_limiter l;
	cio_limiter_init(&l, 0);
	order_n = 0;
	cio_task *a = user(&l, 1), *b = user(&l, 2), *c = user(&l, 3);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(a, "before there was room");
	cio_limiter_set_total(&l, 1);
	cio_task_cancel(b, "after there was room");
	CHECK_INT(cio_await(a), -ECANCELED);
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(l.borrowed, 1);
	CHECK_INT(cio_limiter_finish(&l), -EBUSY);
	CHECK_INT(cio_limiter_release(&l), 0);
	CHECK_INT(cio_await(c), 0);
	CHECK_INT(cio_limiter_release(&l), 0);

	int err = 0;
	CIO_TIMEOUT (0, &err) {
		err = cio_limiter_acquire(&l); /* checks first */
		CHECK_INT(cio_limiter_try_acquire(&l), 0);
		CHECK_INT(cio_limiter_release(&l), 0);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_limiter_finish(&l), 0);
	return 0;
}

/* ---- cancelled anywhere ---- */

struct ward {
	cio_limiter limiter;
	uint32_t inside;
};

static int work(const struct member *m)
{
	struct ward *w = m->shared;
	int err = cio_limiter_acquire(&w->limiter);
	if (err < 0)
		return err;
	CHECK(++w->inside <= 4);
	CHECK(w->limiter.borrowed >= w->inside);
	for (uint32_t i = 0; i < m->chance % 3 && err == 0; i++)
		err = cio_yield();
	w->inside--;
	CHECK_INT(cio_limiter_release(&w->limiter), 0);
	if (m->chance % 5 == 0)
		cio_limiter_set_total(&w->limiter, 1 + m->chance % 4);
	return err;
}

static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct ward w = {0};
		cio_limiter_init(&w.limiter, 2);
		storm(work, &w, seed, NULL);
		CHECK_INT(w.inside, 0);
		CHECK_INT(cio_limiter_finish(&w.limiter), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	struct ward w = {0};
	cio_limiter_init(&w.limiter, 2);
	int err = 0;
	CIO_GROUP (g, &err) {
		for (uint32_t i = 0; i < 7 && err == 0; i++)
			err = cio_group_spawn(&g, work,
				&(struct member){&w, i});
		if (err == 0)
			err = work(&(struct member){&w, 2});
	}
	CHECK_INT(cio_limiter_finish(&w.limiter), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "limiter");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(more_wakes_in_order)
RUNS(less_takes_nothing_away)
RUNS(no_barging)
RUNS(against_cancel)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_more_wakes_in_order),
		cmocka_unit_test(run_less_takes_nothing_away),
		cmocka_unit_test(run_no_barging),
		cmocka_unit_test(run_against_cancel),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * condition.c - no notification is lost, and the lock is always held again
 */
#include <cio/condition.h>

#include <errno.h>

#include <cio/group.h>
#include <cio/impl.h>
#include <cio/time.h>

#include "check.h"
#include "storm.h"

static int order[64], order_n;

struct place {
	cio_lock lock;
	cio_condition changed;
	int stock;
	bool done;
};

struct visitor {
	struct place *p;
	int id;
};

/* Wait once; the lock is held whatever the wait returns. */
static int wait_once(const struct visitor *v)
{
	int err;
	CIO_LOCKED (&v->p->lock, &err) {
		err = cio_condition_wait(&v->p->changed, &v->p->lock);
		CHECK(v->p->lock.owner == cio_current_task());
		if (err == 0)
			order[order_n++] = v->id;
	}
	return err;
}

static cio_task *visitor(struct place *p, int id)
{
	return cio_spawn(wait_once, &(struct visitor){p, id});
}

static int notifies_in_order(void *arg)
{
	(void)arg;
	struct place p = {0};
	order_n = 0;
	int err = 0;
	cio_condition_notify(&p.changed, 3); /* nobody there: forgotten */
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 10; i++)
			CHECK_INT(cio_group_spawn(&g, wait_once,
					  &(struct visitor){&p, i}),
				0);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_condition_finish(&p.changed), -EBUSY);
		cio_condition_notify(&p.changed, 0);
		cio_condition_notify(&p.changed, 2);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(order_n, 2);
		cio_condition_notify(&p.changed, 1);
		cio_condition_notify_all(&p.changed);
	}
	CHECK_INT(err, 0);
	CHECK_INT(order_n, 10);
	for (int i = 0; i < 10; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(cio_condition_finish(&p.changed), 0);
	CHECK_INT(cio_lock_finish(&p.lock), 0);
	return 0;
}

/* Cancelled, then notified in the same turn: the notification goes on to the
 * next. Notified, then cancelled: 0, and it is used. */
static int notify_against_cancel(void *arg)
{
	(void)arg;
	struct place p = {0};
	order_n = 0;
	cio_task *a = visitor(&p, 1), *b = visitor(&p, 2), *c = visitor(&p, 3);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(a, "before the notify");
	cio_condition_notify(&p.changed, 1);
	cio_task_cancel(b, "after the notify");
	CHECK_INT(cio_await(a), -ECANCELED);
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(order_n, 1);
	CHECK_INT(order[0], 2);
	cio_condition_notify(&p.changed, 1);
	CHECK_INT(cio_await(c), 0);
	return 0;
}

/* Cancelled, it waits for the lock all the same; cancelled again or late while
 * it takes the lock, too. */
static int takes_the_lock_back(void *arg)
{
	(void)arg;
	struct place p = {0};
	order_n = 0;
	cio_task *cancelled = visitor(&p, 1), *notified = visitor(&p, 2);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_acquire(&p.lock), 0);
	cio_task_cancel(cancelled, "while it waits");
	cio_condition_notify(&p.changed, 1);
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(cancelled) && !cio_task_done(notified));
	cio_task_cancel(notified, "while it takes the lock back");
	for (int i = 0; i < 5; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(notified));
	CHECK(p.lock.owner == cio_current_task());
	CHECK_INT(cio_lock_release(&p.lock), 0);
	CHECK_INT(cio_await(cancelled), -ECANCELED);
	CHECK_INT(cio_await(notified), 0);
	CHECK_INT(cio_lock_finish(&p.lock), 0);
	return 0;
}

/* The cancel that came during the re-acquire is met by the next call. */
static int waits_then_yields(struct place *const *p)
{
	int err, next = 0;
	CIO_LOCKED (&(*p)->lock, &err) {
		err = cio_condition_wait(&(*p)->changed, &(*p)->lock);
		next = cio_yield();
	}
	CHECK_INT(err, 0);
	return next;
}

static int the_cancel_is_not_eaten(void *arg)
{
	(void)arg;
	struct place p = {0};
	cio_task *t = cio_spawn(waits_then_yields, &(struct place *){&p});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_acquire(&p.lock), 0);
	cio_condition_notify_all(&p.changed);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t, "while it takes the lock back");
	CHECK_INT(cio_lock_release(&p.lock), 0);
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(cio_lock_finish(&p.lock), 0);
	return 0;
}

static int wait_without_lock(const struct visitor *v)
{
	CHECK_INT(cio_condition_wait(&v->p->changed, &v->p->lock), -EPERM);
	CHECK(strstr(cio_error_text(), "lock") != NULL);
	return 0;
}

static bool in_stock(void *place)
{
	struct place *p = place;
	CHECK(p->lock.owner == cio_current_task());
	return p->stock > 0;
}

static int needs_the_lock(void *arg)
{
	(void)arg;
	struct place p = {.stock = 1};
	struct visitor v = {&p, 0};
	CHECK_INT(wait_without_lock(&v), 0);
	CHECK_INT(cio_condition_wait_until(&p.changed, &p.lock, in_stock, &p),
		-EPERM);
	CHECK_INT(cio_lock_acquire(&p.lock), 0);
	CHECK_INT(cio_await(cio_spawn(wait_without_lock, &v)), 0);
	int err = 0;
	CIO_TIMEOUT (0, &err) { /* it checks first, and keeps the lock */
		err = cio_condition_wait(&p.changed, &p.lock);
		CHECK_INT(err, -ETIMEDOUT);
		CHECK_INT(cio_condition_wait_until(&p.changed, &p.lock,
				  in_stock, &p),
			-ETIMEDOUT);
	}
	CHECK(p.lock.owner == cio_current_task());
	CHECK_INT(cio_condition_wait_until(&p.changed, &p.lock, in_stock, &p),
		0);
	CHECK_INT(cio_lock_release(&p.lock), 0);
	return 0;
}

static int buys(struct place *const *p)
{
	int err;
	CIO_LOCKED (&(*p)->lock, &err) {
		err = cio_condition_wait_until(&(*p)->changed, &(*p)->lock,
			in_stock, *p);
		if (err == 0)
			(*p)->stock--;
	}
	return err;
}

/* A predicate that is false again after the wake is waited for again. */
static int waits_until(void *arg)
{
	(void)arg;
	struct place p = {0};
	cio_task *a = cio_spawn(buys, &(struct place *){&p});
	cio_task *b = cio_spawn(buys, &(struct place *){&p});
	CHECK_INT(cio_yield(), 0);
	cio_condition_notify_all(&p.changed);
	CHECK_INT(cio_yield(), 0);
	p.stock = 1;
	cio_condition_notify_all(&p.changed);
	CHECK_INT(cio_await(a), 0);
	CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(b));
	p.stock = 1;
	cio_condition_notify(&p.changed, 1);
	CHECK_INT(cio_await(b), 0);
	CHECK_INT(p.stock, 0);

	int err = 0;
	CIO_TIMEOUT (CIO_MS(2), &err) {
		struct place *at = &p;
		err = buys(&at);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(cio_lock_finish(&p.lock), 0);
	return 0;
}

/* Sells without the lock, in whatever turn it gets. */
static int sells(struct place *const *p)
{
	(*p)->stock = 1;
	cio_condition_notify_all(&(*p)->changed);
	return 0;
}

/* Nothing runs between the look and the wait, also where a check would yield:
 * a notify from outside the lock is not lost. */
static int no_turn_before_the_wait(void *arg)
{
	(void)arg;
	for (int used = 0; used < 140; used++) {
		struct place p = {0};
		cio_lock other = {0};
		CHECK_INT(cio_yield(), 0); /* the count of checks starts anew */
		CHECK_INT(cio_lock_acquire(&p.lock), 0);
		for (int i = 0; i < used; i++) {
			CHECK_INT(cio_lock_acquire(&other), 0);
			CHECK_INT(cio_lock_release(&other), 0);
		}
		cio_task *t = cio_spawn(sells, &(struct place *){&p});
		int err = 0;
		CIO_TIMEOUT (CIO_S(10), &err) {
			while (err == 0 && p.stock == 0)
				err = cio_condition_wait(&p.changed, &p.lock);
		}
		CHECK_INT(err, 0);
		CHECK_INT(cio_lock_release(&p.lock), 0);
		CHECK_INT(cio_await(t), 0);
	}
	return 0;
}

/* ---- cancelled anywhere ---- */

/* Either puts one into the stock or takes one out. */
static int trade(const struct member *m)
{
	struct place *p = m->shared;
	int err;
	if (m->chance % 2 == 0) {
		CIO_LOCKED (&p->lock, &err) {
			p->stock++;
			cio_condition_notify(&p->changed, 1);
		}
		return err;
	}
	CIO_LOCKED (&p->lock, &err) {
		while (err == 0 && p->stock == 0 && !p->done)
			err = cio_condition_wait(&p->changed, &p->lock);
		CHECK(p->lock.owner == cio_current_task());
		if (err == 0 && p->stock > 0)
			p->stock--;
	}
	return err;
}

/* Opens the place for good, so that the storm can end. */
static void open_for_good(void *shared)
{
	struct place *p = shared;
	p->done = true;
	cio_condition_notify_all(&p->changed);
}

static int stormy(void *arg)
{
	(void)arg;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct place p = {0};
		storm(trade, &p, seed, open_for_good);
		CHECK_INT(cio_condition_finish(&p.changed), 0);
		CHECK_INT(cio_lock_finish(&p.lock), 0);
	}
	return 0;
}

static int in_a_group(void *arg)
{
	(void)arg;
	struct place p = {0}, *at = &p;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 4 && err == 0; i++)
			err = cio_group_spawn(&g, buys, &at);
		for (int i = 0; i < 5 && err == 0; i++) {
			CIO_LOCKED (&p.lock, &err) {
				p.stock++;
				cio_condition_notify(&p.changed, 1);
				err = cio_yield();
			}
		}
		if (err == 0)
			err = buys(&at);
	}
	CHECK_INT(cio_condition_finish(&p.changed), 0);
	CHECK_INT(cio_lock_finish(&p.lock), 0);
	return err;
}

static void cancelled_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(in_a_group, NULL, "condition");
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(notifies_in_order)
RUNS(notify_against_cancel)
RUNS(takes_the_lock_back)
RUNS(the_cancel_is_not_eaten)
RUNS(needs_the_lock)
RUNS(waits_until)
RUNS(no_turn_before_the_wait)
RUNS(stormy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_notifies_in_order),
		cmocka_unit_test(run_notify_against_cancel),
		cmocka_unit_test(run_takes_the_lock_back),
		cmocka_unit_test(run_the_cancel_is_not_eaten),
		cmocka_unit_test(run_needs_the_lock),
		cmocka_unit_test(run_waits_until),
		cmocka_unit_test(run_no_turn_before_the_wait),
		cmocka_unit_test(run_stormy),
		cmocka_unit_test(cancelled_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

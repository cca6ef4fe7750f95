/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * sync.c - rules L, CV, EV, Q-04 and X: what tasks wait for
 */
#include "rules/rules.h"

/* ---- locks ---- */

struct locker {
	cio_lock *lock;
	int *order, *n;
	int id;
};

static int locks(const struct locker *l)
{
	int err = cio_lock_acquire(l->lock);
	if (err < 0)
		return err;
	l->order[(*l->n)++] = l->id;
	return cio_lock_release(l->lock);
}

RULE(l_01_a_lock_handed_over_and_then_cancelled_is_passed_on)
{
	cio_lock lock = {0};
	int order[2] = {0}, n = 0;
	CHECK_INT(cio_lock_acquire(&lock), 0);
	cio_task *first = cio_spawn(locks, &(struct locker){&lock, order, &n, 1});
	cio_task *second = cio_spawn(locks, &(struct locker){&lock, order, &n, 2});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&lock), 0);
	cio_task_cancel(first, "test");
	CHECK_INT(cio_await(first), 0);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(n, 2);
	CHECK_INT(cio_lock_finish(&lock), 0);
	return 0;
}

RULE(l_02_who_releases_and_acquires_at_once_overtakes_nobody)
{
	cio_lock lock = {0};
	int order[3] = {0}, n = 0;
	CHECK_INT(cio_lock_acquire(&lock), 0);
	cio_task *first = cio_spawn(locks, &(struct locker){&lock, order, &n, 1});
	cio_task *second = cio_spawn(locks, &(struct locker){&lock, order, &n, 2});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_lock_release(&lock), 0);
	CHECK_INT(cio_lock_try_acquire(&lock), -EAGAIN);
	CHECK_INT(cio_lock_acquire(&lock), 0);
	CHECK_INT(n, 2); /* they were before us */
	CHECK_INT(order[0], 1);
	CHECK_INT(order[1], 2);
	CHECK_INT(cio_lock_release(&lock), 0);
	CHECK_INT(cio_await(first), 0);
	CHECK_INT(cio_await(second), 0);
	return 0;
}

static int acquires(cio_semaphore *const *s)
{
	return cio_semaphore_acquire(*s);
}

RULE(l_03_releases_in_one_turn_wake_as_many_and_a_cancel_loses_none)
{
	cio_semaphore s, *p = &s;
	cio_task *t[4];
	cio_semaphore_init(&s, 0);
	for (int i = 0; i < 4; i++)
		t[i] = cio_spawn(acquires, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(t[0], "before its permit");
	cio_semaphore_release(&s);
	cio_semaphore_release(&s);
	cio_task_cancel(t[1], "after its permit");
	CHECK_INT(cio_await(t[0]), -ECANCELED);
	CHECK_INT(cio_await(t[1]), 0);
	CHECK_INT(cio_await(t[2]), 0);
	CHECK(!cio_task_done(t[3]));
	cio_semaphore_release(&s);
	CHECK_INT(cio_await(t[3]), 0);
	CHECK_INT(s.permits, 0);
	return 0;
}

RULE(l_04_a_cancelled_head_does_not_strand_who_waits_behind_it)
{
	cio_semaphore s, *p = &s;
	cio_semaphore_init(&s, 0);
	cio_task *head = cio_spawn(acquires, &p);
	cio_task *behind = cio_spawn(acquires, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(head, "test");
	cio_semaphore_release(&s);
	CHECK_INT(cio_await(behind), 0);
	CHECK_INT(cio_await(head), -ECANCELED);
	return 0;
}

static int reads(cio_rwlock *const *l)
{
	int err = cio_rwlock_acquire_read(*l);
	return err < 0 ? err : cio_rwlock_release_read(*l);
}

static int writes(cio_rwlock *const *l)
{
	int err = cio_rwlock_acquire_write(*l);
	return err < 0 ? err : cio_rwlock_release_write(*l);
}

RULE(l_04_a_cancelled_writer_lets_in_the_readers_behind_it)
{
	cio_rwlock l = {0}, *p = &l;
	CHECK_INT(cio_rwlock_acquire_read(&l), 0);
	cio_task *writer = cio_spawn(writes, &p);
	cio_task *reader = cio_spawn(reads, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(writer, "test");
	CHECK_INT(cio_await(writer), -ECANCELED);
	CHECK_INT(cio_await(reader), 0); /* we still read */
	CHECK_INT(cio_rwlock_release_read(&l), 0);
	CHECK_INT(cio_rwlock_finish(&l), 0);
	return 0;
}

RULE(l_05_an_acquire_that_is_cancelled_early_leaves_the_lock_usable)
{
	cio_lock lock = {0};
	int order[2] = {0}, n = 0;
	for (int held = 0; held < 2; held++) {
		cio_task *t;
		if (held)
			CHECK_INT(cio_lock_acquire(&lock), 0);
		t = cio_spawn(locks, &(struct locker){&lock, order, &n, 1});
		cio_task_cancel(t, "before its first turn");
		CHECK_INT(cio_await(t), -ECANCELED);
		if (held)
			CHECK_INT(cio_lock_release(&lock), 0);
		CHECK_INT(cio_lock_finish(&lock), 0);
	}
	CHECK_INT(n, 0);
	return 0;
}

/* ---- condition ---- */

struct told {
	cio_condition c;
	cio_lock lock;
	bool held; /* by each who returned */
};

static int is_told(struct told *const *p)
{
	struct told *t = *p;
	int err = cio_lock_acquire(&t->lock);
	if (err < 0)
		return err;
	err = cio_condition_wait(&t->c, &t->lock);
	t->held = t->held && t->lock.owner == cio_current_task();
	CHECK_INT(cio_lock_release(&t->lock), 0);
	return err;
}

RULE(cv_01_a_notify_that_meets_a_cancel_is_not_lost)
{
	struct told s = {.held = true}, *p = &s;
	for (int notify_first = 0; notify_first < 2; notify_first++) {
		cio_task *a = cio_spawn(is_told, &p), *b = cio_spawn(is_told, &p);
		CHECK_INT(cio_yield(), 0);
		if (notify_first)
			cio_condition_notify(&s.c, 1);
		cio_task_cancel(a, "test");
		if (!notify_first)
			cio_condition_notify(&s.c, 1);
		CHECK_INT(cio_await(a), notify_first ? 0 : -ECANCELED);
		if (notify_first) /* a has used it up */
			cio_condition_notify(&s.c, 1);
		CHECK_INT(cio_await(b), 0);
	}
	CHECK_INT(cio_condition_finish(&s.c), 0);
	return 0;
}

RULE(cv_02_a_cancelled_wait_returns_with_the_lock_and_the_refusal)
{
	struct told s = {.held = true}, *p = &s;
	for (int busy = 0; busy < 2; busy++) {
		cio_task *t = cio_spawn(is_told, &p);
		CHECK_INT(cio_yield(), 0);
		if (busy) /* it has to wait for the lock */
			CHECK_INT(cio_lock_acquire(&s.lock), 0);
		cio_task_cancel(t, "test");
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_yield(), 0);
		CHECK(cio_task_done(t) == !busy);
		if (busy)
			CHECK_INT(cio_lock_release(&s.lock), 0);
		CHECK_INT(cio_await(t), -ECANCELED);
	}
	CHECK(s.held);
	CHECK_INT(cio_lock_finish(&s.lock), 0);
	return 0;
}

/* ---- event ---- */

static int waits(cio_event *const *e)
{
	return cio_event_wait(*e);
}

RULE(ev_01_set_and_clear_in_one_turn_wakes_all_who_waited)
{
	cio_event e = {0}, *p = &e;
	cio_task *t[3];
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(waits, &p);
	CHECK_INT(cio_yield(), 0);
	cio_event_set(&e);
	cio_event_clear(&e);
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_await(t[i]), 0);
	CHECK(!e.is_set);
	return 0;
}

/* ---- barrier ---- */

static int meets(cio_barrier *const *b)
{
	return cio_barrier_wait(*b);
}

RULE(q_04_a_cancelled_waiter_of_a_barrier_counts_as_not_come)
{
	cio_barrier b, *p = &b;
	cio_barrier_init(&b, 3);
	cio_task *first = cio_spawn(meets, &p), *second = cio_spawn(meets, &p);
	CHECK_INT(cio_yield(), 0);
	cio_task_cancel(first, "test");
	CHECK_INT(cio_await(first), -ECANCELED);
	cio_task *third = cio_spawn(meets, &p);
	CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(second) && !cio_task_done(third));
	CHECK_INT(cio_barrier_waiting(&b), 2);
	CHECK_INT(cio_barrier_wait(&b), 2);
	CHECK_INT(cio_await(second), 0);
	CHECK_INT(cio_await(third), 1);
	CHECK_INT(cio_barrier_finish(&b), 0);
	return 0;
}

/* ---- all of them ---- */

struct user {
	cio_queue *queue;
	int *item;
};

static int gets(const struct user *u)
{
	return cio_queue_get(u->queue, u->item);
}

RULE(x_01_the_end_of_what_is_waited_for_is_refused)
{
	cio_semaphore s, *sp = &s;
	struct told told = {.held = true}, *tp = &told;
	cio_barrier b, *bp = &b;
	cio_rwlock rw = {0}, *rp = &rw;
	cio_queue q;
	int item;
	cio_semaphore_init(&s, 0);
	cio_barrier_init(&b, 2);
	cio_queue_init(&q, sizeof item, 0);
	CHECK_INT(cio_rwlock_acquire_read(&rw), 0);
	cio_task *t[] = {cio_spawn(acquires, &sp), cio_spawn(is_told, &tp),
		cio_spawn(meets, &bp), cio_spawn(writes, &rp),
		cio_spawn(gets, &(struct user){&q, &item})};
	CHECK_INT(cio_yield(), 0);
	for (int ended = 0; ended < 2; ended++) {
		int want = ended ? 0 : -EBUSY;
		CHECK_INT(cio_semaphore_finish(&s), want);
		CHECK_INT(cio_condition_finish(&told.c), want);
		CHECK_INT(cio_barrier_finish(&b), want);
		CHECK_INT(cio_rwlock_finish(&rw), want);
		CHECK_INT(cio_queue_finish(&q), want);
		for (int i = 0; i < 5 && !ended; i++) {
			cio_task_cancel(t[i], "test");
			CHECK_INT(cio_await(t[i]), -ECANCELED);
		}
		if (!ended)
			CHECK_INT(cio_rwlock_release_read(&rw), 0);
	}
	return 0;
}

struct shared {
	cio_semaphore permits;
	cio_lock lock;
	cio_queue queue;
	cio_limiter limiter;
	int taken;
};

static int uses_all(struct shared *const *p)
{
	struct shared *s = *p;
	int item, err = cio_semaphore_acquire(&s->permits);
	if (err < 0)
		return err;
	int locked;
	CIO_LOCKED(&s->lock, &locked) {
		locked = cio_yield();
	}
	err = cio_limiter_acquire(&s->limiter);
	if (err == 0) {
		err = cio_queue_put(&s->queue, &(int){1});
		if (err == 0)
			err = cio_queue_get(&s->queue, &item);
		s->taken += err == 0;
		CHECK_INT(cio_limiter_release(&s->limiter), 0);
	}
	cio_semaphore_release(&s->permits);
	return err < 0 ? err : locked;
}

static int all_of_them(void *arg)
{
	struct shared s = {.taken = 0}, *p = &s;
	int err = 0;
	(void)arg;
	cio_semaphore_init(&s.permits, 2);
	cio_limiter_init(&s.limiter, 1);
	cio_queue_init(&s.queue, sizeof(int), 1);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 6 && err == 0; i++)
			err = cio_group_spawn(&g, uses_all, &p);
	}
	CHECK_INT(s.permits.permits, 2);
	CHECK_INT(cio_lock_finish(&s.lock), 0);
	CHECK_INT(cio_limiter_finish(&s.limiter), 0);
	CHECK(s.queue.size + (size_t)s.taken <= 6);
	CHECK_INT(cio_queue_finish(&s.queue), 0);
	return err;
}

static void x_02_a_cancel_at_each_suspension_loses_nothing(void **state)
{
	(void)state;
	assert_int_equal(check_run(all_of_them, NULL), 0);
	check_cancel_everywhere(all_of_them, NULL, "all of them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(l_01_a_lock_handed_over_and_then_cancelled_is_passed_on),
		cmocka_unit_test(l_02_who_releases_and_acquires_at_once_overtakes_nobody),
		cmocka_unit_test(l_03_releases_in_one_turn_wake_as_many_and_a_cancel_loses_none),
		cmocka_unit_test(l_04_a_cancelled_head_does_not_strand_who_waits_behind_it),
		cmocka_unit_test(l_04_a_cancelled_writer_lets_in_the_readers_behind_it),
		cmocka_unit_test(l_05_an_acquire_that_is_cancelled_early_leaves_the_lock_usable),
		cmocka_unit_test(cv_01_a_notify_that_meets_a_cancel_is_not_lost),
		cmocka_unit_test(cv_02_a_cancelled_wait_returns_with_the_lock_and_the_refusal),
		cmocka_unit_test(ev_01_set_and_clear_in_one_turn_wakes_all_who_waited),
		cmocka_unit_test(q_04_a_cancelled_waiter_of_a_barrier_counts_as_not_come),
		cmocka_unit_test(x_01_the_end_of_what_is_waited_for_is_refused),
		cmocka_unit_test(x_02_a_cancel_at_each_suspension_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

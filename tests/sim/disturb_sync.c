/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_sync.c - locks, permits and their like, disturbed everywhere
 *
 * A few tasks share a primitive and note what they have of it. Whatever was
 * refused on the way: nobody was inside together with another, what is noted and
 * what is left add up, and the primitive serves the next.
 */
#include "disturb.h"

#include <errno.h>

#include <cio.h>

enum { USERS = 4 };

/* Start USERS tasks, wait a little, wait for them. */
#define IN_A_GROUP(err, fn, shared) \
	CIO_GROUP (g, &(err)) { \
		for (int i = 0; i < USERS && (err) == 0; i++) \
			(err) = cio_group_spawn(&g, fn, \
				&(struct user){&(shared), i}); \
		if ((err) == 0) \
			(err) = cio_sleep(CIO_US(3)); \
	}

/* ---- locks ---- */

struct locked {
	cio_lock lock;
	cio_rwlock rw;
	cio_condition filled;
	int inside, readers, items, taken;
};

struct user {
	void *shared;
	int i;
};

static int locker(const struct user *u)
{
	struct locked *s = u->shared;
	int err;
	for (int round = 0; round < 2; round++) {
		CIO_LOCKED (&s->lock, &err) {
			CHECK_INT(++s->inside, 1);
			err = cio_sleep(CIO_US(2));
			s->inside--;
		}
		if (err < 0)
			return err;
	}
	return 0;
}

static int lock(void)
{
	struct locked s = {.inside = 0};
	int err = 0;
	IN_A_GROUP (err, locker, s)
	CALM() {
		CHECK(s.lock.owner == NULL);
		CHECK_INT(s.inside, 0);
		CHECK_INT(cio_lock_acquire(&s.lock), 0);
		CHECK_INT(cio_lock_finish(&s.lock), -EBUSY);
		CHECK_INT(cio_lock_release(&s.lock), 0);
		CHECK_INT(cio_lock_finish(&s.lock), 0);
	}
	return err;
}

static int writer(struct locked *s)
{
	int err = cio_rwlock_acquire_write(&s->rw);
	if (err < 0)
		return err;
	CHECK_INT(++s->inside, 1);
	CHECK_INT(s->readers, 0);
	err = cio_sleep(CIO_US(2));
	s->inside--;
	CHECK_INT(cio_rwlock_release_write(&s->rw), 0);
	return err;
}

static int reader(struct locked *s)
{
	int err = cio_rwlock_acquire_read(&s->rw);
	if (err < 0)
		return err;
	s->readers++;
	CHECK_INT(s->inside, 0);
	err = cio_sleep(CIO_US(2));
	s->readers--;
	CHECK_INT(cio_rwlock_release_read(&s->rw), 0);
	return err;
}

static int reads_or_writes(const struct user *u)
{
	int err = u->i % 2 == 0 ? reader(u->shared) : writer(u->shared);
	return err < 0 ? err : u->i % 2 == 0 ? writer(u->shared)
					      : reader(u->shared);
}

static int rwlock(void)
{
	struct locked s = {.inside = 0};
	int err = 0;
	IN_A_GROUP (err, reads_or_writes, s)
	CALM() {
		CHECK(s.rw.writer == NULL && s.rw.readers == 0);
		CHECK_INT(cio_rwlock_acquire_write(&s.rw), 0);
		CHECK_INT(cio_rwlock_try_acquire_read(&s.rw), -EAGAIN);
		CHECK_INT(cio_rwlock_release_write(&s.rw), 0);
		CHECK_INT(cio_rwlock_acquire_read(&s.rw), 0);
		CHECK_INT(cio_rwlock_release_read(&s.rw), 0);
		CHECK_INT(cio_rwlock_finish(&s.rw), 0);
	}
	return err;
}

static bool has_items(void *arg)
{
	return ((struct locked *)arg)->items > 0;
}

/* Two wait for items, by loop and by predicate; two bring them. A cancelled
 * bringer's item comes from the last line of `condition`. */
static int takes_or_brings(const struct user *u)
{
	struct locked *s = u->shared;
	int err;
	CIO_LOCKED (&s->lock, &err) {
		while (u->i == 0 && err == 0 && s->items == 0)
			err = cio_condition_wait(&s->filled, &s->lock);
		if (u->i == 1)
			err = cio_condition_wait_until(&s->filled, &s->lock,
				has_items, s);
		CHECK(s->lock.owner == cio_current_task());
		if (u->i < 2 && err == 0) {
			CHECK(s->items > 0);
			s->items--;
			s->taken++;
		} else if (u->i >= 2) {
			err = cio_sleep(CIO_US(1));
			s->items++;
			cio_condition_notify(&s->filled, 1);
		}
	}
	if (err < 0 && u->i >= 2) { /* whoever is cancelled spoils nobody's wait */
		s->items++;
		cio_condition_notify_all(&s->filled);
	}
	return err;
}

static int condition(void)
{
	struct locked s = {.items = 0};
	int err = 0, brought = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++) {
			err = cio_group_spawn(&g, takes_or_brings,
				&(struct user){&s, i});
			brought += err == 0 && i >= 2;
		}
		if (err < 0) /* who was to bring something was not made */
			cio_group_cancel(&g, "no bringers");
	}
	CALM() {
		CHECK(s.items >= 0 && s.taken + s.items >= brought);
		CHECK_INT(cio_condition_finish(&s.filled), 0);
		CHECK_INT(cio_lock_finish(&s.lock), 0);
		CHECK_INT(cio_lock_acquire(&s.lock), 0);
		CHECK_INT(cio_lock_release(&s.lock), 0);
	}
	return err;
}

/* ---- permits ---- */

struct permits {
	cio_semaphore semaphore;
	cio_bounded_semaphore bounded;
	cio_limiter limiter;
	cio_rate_limiter rate;
	cio_barrier barrier;
	int inside, spent, places;
};

static int uses_semaphore(const struct user *u)
{
	struct permits *s = u->shared;
	int err = cio_semaphore_acquire(&s->semaphore);
	if (err < 0)
		return err;
	CHECK(++s->inside <= 2);
	err = cio_sleep(CIO_US(2));
	s->inside--;
	cio_semaphore_release(&s->semaphore);
	return err;
}

static int semaphore(void)
{
	struct permits s = {.inside = 0};
	int err = 0;
	cio_semaphore_init(&s.semaphore, 2);
	IN_A_GROUP (err, uses_semaphore, s)
	CALM() {
		CHECK_INT(s.semaphore.permits, 2);
		CHECK_INT(cio_semaphore_acquire(&s.semaphore), 0);
		cio_semaphore_release(&s.semaphore);
		CHECK_INT(cio_semaphore_finish(&s.semaphore), 0);
	}
	return err;
}

static int uses_bounded(const struct user *u)
{
	struct permits *s = u->shared;
	int err = cio_bounded_semaphore_acquire(&s->bounded);
	if (err < 0)
		return err;
	CHECK_INT(++s->inside, 1);
	err = cio_yield();
	s->inside--;
	CHECK_INT(cio_bounded_semaphore_release(&s->bounded), 0);
	return err;
}

static int bounded_semaphore(void)
{
	struct permits s = {.inside = 0};
	int err = 0;
	cio_bounded_semaphore_init(&s.bounded, 1);
	IN_A_GROUP (err, uses_bounded, s)
	CALM() {
		CHECK_INT(cio_bounded_semaphore_release(&s.bounded), -EINVAL);
		CHECK_INT(cio_bounded_semaphore_acquire(&s.bounded), 0);
		CHECK_INT(cio_bounded_semaphore_release(&s.bounded), 0);
		CHECK_INT(cio_bounded_semaphore_finish(&s.bounded), 0);
	}
	return err;
}

static int uses_limiter(const struct user *u)
{
	struct permits *s = u->shared;
	int err = cio_limiter_acquire(&s->limiter);
	if (err < 0)
		return err;
	CHECK(++s->inside <= 3);
	err = cio_sleep(CIO_US(2));
	s->inside--;
	if (u->i == 0)
		cio_limiter_set_total(&s->limiter, 3);
	CHECK_INT(cio_limiter_release(&s->limiter), 0);
	return err;
}

static int limiter(void)
{
	struct permits s = {.inside = 0};
	int err = 0;
	cio_limiter_init(&s.limiter, 1);
	IN_A_GROUP (err, uses_limiter, s)
	CALM() {
		CHECK_INT(s.limiter.borrowed, 0);
		CHECK_INT(cio_limiter_acquire(&s.limiter), 0);
		CHECK_INT(cio_limiter_release(&s.limiter), 0);
		CHECK_INT(cio_limiter_finish(&s.limiter), 0);
	}
	return err;
}

static int uses_rate(const struct user *u)
{
	struct permits *s = u->shared;
	uint32_t n = u->i % 2 == 0 ? 1 : 2;
	int err = cio_rate_limiter_acquire(&s->rate, n);
	if (err == 0)
		s->spent += (int)n;
	return err;
}

static int rate_limiter(void)
{
	struct permits s = {.inside = 0};
	int err = 0;
	cio_time start = cio_now();
	CHECK_INT(cio_rate_limiter_init(&s.rate, 1, CIO_US(20), 2), 0);
	IN_A_GROUP (err, uses_rate, s)
	CALM() {
		/* Nobody spent what was not there. */
		int64_t gained = (cio_now() - start) / CIO_US(20);
		CHECK(s.spent <= 2 + gained);
		CHECK_INT(cio_rate_limiter_acquire(&s.rate, 2), 0);
		CHECK_INT(cio_rate_limiter_finish(&s.rate), 0);
	}
	return err;
}

static int comes(const struct user *u)
{
	struct permits *s = u->shared;
	int place = cio_barrier_wait(&s->barrier);
	if (place < 0)
		return place == -CIO_EBROKEN ? 0 : place;
	CHECK(place < USERS && (s->places & 1 << place) == 0);
	s->places |= 1 << place;
	return 0;
}

/* If one cannot come, the others are let go. */
static int barrier(void)
{
	struct permits s = {.inside = 0};
	int err = 0;
	cio_barrier_init(&s.barrier, USERS);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < USERS && err == 0; i++)
			err = cio_group_spawn(&g, comes,
				&(struct user){&s, i});
		if (err == 0)
			err = cio_sleep(CIO_US(3));
		if (cio_barrier_waiting(&s.barrier) > 0)
			cio_barrier_abort(&s.barrier);
	}
	CALM() {
		CHECK(s.places == 0 || s.places == (1 << USERS) - 1);
		CHECK_INT(cio_barrier_waiting(&s.barrier), 0);
		cio_barrier_init(&s.barrier, 1);
		CHECK_INT(cio_barrier_wait(&s.barrier), 0);
		CHECK_INT(cio_barrier_finish(&s.barrier), 0);
	}
	return err;
}

/* ---- rounds ---- */

static int rounds_left;

static int a_round(void *scope)
{
	if (--rounds_left == 0)
		cio_scope_cancel(scope, "enough rounds");
	return cio_sleep(CIO_US(1));
}

static int every(void)
{
	cio_scope scope;
	int err;
	rounds_left = 3;
	cio_scope_begin(&scope, CIO_NEVER);
	err = cio_every(CIO_US(3), a_round, &scope);
	CHECK_INT(err, -ECANCELED);
	err = cio_scope_end(&scope, err);
	return err;
}

static const struct scenario scenarios[] = {
	{"lock", lock, DISTURB_TASKS},
	{"rwlock", rwlock, DISTURB_TASKS},
	{"condition", condition, DISTURB_TASKS},
	{"semaphore", semaphore, DISTURB_TASKS},
	{"bounded_semaphore", bounded_semaphore, DISTURB_TASKS},
	{"limiter", limiter, DISTURB_TASKS},
	{"rate_limiter", rate_limiter, DISTURB_TASKS},
	{"barrier", barrier, DISTURB_TASKS},
	{"every", every, DISTURB_TASKS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}

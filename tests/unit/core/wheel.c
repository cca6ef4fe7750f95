/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * wheel.c - the timer wheel by itself, against a sorted array
 *
 * The model is the specification: timers fire in order of deadlines, and among
 * equal ones in order of arming; what is late when it is armed counts as due at
 * the next moment that is still to come.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/random.h"
#include "core/core.h"

#include "check.h"

struct entry {
	cio_timer timer;
	cio_time when;  /* as the model has it */
	uint64_t armed; /* the number of its arming */
	uint64_t fired; /* the number of its firing; 0: not */
};

static struct wheel wheel;
static cio_time now;
static uint64_t armings, firings;

static void note(cio_timer *t)
{
	struct entry *e = container_of(t, struct entry, timer);
	assert_int_equal(e->fired, 0);
	assert_true(e->timer.place == 0);
	assert_true(e->when <= now);
	e->fired = ++firings;
}

static void open_at(cio_time when)
{
	wheel_open(&wheel, when);
	now = when;
	armings = firings = 0;
}

static void arm(struct entry *e, cio_time when)
{
	e->timer.fire = note;
	e->when = when;
	e->armed = ++armings;
	e->fired = 0;
	wheel_arm(&wheel, &e->timer, when);
}

static void advance(cio_time to)
{
	now = to;
	wheel_advance(&wheel, to, INT_MAX);
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a;
	const struct entry *y = *(struct entry *const *)b;
	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return x->armed < y->armed ? -1 : x->armed > y->armed;
}

/* All that have a time are to fire, in the model's order. */
static void expect_order(struct entry *e, size_t n)
{
	struct entry **sorted = calloc(n, sizeof *sorted);
	size_t left = 0;
	for (size_t i = 0; i < n; i++)
		if (e[i].armed != 0)
			sorted[left++] = &e[i];
	qsort(sorted, left, sizeof *sorted, by_time);
	for (size_t i = 0; i < left; i++)
		assert_int_equal(sorted[i]->fired, i + 1);
	assert_int_equal(firings, left);
	assert_int_equal(wheel.armed, 0);
	free(sorted);
}

static void in_order(void **state)
{
	(void)state;
	struct entry e[6] = {0};
	open_at(1000);
	const cio_time when[] = {1500, 1001, 70000, 1001, 1255, 1256};
	for (int i = 0; i < 6; i++)
		arm(&e[i], when[i]);
	assert_int_equal(wheel_next(&wheel), 1001);
	advance(1000);
	assert_int_equal(firings, 0);
	advance(1001);
	assert_int_equal(firings, 2); /* equal deadlines: order of arming */
	assert_true(e[1].fired == 1 && e[3].fired == 2);
	advance(1255);
	assert_int_equal(firings, 3);
	advance(100000);
	expect_order(e, 6);
	assert_true(wheel_next(&wheel) == CIO_NEVER);
}

/* Equal deadlines that meet from different levels keep the order of arming. */
static void equal_deadlines_from_afar(void **state)
{
	(void)state;
	struct entry e[4] = {0};
	cio_time when = ((cio_time)3 << 40) + 5;
	open_at(7);
	arm(&e[0], when);
	advance(when - ((cio_time)1 << 33));
	arm(&e[1], when);
	advance(when - 70000);
	arm(&e[2], when);
	advance(when - 1);
	arm(&e[3], when);
	assert_int_equal(firings, 0);
	advance(when);
	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(e[i].fired, i + 1);
}

/* Either side of each byte's boundary, from a base on either side. */
static void byte_boundaries(void **state)
{
	(void)state;
	for (int level = 1; level < 8; level++) {
		cio_time edge = (cio_time)1 << (8 * level);
		if (level == 7)
			edge = (cio_time)0x40 << 56;
		for (int from = -1; from <= 1; from++) {
			struct entry e[5] = {0};
			open_at(edge + from);
			for (int i = 0; i < 5; i++)
				arm(&e[i], edge + from + 2 - i);
			for (int i = 0; i < 3; i++) { /* late: as of now */
				if (e[4 - i].when < now)
					e[4 - i].when = now;
			}
			for (int step = 0; step <= 2; step++) {
				advance(edge + from + step);
				assert_int_equal(firings, step + 3);
			}
			expect_order(e, 5);
		}
	}
}

static void past_and_never(void **state)
{
	(void)state;
	struct entry e[4] = {0};
	open_at(CIO_S(100));
	arm(&e[0], CIO_NEVER);
	arm(&e[1], 0);
	arm(&e[2], -5);
	arm(&e[3], CIO_S(100));
	advance(CIO_S(100));
	assert_int_equal(firings,
		3); /* what is late fires in order of arming */
	assert_true(e[1].fired == 1 && e[2].fired == 2 && e[3].fired == 3);
	advance(CIO_S(1000000));
	assert_int_equal(e[0].fired, 0);
	assert_int_equal(wheel.armed, 1);
	wheel_disarm(&wheel, &e[0].timer);
	wheel_disarm(&wheel, &e[0].timer); /* a no-op */
	assert_int_equal(wheel.armed, 0);
	assert_true(wheel_next(&wheel) == CIO_NEVER);
}

/* wheel_next is never after the first deadline, and getting there always helps */
static void next_is_a_bound(void **state)
{
	(void)state;
	struct entry e = {0};
	struct random r = {42};
	for (int i = 0; i < 2000; i++) {
		cio_time start = (cio_time)(cio__random_next(&r) >> 2);
		cio_time delta = (cio_time)(cio__random_next(&r) >>
			(2 + i % 61));
		open_at(start);
		arm(&e, start + delta);
		int steps = 0;
		while (e.fired == 0) {
			cio_time next = wheel_next(&wheel);
			assert_true(next <= start + delta);
			assert_true(++steps <= 9);
			advance(next > now ? next : now);
		}
		assert_int_equal(now, start + delta);
	}
}

/* The rest of those due stay in order, and what comes late comes after them. */
static void a_few_at_a_time(void **state)
{
	(void)state;
	struct entry e[9] = {0};
	open_at(1000);
	for (int i = 0; i < 8; i++)
		arm(&e[i], i < 4 ? 2000 : 72000);
	now = 100000;
	wheel_advance(&wheel, now, 3);
	assert_int_equal(firings, 3);
	assert_int_equal(wheel_next(&wheel), 2000);
	arm(&e[8], 1);
	e[8].when = now; /* late: as of the last time told */
	for (uint64_t n = 5; n <= 9; n += 2) {
		wheel_advance(&wheel, now, 2);
		assert_int_equal(firings, n);
	}
	expect_order(e, 9);
	arm(&e[0], 5);
	assert_int_equal(wheel_next(&wheel), e[0].timer.deadline);
	advance(now);
	assert_int_equal(wheel.armed, 0);
}

/* ---- callbacks that change the wheel ---- */

static struct entry other;

static void disarms_the_other(cio_timer *t)
{
	note(t);
	wheel_disarm(&wheel, &other.timer);
}

static void disarm_in_a_callback(void **state)
{
	(void)state;
	for (int same = 0; same < 2; same++) {
		struct entry e = {0};
		other = (struct entry){0};
		open_at(10);
		arm(&e, 20);
		e.timer.fire = disarms_the_other;
		arm(&other, same ? 20 : 21);
		advance(30);
		assert_int_equal(e.fired, 1);
		assert_int_equal(other.fired, 0);
		assert_int_equal(wheel.armed, 0);
	}
}

static int again;

static void rearms_itself(cio_timer *t)
{
	struct entry *e = container_of(t, struct entry, timer);
	note(t);
	if (--again > 0) {
		arm(e, e->when);
		t->fire = rearms_itself;
	}
}

/* Re-armed for now, or the past, it has its turn when time has moved on. */
static void rearm_in_a_callback(void **state)
{
	(void)state;
	struct entry e = {0};
	open_at(10);
	again = 3;
	arm(&e, 20);
	e.timer.fire = rearms_itself;
	advance(30);
	assert_int_equal(again, 2);
	advance(31);
	assert_int_equal(again, 1);
	advance(32);
	assert_int_equal(again, 0);
	assert_int_equal(wheel.armed, 0);
}

static void rearming_moves(void **state)
{
	(void)state;
	struct entry e[2] = {0};
	open_at(10);
	arm(&e[0], 20);
	arm(&e[1], 20);
	arm(&e[0], 20); /* to the tail of its equals */
	assert_int_equal(wheel.armed, 2);
	advance(19);
	arm(&e[1], 500);
	advance(20);
	assert_int_equal(e[0].fired, 1);
	assert_int_equal(e[1].fired, 0);
	advance(500);
	assert_int_equal(e[1].fired, 2);
}

/* ---- at random ---- */

enum { TIMERS = 100000 };
static struct entry timers[TIMERS];

/* Deadlines of all magnitudes, many of them equal. */
static cio_time any_delay(struct random *r)
{
	uint64_t x = cio__random_next(r);
	int bits = (int)(x % 45);
	cio_time d = (cio_time)((x >> 8) & (((uint64_t)1 << bits) - 1));
	return (x >> 60) == 0 ? d & ~(cio_time)0xffff : d;
}

static void at_random(void **state)
{
	(void)state;
	struct random r = {7};
	open_at(CIO_S(12345) + 678);
	memset(timers, 0, sizeof timers);
	cio_time start = now;
	for (int i = 0; i < TIMERS; i++)
		arm(&timers[i], start + 1 + any_delay(&r));
	for (int i = 0; i < TIMERS; i++) {
		uint64_t what = cio__random_next(&r) % 8;
		if (what < 2) { /* a quarter is cancelled */
			wheel_disarm(&wheel, &timers[i].timer);
			timers[i].armed = 0;
		} else if (what == 2) { /* an eighth is moved */
			arm(&timers[i], start + 1 + any_delay(&r));
		}
	}
	/* half of the time by jumps of any size, some of which leave something
	 * due, then to what is next */
	for (int i = 0; i < 2000; i++) {
		now += any_delay(&r) >> 12;
		wheel_advance(&wheel, now, i % 4 == 3 ? INT_MAX : i % 32);
	}
	while (wheel.armed > 0) {
		cio_time next = wheel_next(&wheel);
		assert_true(next >= now - 1);
		advance(next > now ? next : now);
	}
	expect_order(timers, TIMERS);
}

/* Arming goes on while time does; each must fire in its turn. */
static void armed_as_time_goes_on(void **state)
{
	(void)state;
	struct random r = {99};
	open_at(1);
	memset(timers, 0, sizeof timers);
	for (int i = 0; i < TIMERS; i++) {
		if (i % 16 == 0)
			advance(now + (any_delay(&r) >> 25));
		/* a deadline of its own: after all that have fired */
		arm(&timers[i], now + 1 + (any_delay(&r) >> 10));
	}
	advance(CIO_NEVER - 1);
	expect_order(timers, TIMERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(equal_deadlines_from_afar),
		cmocka_unit_test(byte_boundaries),
		cmocka_unit_test(past_and_never),
		cmocka_unit_test(next_is_a_bound),
		cmocka_unit_test(a_few_at_a_time),
		cmocka_unit_test(disarm_in_a_callback),
		cmocka_unit_test(rearm_in_a_callback),
		cmocka_unit_test(rearming_moves),
		cmocka_unit_test(at_random),
		cmocka_unit_test(armed_as_time_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

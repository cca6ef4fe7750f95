/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * timers.c - rules TM: clocks and deadlines (TM-01 is in scale.c)
 */
#include "rules/rules.h"

#include <stdlib.h>
#include <sys/syscall.h>

/* ---- TM-02 ---- */

struct shot {
	cio_timer timer;
	int *order, *n;
	int id;
};

static void fires(cio_timer *t)
{
	struct shot *s = container_of(t, struct shot, timer);
	s->order[(*s->n)++] = s->id;
}

RULE(tm_02_deadlines_in_the_past_and_beyond_the_clock)
{
	const cio_time at[] = {cio_now() - CIO_S(9999), 0, -1, INT64_MIN,
		cio_now() + CIO_MS(1), CIO_NEVER - 1, CIO_NEVER};
	enum { N = sizeof at / sizeof *at, DUE = 5 };
	struct shot shots[N];
	int order[N] = {0}, n = 0;
	for (int i = 0; i < N; i++) {
		shots[i] = (struct shot){{.fire = fires}, order, &n, i};
		cio_timer_arm(&shots[i].timer, at[i]);
	}
	CHECK_INT(n, 0); /* never from within the call */
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	CHECK_INT(n, DUE);
	for (int i = 0; i < DUE; i++)
		CHECK_INT(order[i], i);
	CHECK(cio_timer_armed(&shots[5].timer)); /* 292 years to go */
	CHECK(!cio_timer_armed(&shots[6].timer));
	cio_timer_disarm(&shots[5].timer);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

RULE(tm_02_durations_that_overflow_the_clock_never_end)
{
	const cio_duration huge[] = {CIO_NEVER, CIO_NEVER - 1, CIO_NEVER / 2 + 1};
	for (int i = 0; i < 3; i++) {
		int err = 0;
		CIO_TIMEOUT (huge[i], &err) {
			err = cio_sleep(CIO_US(1));
			CHECK_INT(cio_checkpoint(), 0);
		}
		CHECK_INT(err, 0);
		CIO_TIMEOUT (CIO_MS(1), &err) {
			err = cio_sleep(huge[i]);
		}
		CHECK_INT(err, -ETIMEDOUT);
	}
	CHECK_INT(cio_sleep(INT64_MIN), 0); /* a plain yield */
	return 0;
}

/* ---- TM-03 ---- */

static int by_length(const void *a, const void *b)
{
	const cio_duration *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Under sim to the nanosecond. A kernel may be late whenever it likes, but not
 * three times in four, unless the time was rounded up. */
static int naps(void *arg)
{
	enum { TRIES = 200 };
	cio_duration took[TRIES];
	(void)arg;
	for (int i = 0; i < TRIES; i++) {
		cio_time before = cio_now();
		CHECK_INT(cio_sleep(CIO_US(200)), 0);
		took[i] = cio_now() - before;
		CHECK(took[i] >= CIO_US(200));
	}
	qsort(took, TRIES, sizeof *took, by_length);
	if (strcmp(cio_driver_name(), "sim") == 0)
		CHECK_INT(took[TRIES - 1], CIO_US(200));
	CHECK(took[TRIES / 4] < CIO_MS(1));
	return 0;
}

static void tm_03_a_sleep_below_a_millisecond_is_not_rounded_up(void **state)
{
	(void)state;
	if (strcmp(check_driver(), "epoll") == 0 &&
		syscall(SYS_epoll_pwait2, -1, NULL, 0, NULL, NULL, 0) < 0 &&
		errno == ENOSYS)
		check_skip("this kernel has no epoll_pwait2");
	assert_int_equal(check_run(naps, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tm_02_deadlines_in_the_past_and_beyond_the_clock),
		cmocka_unit_test(tm_02_durations_that_overflow_the_clock_never_end),
		cmocka_unit_test(tm_03_a_sleep_below_a_millisecond_is_not_rounded_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

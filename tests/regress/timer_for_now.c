/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * timer_for_now.c - a timer armed for now by a timer that fires
 *
 * It has its turn with the next turn, so that ready tasks run in between. But if
 * the clock had moved far enough, the wheel forgot that while it moved timers
 * down a level, and fired it again at once, up to once a level.
 */
#include <limits.h>

#include "check.h"

#include "core/core.h"

static struct wheel wheel;
static cio_time now;
static int fired;

static void fires_again(cio_timer *t)
{
	fired++;
	wheel_arm(&wheel, t, now);
}

static void fires_once_a_turn(void **state)
{
	(void)state;
	cio_timer t = {.fire = fires_again};
	wheel_open(&wheel, 1);
	wheel_arm(&wheel, &t, 0xff);
	now = 0x030405;
	wheel_advance(&wheel, now, INT_MAX);
	assert_int_equal(fired, 1);
	assert_int_equal(wheel_next(&wheel), now + 1);
	now = 0x01020304;
	wheel_advance(&wheel, now, INT_MAX);
	assert_int_equal(fired, 2);
	wheel_disarm(&wheel, &t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_once_a_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

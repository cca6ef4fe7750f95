/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * late_timers_starve.c - timers that are armed for the past, again and again
 *
 * A turn fires so many timers and no more. The rest stays due, and what was then
 * armed for the past stood before it: as many as a turn fires, each asked for
 * again once it was called, kept all others from their time for ever.
 */
#include "check.h"

#include "core/core.h"

enum { MOST = 4 };

static struct wheel wheel;
static int fired, patient_fired;

static void fire(cio_timer *t)
{
	(void)t;
	fired++;
}

static void fire_patient(cio_timer *t)
{
	(void)t;
	patient_fired++;
}

static void late_ones_come_after_those_that_are_due(void **state)
{
	(void)state;
	cio_timer late[MOST], patient = {.fire = fire_patient};
	wheel_open(&wheel, 1);
	for (int i = 0; i < MOST; i++) {
		late[i] = (cio_timer){.fire = fire};
		wheel_arm(&wheel, &late[i], 10);
	}
	wheel_arm(&wheel, &patient, 1000);
	for (cio_time now = 5000; now < 5003; now++) {
		wheel_advance(&wheel, now, MOST);
		for (int i = 0; i < MOST; i++)
			if (!cio_timer_armed(&late[i]))
				wheel_arm(&wheel, &late[i], 10);
	}
	assert_int_equal(patient_fired, 1);
	assert_int_equal(fired, 3 * MOST - 1);
	for (int i = 0; i < MOST; i++)
		wheel_disarm(&wheel, &late[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_ones_come_after_those_that_are_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

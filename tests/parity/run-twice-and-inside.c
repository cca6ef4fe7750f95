/* SPDX-License-Identifier: MIT */
/* a second run after the first, and a run inside a run */
/* drivers: sim */
#define PARITY_RUNS
#include "parity.h"

static int nothing(void *unused)
{
	(void)unused;
	say("must not appear");
	return 0;
}

static int job(void *n)
{
	int err = cio_sleep(T);
	if (*(int *)n == 2) {
		if (cio_run(nothing, NULL) == -EBUSY)
			say("inside: refused");
		else
			say("inside: accepted");
	}
	return err < 0 ? err : *(int *)n;
}

static void runs(void)
{
	int first = 1, second = 2, third = 3;
	say("first: %d", check_run(job, &first));
	say("second: %d", check_run(job, &second));
	say("third: %d", check_run(job, &third));
}

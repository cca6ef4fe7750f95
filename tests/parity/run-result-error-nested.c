/* SPDX-License-Identifier: MIT */
/* each run starts afresh; one inside another is refused */
/* drivers: sim */
#define PARITY_RUNS
#include "parity.h"

enum { BOOM = -EIO };

static int good(void *arg)
{
	(void)arg;
	int err = cio_sleep(T);
	return err < 0 ? err : 42;
}

static int bad(void *arg)
{
	(void)arg;
	int err = cio_sleep(T);
	return err < 0 ? err : BOOM;
}

static int runs_inside(void *arg)
{
	int inner = cio_run(good, arg);
	say("nested run: %s", inner == -EBUSY ? "refused" : "allowed");
	return 0;
}

static void runs(void)
{
	say("first run: %d", check_run(good, NULL));
	say("second run: error: %s",
		check_run(bad, NULL) == BOOM ? "boom" : "?");
	say("third run: %d", check_run(good, NULL));
	int fourth = check_run(runs_inside, NULL);
	say("fourth run: %s", fourth == 0 ? "still alive" : "failed");
}

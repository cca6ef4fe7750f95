/* SPDX-License-Identifier: MIT */
/* wait_for with no time at all: what has ended is returned, the rest is cancelled */
/* drivers: sim */
#include "parity.h"

enum { VALUE = 7 };

static bool was_cancelled;

static int work(const int *ticks)
{
	int err = cio_sleep(*ticks * T);
	was_cancelled = err < 0;
	return err < 0 ? err : VALUE;
}

static void attempt(const char *label, bool ended, cio_duration limit)
{
	cio_task *t = cio_spawn(work, &(int){1});
	if (ended)
		(void)cio_sleep(2 * T);
	int err = cio_wait_for(t, limit);
	say("%s -> %s | cancelled %d", label,
		err == VALUE ? "value" : outcome(err), was_cancelled);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("0, pending", false, 0);
	attempt("0, ended", true, 0);
	attempt("less than 0, pending", false, -CIO_S(1));
	attempt("less than 0, ended", true, -CIO_S(1));
	attempt("no limit", false, CIO_NEVER);
	return 0;
}

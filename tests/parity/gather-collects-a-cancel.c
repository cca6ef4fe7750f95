/* SPDX-License-Identifier: MIT */
/* gather with collected errors: a cancelled child is one result of several */
/* drivers: sim */
#include "parity.h"

static int good(const int *unused)
{
	(void)unused;
	int err = cio_sleep(3 * T);
	return err < 0 ? err : 5;
}

static int bad(const int *unused)
{
	(void)unused;
	int err = cio_sleep(2 * T);
	return err < 0 ? err : raise_error("bad");
}

static int cancel(void *t)
{
	cio_task_cancel(t, "no need");
	return 0;
}

static int scenario(void *arg)
{
	cio_call call = {0};
	int results[3];
	(void)arg;
	cio_task *t[] = {cio_spawn(good, NOTHING), cio_spawn(bad, NOTHING),
		cio_spawn(good, NOTHING)};
	cio_call_later(&call, T, cancel, t[0]);
	(void)cio_gather(t, 3, .errors = CIO_COLLECT, .results = results);
	for (int i = 0; i < 3; i++) {
		if (results[i] > 0)
			say("%d", results[i]);
		else
			say("%s", results[i] == -EIO ? "error: bad" :
						       outcome(results[i]));
	}
	return 0;
}

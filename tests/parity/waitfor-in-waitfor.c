/* SPDX-License-Identifier: MIT */
/* wait_for inside wait_for: whichever limit is shorter */
/* drivers: sim */
#include "parity.h"

static int inner(const int *unused)
{
	(void)unused;
	int err = cio_sleep(50 * T);
	say("  inner: %s", outcome(err));
	return err;
}

static int middle(const int *limit)
{
	int err = cio_wait_for(cio_spawn(inner, NOTHING), *limit * T);
	say("  middle: %s", outcome(err));
	return err;
}

static void attempt(const char *label, int outer, int limit)
{
	say("%s", label);
	int err = cio_wait_for(cio_spawn(middle, &limit), outer * T);
	say("  main: %s", outcome(err));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("the outer one", 2, 9);
	attempt("the inner one", 9, 2);
	return 0;
}

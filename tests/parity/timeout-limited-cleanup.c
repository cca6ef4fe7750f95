/* SPDX-License-Identifier: MIT */
/* a cleanup with a limit of its own after the limit around has passed */
/* drivers: sim */
#include "parity.h"

static void cleanup(int ticks)
{
	int err = 0;
	CIO_SHIELD (2 * T, &err)
		err = cio_sleep(ticks * T);
	say("  cleanup: %s", err == 0 ? "done" : outcome(err));
}

static void attempt(const char *label, int ticks)
{
	int err = 0;
	say("%s", label);
	CIO_TIMEOUT (T, &err) {
		err = cio_sleep(50 * T);
		cleanup(ticks);
	}
	say("  main: %s", outcome(err));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("short", 1);
	attempt("long", 9);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* the limit passes, but the task has an answer of its own */
/* drivers: sim */
#include "parity.h"

static int passes_on(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

static int swallows(const int *unused)
{
	(void)unused;
	if (cio_sleep(LONG) < 0)
		clean_for(T);
	return 7;
}

static int fails(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG) < 0 ? raise_error("boom") : 0;
}

static void attempt(const char *name, int (*fn)(const int *))
{
	int result = cio_wait_for(cio_spawn(fn, NOTHING), 2 * T);
	say("%s -> %s", name, result == 7 ? "late value" : outcome(result));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("passes_on", passes_on);
	attempt("swallows", swallows);
	attempt("fails", fails);
	return 0;
}

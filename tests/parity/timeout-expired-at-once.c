/* SPDX-License-Identifier: MIT */
/* a timeout of nothing, or in the past: who does not wait is not cut */
/* drivers: sim */
#include "parity.h"

static void attempt(const char *label, cio_duration delay, bool waits)
{
	cio_scope scope;
	int err = 0;
	cio_scope_begin(&scope, delay == CIO_NEVER ? CIO_NEVER : cio_now() + delay);
	if (waits) {
		err = cio_yield();
		if (err == 0)
			say("%s went on", label);
	}
	err = cio_scope_end(&scope, err);
	say("%s -> %s, expired %d", label, outcome(err),
		cio_scope_expired(&scope));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("zero, no wait", 0, false);
	attempt("past, no wait", -10 * T, false);
	attempt("zero, a yield", 0, true);
	attempt("past, a yield", -10 * T, true);
	attempt("none, a yield", CIO_NEVER, true);
	return 0;
}

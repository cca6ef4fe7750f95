/* SPDX-License-Identifier: MIT */
/* a deadline moved later, earlier, to never; not after it has passed */
/* drivers: sim */
#include "parity.h"

static void attempt(const char *label, int first, int moved, int ticks)
{
	cio_scope scope;
	cio_time start = cio_now();
	cio_scope_begin(&scope, start + first * T);
	int err = cio_sleep(T);
	CHECK_INT(cio_scope_reschedule(&scope,
			  moved == 0 ? CIO_NEVER : start + moved * T), 0);
	if (err == 0)
		err = cio_sleep(ticks * T);
	err = cio_scope_end(&scope, err);
	say("%s -> %s, expired %d", label, outcome(err),
		cio_scope_expired(&scope));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("later, in time", 3, 9, 4);
	attempt("later, too late", 3, 6, 9);
	attempt("earlier", 20, 4, 9);
	attempt("to the past", 20, -1, 9);
	attempt("to never", 3, 0, 5);
	cio_scope scope;
	cio_scope_begin(&scope, cio_now() + T);
	int err = cio_sleep(5 * T);
	if (cio_scope_reschedule(&scope, cio_now() + 9 * T) == -EALREADY)
		say("after it has passed: refused");
	if (cio_scope_end(&scope, err) == -ETIMEDOUT)
		say("timeout");
	return 0;
}

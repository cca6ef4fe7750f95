/* SPDX-License-Identifier: MIT */
/* a timeout scope: in time, late, without limit, late from the start */
/* drivers: sim */
#include "parity.h"

static void attempt(const char *label, cio_time deadline, const int *steps)
{
	cio_scope s;
	cio_scope_begin(&s, deadline);
	int err = 0;
	for (; err == 0 && *steps > 0; steps++)
		err = cio_sleep(*steps * T);
	const char *inside = err < 0 ? "interrupted" : "completed";
	err = cio_scope_end(&s, err);
	say("%s | body %s | %s | expired %d | requests %d", label, inside,
		outcome(err), cio_scope_expired(&s), refused_now());
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("not reached", cio_now() + 6 * T, (int[]){1, 1, 0});
	attempt("reached", cio_now() + 4 * T, (int[]){1, 1, 50, 0});
	attempt("no limit", CIO_NEVER, (int[]){1, 1, 0});
	attempt("already past", cio_now() - T, (int[]){1, 0});
	attempt("already past, no wait", cio_now() - T, (int[]){0});
	CHECK_INT(cio_sleep(T), 0);
	say("later waits undisturbed");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* two timeouts that end at the same instant: the outer one counts */
/* drivers: sim */
#include "parity.h"

static int scenario(void *arg)
{
	cio_scope outer, inner;
	cio_time end = cio_now() + T;
	(void)arg;
	cio_scope_begin(&outer, end);
	cio_scope_begin(&inner, end);
	int err = cio_scope_end(&inner, cio_sleep(5 * T));
	say("inner: %s", cio_scope_expired(&inner) ? "timeout" : "cancelled");
	err = cio_scope_end(&outer, err);
	say("outer: %s", outcome(err));
	say("outer expired %d", cio_scope_expired(&outer));
	CHECK_INT(cio_sleep(T), 0);
	say("nothing is left of it");
	return 0;
}

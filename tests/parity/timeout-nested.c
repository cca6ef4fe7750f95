/* SPDX-License-Identifier: MIT */
/* only the scope whose limit passed turns the interruption into a timeout */
/* drivers: sim */
#include "parity.h"

static int inner_part(cio_scope *inner, cio_duration limit)
{
	cio_scope_begin(inner, cio_now() + limit);
	int err = cio_scope_end(inner, cio_sleep(LONG));
	if (cio_scope_expired(inner))
		say("  inner scope: timeout");
	else
		say("  inner scope: cancel passes");
	return cio_scope_expired(inner) ? 0 : err;
}

static void nested(int outer_ticks, int inner_ticks, int rest_ticks)
{
	cio_scope outer, inner;
	cio_scope_begin(&outer, cio_now() + outer_ticks * T);
	int err = inner_part(&inner, inner_ticks * T);
	if (err == 0)
		err = cio_sleep(rest_ticks * T);
	if (err == 0)
		say("  outer body goes on");
	err = cio_scope_end(&outer, err);
	if (err < 0)
		say("  outer scope: %s", outcome(err));
	say("  expired: inner %d outer %d | requests %d",
		cio_scope_expired(&inner), cio_scope_expired(&outer),
		refused_now());
}

static int scenario(void *arg)
{
	(void)arg;
	say("inner first");
	nested(8, 2, 1);
	say("outer first");
	nested(2, 8, 1);
	say("outer during the rest of the body");
	nested(6, 2, 50);
	return 0;
}

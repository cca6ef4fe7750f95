/* SPDX-License-Identifier: MIT */
/* a timeout around a group whose child carries on in spite of the cancel */
/* drivers: sim */
#include "parity.h"

static int stubborn(const int *unused)
{
	(void)unused;
	if (cio_sleep(50 * T) < 0) {
		say("  child: cancelled, carries on");
		clean_for(3 * T);
		say("  child: done");
	}
	return 0;
}

static int obeys(const int *unused)
{
	(void)unused;
	int err = cio_sleep(50 * T);
	say("  child: obeys");
	return err;
}

static void attempt(const char *label, bool one_obeys)
{
	cio_scope s;
	int err = 0;
	say("%s", label);
	cio_scope_begin(&s, cio_now() + 2 * T);
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, stubborn, NOTHING);
		if (one_obeys)
			(void)cio_group_spawn(&group, obeys, NOTHING);
	}
	if (err == 0)
		say("  after the group");
	err = cio_scope_end(&s, err);
	say("  %s, expired %d", outcome(err), cio_scope_expired(&s));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("one obeys", true);
	attempt("none obeys", false);
	return 0;
}

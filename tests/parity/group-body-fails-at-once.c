/* SPDX-License-Identifier: MIT */
/* a group's body fails before its children have started */
/* drivers: sim */
#include "parity.h"

static int child(const char *const *name)
{
	int err = cio_sleep(CIO_S(1));
	if (err == 0)
		say("never");
	else
		say("child %s %s", *name, outcome(err));
	return err;
}

static int scenario(void *arg)
{
	static const char *const names[] = {"a", "b"};
	int err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, child, &names[0]);
		(void)cio_group_spawn(&group, child, &names[1]);
		err = raise_error("body");
	}
	say("%s", outcome(err));
	say("main goes on");
	return 0;
}

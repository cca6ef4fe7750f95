/* SPDX-License-Identifier: MIT */
/* no child for a group that fails, nor for one that has ended */
/* drivers: sim */
#include "parity.h"

static int fails(const int *unused)
{
	(void)unused;
	return raise_error("first");
}

static int runs(const int *unused)
{
	(void)unused;
	say("never");
	return 0;
}

static void spawn(const char *label, cio_group *group)
{
	int err = cio_group_spawn(group, runs, NOTHING);
	say("%s %s", label, err == 0 ? "accepted" : "refused");
}

static int scenario(void *arg)
{
	cio_group group;
	(void)arg;
	cio_group_open(&group, NULL);
	CHECK_INT(cio_group_spawn(&group, fails, NOTHING), 0);
	int err = cio_sleep(9 * T);
	spawn("while it fails:", &group);
	if (cio_group_close(&group, err) == -EIO)
		say("the group has failed");
	spawn("after its end:", &group);
	return 0;
}

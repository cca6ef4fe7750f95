/* SPDX-License-Identifier: MIT */
/* a child spawns into its group while the body waits for the group's end */
/* drivers: sim */
#include "parity.h"

struct child {
	cio_group *group;
	int depth;
};

static int run(const struct child *c)
{
	int err = cio_sleep(T);
	if (err < 0)
		return err;
	say("depth %d", c->depth);
	if (c->depth < 3)
		return cio_group_spawn(c->group, run,
			(&(struct child){c->group, c->depth + 1}));
	return raise_error("deep enough");
}

static int idle(const int *unused)
{
	(void)unused;
	int err = cio_sleep(50 * T);
	say("idle: %s", outcome(err));
	return err;
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, idle, NOTHING);
		(void)cio_group_spawn(&group, run,
			(&(struct child){&group, 1}));
		say("body ends");
	}
	say("%s", outcome(err));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* return from the middle of a group's body waits for the children */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int ticks;
};

static int run(const struct child *c)
{
	int err = cio_sleep(c->ticks * T);
	say("%s done", c->name);
	return err;
}

static int leaves(void)
{
	int err = 0;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, run, (&(struct child){"a", 2}));
		(void)cio_group_spawn(&group, run, (&(struct child){"b", 4}));
		say("leaves");
		return 7;
	}
	return err;
}

static int scenario(void *arg)
{
	static const char *names[] = {"round 0", "round 1", "round 2"};
	bool out = false;
	(void)arg;
	say("got %d", leaves());
	for (int i = 0; i < 3 && !out; i++) {
		int err = 0;
		CIO_GROUP (group, &err) {
			(void)cio_group_spawn(&group, run,
				(&(struct child){names[i], 1}));
			if (i == 1) {
				out = true;
				break; /* leaves the block */
			}
		}
		CHECK_INT(err, 0);
	}
	say("out of the loop");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* a group waits for all its tasks, also those started by its tasks */
/* drivers: sim */
#include "parity.h"

struct leaf {
	const char *name;
	int ticks;
	const char **result;
};

static int leaf(const struct leaf *l)
{
	(void)cio_sleep(l->ticks * T);
	say("%s finishes", l->name);
	*l->result = l->name;
	return 0;
}

struct branch {
	cio_group *group;
	const char **result;
};

static int branch(const struct branch *b)
{
	static const char *ignored;
	(void)cio_sleep(2 * T);
	int err = cio_group_spawn(b->group, leaf,
		&(struct leaf){"grandchild", 4, &ignored});
	say("branch finishes");
	*b->result = "branch";
	return err;
}

static int scenario(void *arg)
{
	const char *a = "?", *b = "?";
	int err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		err = cio_group_spawn(&group, leaf, &(struct leaf){"a", 4, &a});
		if (err == 0)
			err = cio_group_spawn(&group, branch,
				&(struct branch){&group, &b});
		say("body ends");
	}
	say("group ended: %s %s", a, b);

	CIO_GROUP (empty, &err)
		(void)empty;
	say("empty group ended");
	return err;
}

/* SPDX-License-Identifier: MIT */
/* a timeout around a group whose children have timeouts of their own */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int limit, work;
};

static int run(const struct child *c)
{
	int err = 0;
	CIO_TIMEOUT (c->limit * T, &err)
		err = cio_sleep(c->work * T);
	say("%s %s", c->name, err == 0 ? "done" : outcome(err));
	return err == -ETIMEDOUT ? 0 : err;
}

static int scenario(void *arg)
{
	static const struct child children[] = {{"quick", 9, 1},
		{"own limit", 3, 20}, {"slow", 50, 20}, {"slower", 60, 30}};
	int err = 0;
	(void)arg;
	CIO_TIMEOUT (6 * T, &err) {
		CIO_GROUP (group, &err)
			for (int i = 0; i < 4; i++)
				(void)cio_group_spawn(&group, run, &children[i]);
		if (err == 0)
			say("never");
	}
	say("main: %s", outcome(err));
	CHECK_INT(cio_sleep(T), 0);
	say("main goes on");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* the body's own error cancels the children; spawning late, and too late */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks;
	cio_group *group;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	say("  %s %s", j->name, err < 0 ? "is cancelled" : "ends");
	return err;
}

static int has_child(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0)
		return err;
	return cio_group_spawn(j->group, work,
		&(struct job){"grandchild", 2, NULL});
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, work,
				  &(struct job){"child", 9, NULL}), 0);
		CHECK_INT(cio_sleep(T), 0);
		err = raise_error("body");
	}
	say("body failed: %s", cio_error_text());
	CHECK_INT(err, -EIO);
	cio_group late;
	cio_group_open(&late, NULL);
	CHECK_INT(cio_group_spawn(&late, has_child,
			  &(struct job){"", 1, &late}), 0);
	CHECK_INT(cio_group_close(&late, 0), 0);
	say("a child may spawn while the group waits");
	if (cio_group_spawn(&late, work, &(struct job){"too late", 1, NULL}) ==
		-ESHUTDOWN)
		say("spawn after the end: refused");
	return 0;
}

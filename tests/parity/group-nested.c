/* SPDX-License-Identifier: MIT */
/* an inner group fails and is caught: the outer one and its children go on */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks;
	const char *error;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0) {
		say("  %s is cancelled", j->name);
		return err;
	}
	say("  %s %s", j->name, j->error != NULL ? "fails" : "ends");
	return j->error != NULL ? raise_error(j->error) : 0;
}

static int spawn(cio_group *g, const char *name, int ticks, const char *error)
{
	return cio_group_spawn(g, work, &(struct job){name, ticks, error});
}

static int inner(bool both)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		if (both)
			err = spawn(&g, "inner 1", 2, "boom");
		if (err == 0)
			err = spawn(&g, "inner 2", 9, NULL);
	}
	return err;
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	say("caught inside");
	CIO_GROUP (outer, &err) {
		CHECK_INT(spawn(&outer, "outer 1", 4, NULL), 0);
		if (inner(true) == -EIO)
			say("  caught %s", cio_error_text());
		err = cio_sleep(T);
		say("  the outer body goes on");
	}
	CHECK_INT(err, 0);
	say("not caught inside");
	CIO_GROUP (outer, &err) {
		CHECK_INT(spawn(&outer, "outer 1", 6, NULL), 0);
		err = inner(true);
		if (err == 0)
			say("must not appear");
	}
	if (err == -EIO)
		say("  caught outside");
	say("an outer child fails");
	err = 0;
	CIO_GROUP (outer, &err) {
		CHECK_INT(spawn(&outer, "outer 1", 1, "bang"), 0);
		err = inner(false);
	}
	if (err == -EIO)
		say("  caught outside %s", cio_error_text());
	if (cio_sleep(T) == 0)
		say("main is not cancelled");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* a failing child cancels its siblings and the body */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int ticks;
	const char *error;
	int *result;
};

static int run_child(const struct child *c)
{
	int err = cio_sleep(c->ticks * T);
	if (err < 0) {
		clean_for(2 * T);
		say("%s cleaned up", c->name);
		return err;
	}
	say("%s %s", c->name, c->error != NULL ? "fails" : "finishes");
	return c->error != NULL ? raise_error(c->error) : 0;
}

static int child(const struct child *c)
{
	return *c->result = run_child(c);
}

static int scenario(void *arg)
{
	int a = 1, b = 1, c = 1, err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, child,
			&(struct child){"a", 1, NULL, &a});
		(void)cio_group_spawn(&group, child,
			&(struct child){"b", 3, "boom", &b});
		(void)cio_group_spawn(&group, child,
			&(struct child){"c", 50, NULL, &c});
		err = cio_sleep(LONG);
		if (err < 0)
			say("body interrupted");
	}
	CHECK_INT(err, -EIO);
	say("caught group[%s]", cio_error_text());
	say("a %s | b failed %d | c cancelled %d | requests %d",
		a == 0 ? "a" : "?", b == -EIO, c == -ECANCELED, refused_now());
	CHECK_INT(cio_sleep(T), 0);
	say("parent goes on");
	return 0;
}

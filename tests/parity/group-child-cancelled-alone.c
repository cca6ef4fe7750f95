/* SPDX-License-Identifier: MIT */
/* cancelling one child does not fail its group */
/* drivers: sim */
#include "parity.h"

struct child {
	const char *name;
	int ticks;
	bool refuse;
	cio_task **self;
	int *result;
};

static int run_child(const struct child *c)
{
	*c->self = cio_current_task();
	int err = cio_sleep(c->ticks * T);
	if (err < 0)
		say("%s %s", c->name, c->refuse ? "refuses" : "obeys");
	if (err < 0 && !c->refuse)
		return err;
	say("%s finishes", c->name);
	return 0;
}

static int child(const struct child *c)
{
	return *c->result = run_child(c);
}

static int scenario(void *arg)
{
	int a = 1, b = 1, c = 1, err = 0;
	cio_task *ta, *tb, *tc;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, child,
			&(struct child){"a", 6, false, &ta, &a});
		(void)cio_group_spawn(&group, child,
			&(struct child){"b", 50, false, &tb, &b});
		(void)cio_group_spawn(&group, child,
			&(struct child){"c", 50, true, &tc, &c});
		(void)cio_sleep(T);
		cio_task_cancel(tb, "no need");
		(void)cio_sleep(T);
		cio_task_cancel(tc, "no need");
	}
	say("group ended %s | a %s | b cancelled %d | c %s",
		err == 0 ? "well" : "badly", a == 0 ? "a" : "?",
		b == -ECANCELED, c == 0 ? "c" : "?");
	return 0;
}

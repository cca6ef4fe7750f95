/* SPDX-License-Identifier: MIT */
/* sleeping for nothing takes turns; sleeps end in the order of their times */
/* drivers: sim */
#include "parity.h"

struct counter {
	const char *name;
	cio_duration d;
};

static int count(const struct counter *c)
{
	int err = 0;
	for (int i = 0; i < 3 && err == 0; i++) {
		say("%s %d", c->name, i);
		err = cio_sleep(c->d);
	}
	return err;
}

static int late(const struct counter *c)
{
	int err = cio_sleep(c->d);
	say("%s wakes", c->name);
	return err;
}

static int together(int (*fn)(const struct counter *), const struct counter *c,
	int n)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < n && err == 0; i++)
			err = cio_group_spawn(&g, fn, &c[i]);
	}
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(together(count,
			  (const struct counter[]){{"a", 0}, {"b", 0}, {"c", 0}},
			  3), 0);
	CHECK_INT(together(count,
			  (const struct counter[]){{"less than 0:", -CIO_S(1)},
				  {"0:", 0}},
			  2), 0);
	return together(late,
		(const struct counter[]){{"three", 3 * T}, {"one", T},
			{"two", 2 * T}},
		3);
}

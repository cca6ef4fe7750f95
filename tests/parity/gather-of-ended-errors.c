/* SPDX-License-Identifier: MIT */
/* gather of tasks that had failed before: which error is the first */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks;
	bool fails;
};

static int run(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	return err < 0 || !j->fails ? err : raise_error(j->name);
}

static void attempt(const char *label, struct job a, struct job b)
{
	cio_task *t[] = {cio_spawn(run, &a), cio_spawn(run, &b)};
	CHECK_INT(cio_sleep(4 * T), 0);
	say("%s %s", label, outcome(cio_gather(t, 2)));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("one failed:", (struct job){"a", 1, false},
		(struct job){"b", 2, true});
	attempt("both, in order:", (struct job){"a", 1, true},
		(struct job){"b", 2, true});
	attempt("both, the second earlier:", (struct job){"a", 3, true},
		(struct job){"b", 1, true});
	return 0;
}

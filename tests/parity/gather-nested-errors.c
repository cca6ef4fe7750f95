/* SPDX-License-Identifier: MIT */
/* a gather inside a gather: what is collected, and whose error it is */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *error; /* NULL: a value */
	int value, ticks;
};

static int run(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	return err < 0           ? err :
		j->error == NULL ? j->value :
				   raise_error(j->error);
}

static int results[2];

/* Gather of two; the results stand in `results`. */
static int inner(const cio_errors *errors)
{
	cio_task *t[] = {cio_spawn(run, (&(struct job){"in", 0, 1})),
		cio_spawn(run, (&(struct job){NULL, 8, 2}))};
	int err = cio_gather(t, 2, .errors = *errors, .results = results);
	return *errors == CIO_COLLECT ? 0 : err;
}

static int scenario(void *arg)
{
	static const struct job jobs[] = {{"a", 0, 3}, {NULL, 7, 2},
		{"b", 0, 1}};
	cio_task *t[3];
	(void)arg;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(run, &jobs[i]);
	wait_all(t, 3);
	add("collected:");
	for (int i = 0; i < 3; i++) {
		int got = cio_await(t[i]);
		if (got < 0)
			add(" %s", cio_error_text());
		else
			add(" %d", got);
	}
	say("%s", "");
	int outer[2];
	cio_task *both[] = {cio_spawn(inner, &(cio_errors){CIO_COLLECT}),
		cio_spawn(run, (&(struct job){NULL, 9, 1}))};
	CHECK_INT(cio_gather(both, 2, .results = outer), 0);
	say("inner collected: %s %d | other: %d",
		results[0] == -EIO ? "in" : "?", results[1], outer[1]);
	both[0] = cio_spawn(inner, &(cio_errors){CIO_FAIL_FAST});
	both[1] = cio_spawn(run, (&(struct job){NULL, 9, 3}));
	say("inner %s", outcome(cio_gather(both, 2)));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* the first error reaches the awaiter; what becomes of the others */
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
		say("%s is cancelled", j->name);
		return err;
	}
	say("%s %s", j->name, j->error != NULL ? "fails" : "finishes");
	return j->error != NULL ? raise_error(j->error) : 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *a = cio_spawn(work, &(struct job){"a", 5, NULL}),
		 *b = cio_spawn(work, &(struct job){"b", 1, "boom"}),
		 *c = cio_spawn(work, &(struct job){"c", 3, NULL});
	say("gather %s", outcome(cio_gather(CIO_TASKS(a, b, c))));

	/* To leave the others running, wait for the first failure. */
	cio_task *tasks[] = {cio_spawn(work, &(struct job){"a", 5, NULL}),
		cio_spawn(work, &(struct job){"b", 1, "boom"}),
		cio_spawn(work, &(struct job){"c", 3, NULL})};
	CHECK_INT(cio_wait(tasks, 3, CIO_FIRST_EXCEPTION, CIO_NEVER), 1);
	say("still running: %d %d", !cio_task_done(tasks[0]),
		!cio_task_done(tasks[2]));
	say("failed: %s", outcome(cio_await(tasks[1])));
	CHECK_INT(cio_await(tasks[0]), 0);
	CHECK_INT(cio_await(tasks[2]), 0);
	return 0;
}

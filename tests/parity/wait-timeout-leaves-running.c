/* SPDX-License-Identifier: MIT */
/* a wait that times out cancels nothing */
/* drivers: sim */
#include "parity.h"

struct job {
	int ticks;
	const char *error;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0)
		return err;
	return j->error != NULL ? raise_error(j->error) : 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t[] = {cio_spawn(work, &(struct job){1, NULL}),
		cio_spawn(work, &(struct job){2, "boom"}),
		cio_spawn(work, &(struct job){9, NULL})};
	int done = cio_wait(t, 3, CIO_ALL_COMPLETED, 5 * T);
	say("after timeout: done %d pending %d", done, 3 - done);
	add("a: %s", cio_task_result(t[0]) == 0 ? "a" : "?");
	add(" | b: %s", cio_task_result(t[1]) == -EIO ? "error: boom" : "?");
	say(" | c cancelled %d", cio_task_cancelled(t[2]));
	done = cio_wait(t, 3, CIO_ALL_COMPLETED, CIO_NEVER);
	say("later: done %d pending %d | c: %s", done, 3 - done,
		cio_await(t[2]) == 0 ? "c" : "?");
	CHECK_INT(cio_await(t[0]), 0);
	CHECK_INT(cio_await(t[1]), -EIO);
	int err = cio_wait(NULL, 0, CIO_ALL_COMPLETED, CIO_NEVER);
	say("empty set: %s", err == -EINVAL ? "refused" : "accepted");
	return 0;
}

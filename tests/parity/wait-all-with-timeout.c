/* SPDX-License-Identifier: MIT */
/* wait: all or a failure or a limit, what each leaves; nothing to wait for is an error */
/* drivers: sim */
#include "parity.h"

struct job {
	int ticks;
	const char *error;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	return err == 0 && j->error != NULL ? raise_error(j->error) : err;
}

static void spawn(cio_task *tasks[3], struct job a, struct job b, struct job c)
{
	tasks[0] = cio_spawn(work, &a);
	tasks[1] = cio_spawn(work, &b);
	tasks[2] = cio_spawn(work, &c);
}

/* None that has ended is -ETIMEDOUT. */
static void show(const char *label, cio_task *const tasks[], size_t n, int done)
{
	add("%s | ended %d |", label, done == -ETIMEDOUT ? 0 : done);
	for (size_t i = 0; i < n; i++)
		add(" %d", cio_task_done(tasks[i]));
	add("\n");
}

static void use_up(cio_task *const tasks[], size_t n)
{
	wait_all(tasks, n);
	for (size_t i = 0; i < n; i++)
		(void)cio_await(tasks[i]);
}

static int scenario(void *arg)
{
	cio_task *t[3];
	(void)arg;
	spawn(t, (struct job){1, NULL}, (struct job){3, NULL},
		(struct job){9, NULL});
	show("all, limit in between", t, 3,
		cio_wait(t, 3, CIO_ALL_COMPLETED, 5 * T));
	show("all", t, 3, cio_wait(t, 3, CIO_ALL_COMPLETED, CIO_NEVER));
	use_up(t, 3);

	spawn(t, (struct job){1, NULL}, (struct job){2, "boom"},
		(struct job){4, NULL});
	show("first failure", t, 3,
		cio_wait(t, 3, CIO_FIRST_EXCEPTION, CIO_NEVER));
	show("it has failed before", t, 3,
		cio_wait(t, 3, CIO_FIRST_EXCEPTION, CIO_NEVER));
	use_up(t, 3);

	spawn(t, (struct job){1, NULL}, (struct job){3, NULL},
		(struct job){9, NULL});
	cio_task_cancel(t[2], "no need");
	show("a cancel is no failure", t, 3,
		cio_wait(t, 3, CIO_FIRST_EXCEPTION, CIO_NEVER));
	use_up(t, 3);

	spawn(t, (struct job){1, NULL}, (struct job){2, NULL},
		(struct job){0, NULL});
	(void)cio_await(t[2]);
	show("no time", t, 2, cio_wait(t, 2, CIO_ALL_COMPLETED, 0));
	wait_all(t, 2);
	show("no time, ended before", t, 2,
		cio_wait(t, 2, CIO_ALL_COMPLETED, 0));
	use_up(t, 2);
	if (cio_wait(t, 0, CIO_ALL_COMPLETED, CIO_NEVER) == -EINVAL)
		say("nothing: error: invalid");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* two tasks wait for a third; one of them is cancelled; the third tells the other */
/* drivers: sim */
#include "parity.h"

static int work(const int *unused)
{
	(void)unused;
	int err = cio_sleep(4 * T);
	return err < 0 ? err : 7;
}

struct looker {
	const char *name;
	cio_task *task;
};

static int look(const struct looker *l)
{
	int err = cio_wait(&l->task, 1, CIO_ALL_COMPLETED, CIO_NEVER);
	if (err < 0)
		say("%s is cancelled, the task is done %d", l->name,
			cio_task_done(l->task));
	else
		say("%s sees %d", l->name, cio_task_result(l->task));
	return err < 0 ? err : 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(work, NOTHING),
		 *a = cio_spawn(look, &(struct looker){"a", t}),
		 *b = cio_spawn(look, &(struct looker){"b", t});
	(void)cio_sleep(T);
	cio_task_cancel(a, "no need");
	CHECK_INT(cio_await(a), -ECANCELED);
	CHECK_INT(cio_await(b), 0);
	say("main sees %d", cio_await(t));
	cio_task *c = cio_spawn(work, NOTHING);
	cio_task_cancel(c, "no need");
	wait_all(&c, 1);
	say("cancelled %d done %d", cio_task_cancelled(c), cio_task_done(c));
	say("its result: %s", outcome(cio_task_result(c)));
	add("awaited: %s", outcome(cio_await(c)));
	say(", we are %d", refused_now());
	return 0;
}

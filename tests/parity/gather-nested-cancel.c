/* SPDX-License-Identifier: MIT */
/* cancelling who awaits a gather of gathers reaches the leaves; a timeout likewise */
/* drivers: sim */
#include "parity.h"

struct place {
	char batch;
	int n;
};

static int leaf(const struct place *p)
{
	int err = cio_sleep(LONG);
	if (err < 0)
		say("  %c%d is cancelled", p->batch, p->n);
	return err;
}

static int batch(const char *name)
{
	return cio_gather(
		CIO_TASKS(cio_spawn(leaf, &(struct place){*name, 1}),
			cio_spawn(leaf, &(struct place){*name, 2})));
}

static int both(const int *unused)
{
	(void)unused;
	return cio_gather(CIO_TASKS(cio_spawn(batch, &(char){'a'}),
		cio_spawn(batch, &(char){'b'})));
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(both, NOTHING);
	(void)cio_sleep(T);
	cio_task_cancel(t, "no need");
	wait_all(&t, 1);
	say("cancelled %d", cio_task_cancelled(t));
	CHECK_INT(cio_await(t), -ECANCELED);
	if (cio_wait_for(cio_spawn(both, NOTHING), 2 * T) == -ETIMEDOUT)
		say("timeout");
	say("tasks left %d", (int)cio_run_get_figures().tasks_alive - 1);
	return 0;
}

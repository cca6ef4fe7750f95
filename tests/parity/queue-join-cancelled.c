/* SPDX-License-Identifier: MIT */
/* one who waits in join is cancelled, another has a limit, a third waits on */
/* drivers: sim */
#include "parity.h"

static cio_queue queue;

struct joiner {
	const char *name;
	cio_duration limit;
};

static int run(const struct joiner *j)
{
	int err = 0;
	CIO_TIMEOUT (j->limit, &err)
		err = cio_queue_join(&queue);
	say("%s %s", j->name, err == 0 ? "joined" : outcome(err));
	return err == -ETIMEDOUT ? 0 : err;
}

static int scenario(void *arg)
{
	static const struct joiner joiners[] = {{"a", CIO_NEVER}, {"b", 2 * T},
		{"c", CIO_NEVER}};
	cio_task *t[3];
	(void)arg;
	cio_queue_init(&queue, sizeof(int), 0);
	CHECK_INT(cio_queue_join(&queue), 0);
	say("join of a new queue: at once");
	CHECK_INT(cio_queue_try_put(&queue, &(int){1}), 0);
	CHECK_INT(cio_queue_try_put(&queue, &(int){2}), 0);
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(run, &joiners[i]);
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t[0], "no need");
	CHECK_INT(cio_queue_task_done(&queue), 0);
	CHECK_INT(cio_sleep(3 * T), 0);
	CHECK_INT(cio_queue_task_done(&queue), 0);
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	say("size %zu", queue.size);
	CHECK_INT(cio_queue_join(&queue), 0);
	say("join of what is done, not taken: at once");
	return cio_queue_finish(&queue);
}

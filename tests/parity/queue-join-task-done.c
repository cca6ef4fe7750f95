/* SPDX-License-Identifier: MIT */
/* join waits until every item is done, not merely taken */
/* drivers: sim */
#include "parity.h"

static cio_queue q;

static int worker(const int *unused)
{
	(void)unused;
	for (;;) {
		const char *item, *extra = "extra";
		int err = cio_queue_get(&q, &item);
		if (err < 0)
			return err;
		say("took %s", item);
		err = cio_sleep(2 * T);
		if (strcmp(item, "b") == 0)
			CHECK_INT(cio_queue_try_put(&q, &extra), 0);
		say("done %s", item);
		cio_queue_task_done(&q);
		if (err < 0)
			return err;
	}
}

static int joiner(const char *const *name)
{
	int err = cio_queue_join(&q);
	say("%s released, size %zu", *name, q.size);
	return err;
}

static int scenario(void *arg)
{
	const char *const items[] = {"a", "b"}, *const names[] = {"j1", "j2"};
	(void)arg;
	cio_queue_init(&q, sizeof(const char *), 0);
	CHECK_INT(cio_queue_join(&q), 0);
	say("join on an untouched queue returned");
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_queue_try_put(&q, &items[i]), 0);
	cio_task *w = cio_spawn(worker, NOTHING);
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(joiner, &names[0]),
			  cio_spawn(joiner, &names[1]))),
		0);
	cio_task_cancel(w, "no more work");
	CHECK_INT(cio_await(w), -ECANCELED);
	say("surplus task_done %s",
		cio_queue_task_done(&q) < 0 ? "refused" : "accepted");
	return cio_queue_finish(&q);
}

/* SPDX-License-Identifier: MIT */
/* workers, a join, and a cancel of the idle workers */
/* drivers: sim */
#include "parity.h"

static cio_queue q;
static int results[12];

static int job(int i)
{
	int err = cio_sleep(T);
	if (err < 0)
		return err;
	return i % 4 == 3 ? raise_error("job") : 0;
}

static int worker(const int *unused)
{
	int i, err;
	(void)unused;
	while ((err = cio_queue_get(&q, &i)) == 0) {
		results[i] = job(i);
		cio_queue_task_done(&q);
	}
	return err;
}

static int scenario(void *arg)
{
	cio_task *workers[3];
	(void)arg;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 12; i++)
		CHECK_INT(cio_queue_try_put(&q, &i), 0);
	for (int i = 0; i < 3; i++)
		workers[i] = cio_spawn(worker, NOTHING);
	CHECK_INT(cio_queue_join(&q), 0);
	add("ok:");
	for (int i = 0; i < 12; i++)
		if (results[i] == 0)
			add(" %d", i);
	say("%s", "");
	say("failed: job %d job %d job %d", results[11] == -EIO ? 11 : 0,
		results[3] == -EIO ? 3 : 0, results[7] == -EIO ? 7 : 0);
	int cancelled = 0;
	for (int i = 0; i < 3; i++)
		cio_task_cancel(workers[i], "no more work");
	for (int i = 0; i < 3; i++)
		cancelled += cio_await(workers[i]) == -ECANCELED;
	say("workers cancelled %d", cancelled);
	return cio_queue_finish(&q);
}

/* SPDX-License-Identifier: MIT */
/*
 * executor.c - threads of its own for one kind of work, a short queue before
 * them, and an end that waits no longer than it is told
 */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

static int hash(void *arg)
{
	unsigned *value = arg;
	for (int i = 0; i < 100000; i++)
		*value = *value * 31 + 7;
	return 0;
}

static cio_executor *hashing; /* the loop's; app opens and closes it */

/* Waits for room in the queue, then for the thread. */
static int work(unsigned *value)
{
	return cio_executor_run(hashing, hash, value);
}

/* A long function asks now and then whether anybody still waits for it. */
static int hash_for_ever(void *arg)
{
	unsigned value = 0;
	(void)arg;
	while (!cio_thread_cancelled())
		(void)hash(&value);
	return -ECANCELED;
}

static int search(const int *unused)
{
	(void)unused;
	return cio_executor_run(hashing, hash_for_ever, NULL);
}

static int app(void *arg)
{
	unsigned values[20] = {0};
	(void)arg;
	int err = cio_executor_open(&hashing,
		&(cio_executor_options){.name = "hashing",
			.threads = 2,
			.queue_limit = 4});
	if (err < 0)
		return err;
	err = cio_map(work, values, 20);

	cio_executor_figures f = cio_executor_get_figures(hashing);
	printf("%d jobs by %d threads, each waited at most %lld us\n",
		(int)f.done, (int)f.threads, (long long)(f.wait_max / 1000));

	cio_task *t = cio_spawn(search, &(int){0});
	int late = cio_sleep(CIO_MS(2));
	cio_task_cancel(t, "the program ends");
	late = late < 0 ? late :
			  cio_await(t); /* it stops, as it was asked to */
	int end = cio_executor_close_within(hashing, CIO_S(1));
	return err < 0 ? err : end < 0 ? end : late == -ECANCELED ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

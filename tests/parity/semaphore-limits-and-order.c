/* SPDX-License-Identifier: MIT */
/* never more than N holders, served in the order of asking */
/* drivers: sim */
#include "parity.h"

static cio_semaphore sem;
static int inside, peak;

static int job(int *i)
{
	int err = cio_semaphore_acquire(&sem);
	if (err < 0)
		return err;
	peak = ++inside > peak ? inside : peak;
	add(" %d", *i);
	err = cio_sleep(T * (1 + *i % 3));
	inside--;
	cio_semaphore_release(&sem);
	return err;
}

static int scenario(void *arg)
{
	int jobs[10];
	(void)arg;
	cio_semaphore_init(&sem, 3);
	for (int i = 0; i < 10; i++)
		jobs[i] = i;
	add("entered:");
	int err = cio_map(job, jobs, 10);
	say("%s", "");
	say("peak %d | inside at the end %d | locked %d", peak, inside,
		sem.permits == 0);
	return err;
}

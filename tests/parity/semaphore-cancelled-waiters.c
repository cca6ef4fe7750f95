/* SPDX-License-Identifier: MIT */
/* permits go past cancelled waiters, in the order of the others */
/* drivers: sim */
#include "parity.h"

static cio_semaphore semaphore;

static int work(const char *name)
{
	int err = cio_semaphore_acquire(&semaphore);
	if (err < 0) {
		say("%c %s", *name, outcome(err));
		return err;
	}
	say("%c in", *name);
	err = cio_sleep(T);
	cio_semaphore_release(&semaphore);
	return err;
}

static int scenario(void *arg)
{
	cio_task *t[7];
	(void)arg;
	cio_semaphore_init(&semaphore, 2);
	for (int i = 0; i < 7; i++)
		t[i] = cio_spawn(work, &"abcdefg"[i]);
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_yield(), 0);
	for (int i = 2; i < 6; i += i == 2 ? 2 : 1)
		cio_task_cancel(t[i], "no need");
	(void)cio_gather(t, 7, .errors = CIO_COLLECT);
	say("locked %d", semaphore.permits == 0);
	return cio_semaphore_finish(&semaphore);
}

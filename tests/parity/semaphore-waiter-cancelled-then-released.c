/* SPDX-License-Identifier: MIT */
/* a semaphore's oldest waiters are cancelled, and permits released, in one turn */
/* drivers: sim */
#include "parity.h"

static cio_semaphore semaphore;

static int waiter(const char *name)
{
	int err = cio_semaphore_acquire(&semaphore);
	if (err < 0) {
		say("%c %s", *name, outcome(err));
		return err;
	}
	say("%c has it", *name);
	err = cio_sleep(T);
	cio_semaphore_release(&semaphore);
	return err;
}

static int scenario(void *arg)
{
	cio_task *t[5];
	(void)arg;
	cio_semaphore_init(&semaphore, 2);
	CHECK_INT(cio_semaphore_acquire(&semaphore), 0);
	CHECK_INT(cio_semaphore_acquire(&semaphore), 0);
	for (int i = 0; i < 5; i++)
		t[i] = cio_spawn(waiter, &(char){(char)('a' + i)});
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t[0], "no need");
	cio_task_cancel(t[1], "no need");
	cio_semaphore_release(&semaphore);
	cio_semaphore_release(&semaphore);
	(void)cio_gather(t, 5, .errors = CIO_COLLECT);
	say("locked %d", semaphore.permits == 0);
	CHECK_INT(cio_semaphore_acquire(&semaphore), 0);
	CHECK_INT(cio_semaphore_acquire(&semaphore), 0);
	say("two again, locked %d", semaphore.permits == 0);
	return 0;
}

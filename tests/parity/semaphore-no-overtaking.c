/* SPDX-License-Identifier: MIT */
/* a permit is given back while somebody waits: who comes later does not overtake */
/* drivers: sim */
#include "parity.h"

static cio_semaphore semaphore;

static int take(const char *const *name)
{
	int err = cio_semaphore_acquire(&semaphore);
	if (err == 0)
		say("%s has it", *name);
	return err;
}

static int scenario(void *arg)
{
	static const char *const names[] = {"a", "main"};
	(void)arg;
	cio_semaphore_init(&semaphore, 1);
	CHECK_INT(cio_semaphore_acquire(&semaphore), 0);
	cio_task *a = cio_spawn(take, &names[0]);
	CHECK_INT(cio_sleep(T), 0);
	cio_semaphore_release(&semaphore);
	say("released, locked %d",
		cio_semaphore_try_acquire(&semaphore) == -EAGAIN);
	cio_task *b = cio_spawn(take, &names[1]);
	CHECK_INT(cio_sleep(T), 0);
	say("a done %d second done %d", cio_task_done(a), cio_task_done(b));
	cio_semaphore_release(&semaphore);
	CHECK_INT(cio_await(b), 0);
	say("locked %d", semaphore.permits == 0);
	return cio_await(a);
}

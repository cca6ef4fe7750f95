/* SPDX-License-Identifier: MIT */
/* a task that holds a lock and a permit, and waits for an item, is cancelled */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static cio_semaphore semaphore;
static cio_queue queue;

static int holder(const int *unused)
{
	int err, item;
	(void)unused;
	if ((err = cio_semaphore_acquire(&semaphore)) < 0)
		return err;
	CIO_LOCKED (&lock, &err) {
		err = cio_queue_get(&queue, &item);
		say("holder: leaves");
	}
	cio_semaphore_release(&semaphore);
	return err;
}

static int next_one(const int *unused)
{
	int err;
	(void)unused;
	if ((err = cio_semaphore_acquire(&semaphore)) < 0)
		return err;
	say("next: has the permit, lock is free %d", lock.owner == NULL);
	CIO_LOCKED (&lock, &err)
		say("next: has the lock");
	cio_semaphore_release(&semaphore);
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_semaphore_init(&semaphore, 1);
	cio_queue_init(&queue, sizeof(int), 0);
	cio_task *t[] = {cio_spawn(holder, NOTHING),
		cio_spawn(next_one, NOTHING)};
	CHECK_INT(cio_sleep(T), 0);
	cio_task_cancel(t[0], "no need");
	wait_all(t, 2);
	say("main: cancelled %d locked %d", cio_task_cancelled(t[0]),
		lock.owner != NULL);
	CHECK_INT(cio_queue_try_put(&queue, &(int){1}), 0);
	say("main: size %zu", queue.size);
	(void)cio_gather(t, 2, .errors = CIO_COLLECT);
	return cio_queue_finish(&queue);
}

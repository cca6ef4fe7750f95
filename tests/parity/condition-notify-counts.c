/* SPDX-License-Identifier: MIT */
/* notify wakes the oldest waiters, one by one as the lock allows */
/* drivers: sim */
#include "parity.h"

static cio_condition cond;
static cio_lock lock;

static int waiter(const char *name)
{
	int err = 0;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait(&cond, &lock);
		say("  %c woke and holds the lock", *name);
		(void)cio_sleep(T);
		say("  %c leaves", *name);
	}
	return err;
}

static void act(const char *label, uint32_t n)
{
	int err = 0;
	CIO_LOCKED (&lock, &err) {
		if (n > 0)
			cio_condition_notify(&cond, n);
		else
			cio_condition_notify_all(&cond);
		say("%s", label);
		err = cio_sleep(T);
		say("lock given up");
	}
	(void)cio_sleep(8 * T);
	CHECK_INT(err, 0);
}

static int scenario(void *arg)
{
	cio_task *tasks[5];
	(void)arg;
	cio_condition_notify(&cond, 3);
	for (int i = 0; i < 5; i++)
		tasks[i] = cio_spawn(waiter, &"abcde"[i]);
	(void)cio_sleep(T);
	act("notify", 1);
	act("notify 2", 2);
	act("notify all", 0);
	act("notify all, nobody waits", 0);
	int done = ended_within(tasks, 5, 0);
	say("all woke %d", done == 5);
	return cio_gather(tasks, 5);
}

/* SPDX-License-Identifier: MIT */
/* a condition is notified without its lock */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static cio_condition condition;

static int waiter(const int *unused)
{
	int err;
	(void)unused;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait(&condition, &lock);
		if (err == 0)
			say("waiter: notified, locked %d",
				lock.owner == cio_current_task());
	}
	return err;
}

static int scenario(void *arg)
{
	int err;
	(void)arg;
	cio_task *t = cio_spawn(waiter, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	cio_condition_notify(&condition, 1);
	say("notify without the lock: ok");
	CHECK_INT(cio_sleep(T), 0);
	say("waiter has gone on %d", cio_task_done(t));
	CIO_LOCKED (&lock, &err)
		cio_condition_notify_all(&condition);
	return cio_await(t);
}

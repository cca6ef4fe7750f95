/* SPDX-License-Identifier: MIT */
/* a waiter that was notified is cancelled while it waits for the lock again */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static cio_condition condition;

static int waiter(const char *const *name)
{
	int err;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait(&condition, &lock);
		if (err < 0) {
			say("%s cancelled, holds the lock %d", *name,
				lock.owner == cio_current_task());
			break;
		}
		say("%s notified, holds the lock %d", *name,
			lock.owner == cio_current_task());
		err = cio_sleep(T);
		say("%s leaves%s", *name, err < 0 ? ", refused now" : "");
	}
	return err;
}

static int scenario(void *arg)
{
	const char *names[] = {"a", "b"};
	int err;
	(void)arg;
	cio_task *a = cio_spawn(waiter, &names[0]),
		 *b = cio_spawn(waiter, &names[1]);
	CHECK_INT(cio_sleep(T), 0);
	CIO_LOCKED (&lock, &err) {
		cio_condition_notify(&condition, 1);
		CHECK_INT(cio_sleep(T), 0);
		cio_task_cancel(a, "no need");
		CHECK_INT(cio_sleep(T), 0);
		say("main still holds the lock");
	}
	CHECK_INT(cio_sleep(3 * T), 0);
	CIO_LOCKED (&lock, &err)
		cio_condition_notify_all(&condition);
	(void)cio_gather(CIO_TASKS(a, b), .errors = CIO_COLLECT);
	say("locked %d", lock.owner != NULL);
	return 0;
}

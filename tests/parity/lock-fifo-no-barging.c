/* SPDX-License-Identifier: MIT */
/* waiters get a lock in the order they asked */
/* drivers: sim */
#include "parity.h"

struct user {
	const char *name;
	cio_lock *lock;
};

static int user(const struct user *u)
{
	int err = 0;
	for (int i = 0; i < 2 && err == 0; i++)
		CIO_LOCKED (u->lock, &err) {
			say("%s holds, round %d", u->name, i);
			err = cio_sleep(T);
		}
	return err;
}

static int scenario(void *arg)
{
	cio_lock lock = {0};
	(void)arg;
	CHECK_INT(cio_lock_acquire(&lock), 0);
	cio_task *tasks[] = {cio_spawn(user, &(struct user){"a", &lock}),
		cio_spawn(user, &(struct user){"b", &lock}),
		cio_spawn(user, &(struct user){"c", &lock})};
	(void)cio_sleep(T);
	cio_lock_release(&lock);
	say("released, locked %d", lock.owner != NULL);
	CHECK_INT(cio_lock_acquire(&lock), 0);
	say("main holds again");
	cio_lock_release(&lock);
	CHECK_INT(cio_gather(tasks, 3), 0);
	say("locked at the end %d", lock.owner != NULL);
	return 0;
}

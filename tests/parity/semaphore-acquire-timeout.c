/* SPDX-License-Identifier: MIT */
/* giving up on a permit leaks nothing */
/* drivers: sim */
#include "parity.h"

static cio_bounded_semaphore sem;

struct user {
	const char *name;
	int limit_ticks, hold_ticks;
};

static int user(struct user *u)
{
	int err = 0;
	CIO_TIMEOUT (u->limit_ticks *T, &err)
		err = cio_bounded_semaphore_acquire(&sem);
	if (err == -ETIMEDOUT) {
		say("%s gave up", u->name);
		return 0;
	}
	say("%s entered", u->name);
	err = cio_sleep(u->hold_ticks * T);
	say("%s leaves", u->name);
	cio_bounded_semaphore_release(&sem);
	return err;
}

static int scenario(void *arg)
{
	struct user users[] = {{"a", 50, 6}, {"b", 3, 8}, {"c", 2, 1},
		{"d", 50, 4}, {"e", 4, 1}, {"f", 50, 5}};
	(void)arg;
	cio_bounded_semaphore_init(&sem, 2);
	CHECK_INT(cio_map(user, users, 6), 0);
	CHECK_INT(cio_bounded_semaphore_acquire(&sem), 0);
	CHECK_INT(cio_bounded_semaphore_acquire(&sem), 0);
	say("both permits are back, locked %d", sem.semaphore.permits == 0);
	return 0;
}

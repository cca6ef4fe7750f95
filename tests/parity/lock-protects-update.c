/* SPDX-License-Identifier: MIT */
/* a read, a wait and a write lose updates without a lock */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static int count;

static int careless(int *unused)
{
	(void)unused;
	int seen = count, err = cio_sleep(T);
	count = seen + 1;
	return err;
}

static int locked(int *unused)
{
	int err = 0;
	(void)unused;
	CIO_LOCKED (&lock, &err) {
		int seen = count;
		err = cio_sleep(T / 4);
		count = seen + 1;
	}
	return err;
}

static int no_wait(int *unused)
{
	(void)unused;
	count = count + 1;
	return cio_sleep(T);
}

static int scenario(void *arg)
{
	int items[10];
	(void)arg;
	count = 0;
	CHECK_INT(cio_map(careless, items, 10), 0);
	say("careless %d", count);
	count = 0;
	CHECK_INT(cio_map(locked, items, 10), 0);
	say("locked %d", count);
	count = 0;
	CHECK_INT(cio_map(no_wait, items, 10), 0);
	say("no_wait %d", count);
	return 0;
}

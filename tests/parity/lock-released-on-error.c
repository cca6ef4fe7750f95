/* SPDX-License-Identifier: MIT */
/* a lock is free after a body that failed, returned or was cancelled */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;

static int fails(void)
{
	int err;
	CIO_LOCKED (&lock, &err)
		err = raise_error("body");
	return err;
}

static int returns(void)
{
	int err;
	CIO_LOCKED (&lock, &err)
		return 3;
	return err;
}

static int sleeps(const int *unused)
{
	int err;
	(void)unused;
	CIO_LOCKED (&lock, &err)
		err = cio_sleep(50 * T);
	return err;
}

static int scenario(void *arg)
{
	cio_task *t[3];
	(void)arg;
	int err = fails();
	say("%s - locked %d", outcome(err), lock.owner != NULL);
	err = returns();
	say("returned %d - locked %d", err, lock.owner != NULL);
	t[0] = cio_spawn(sleeps, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	say("held - locked %d", lock.owner != NULL);
	cio_task_cancel(t[0], "no need");
	CHECK_INT(cio_await(t[0]), -ECANCELED);
	say("cancelled - locked %d", lock.owner != NULL);
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(sleeps, NOTHING);
	CHECK_INT(cio_sleep(T), 0);
	for (int i = 0; i < 3; i++)
		cio_task_cancel(t[i], "no need");
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	say("all cancelled - locked %d", lock.owner != NULL);
	return 0;
}

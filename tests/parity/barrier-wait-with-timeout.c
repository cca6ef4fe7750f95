/* SPDX-License-Identifier: MIT */
/* one of a barrier's tasks waits with a limit and leaves; it comes again */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;

static int patient(const char *letter)
{
	int place = cio_barrier_wait(&barrier);
	say("%c passed", *letter);
	return place < 0 ? place : 0;
}

static int scenario(void *arg)
{
	cio_task *t[2];
	int err = 0;
	(void)arg;
	cio_barrier_init(&barrier, 3);
	t[0] = cio_spawn(patient, &(char){'a'});
	CIO_TIMEOUT (T, &err)
		err = cio_barrier_wait(&barrier);
	say("main: %s", outcome(err));
	CHECK_INT(cio_sleep(T), 0);
	say("waiting %d broken %d", (int)cio_barrier_waiting(&barrier),
		barrier.broken);
	t[1] = cio_spawn(patient, &(char){'b'});
	CHECK_INT(cio_sleep(T), 0);
	say("waiting %d", (int)cio_barrier_waiting(&barrier));
	CHECK(cio_barrier_wait(&barrier) >= 0);
	say("main: passed");
	return cio_gather(t, 2);
}

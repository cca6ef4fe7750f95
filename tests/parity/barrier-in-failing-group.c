/* SPDX-License-Identifier: MIT */
/* tasks wait at a barrier for one that fails; the barrier is good afterwards */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;

static int comes(const char *name)
{
	int place = cio_barrier_wait(&barrier);
	say("%c %s", *name, place >= 0 ? "goes on" : outcome(place));
	return place;
}

static int fails(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	return err < 0 ? err : raise_error("does not come");
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	cio_barrier_init(&barrier, 3);
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, comes, &"a"[0]);
		(void)cio_group_spawn(&group, comes, &"b"[0]);
		(void)cio_group_spawn(&group, fails, NOTHING);
	}
	say("%s", outcome(err));
	say("waiting %d broken %d", (int)cio_barrier_waiting(&barrier),
		barrier.broken);
	err = 0;
	CIO_GROUP (group, &err)
		for (int i = 0; i < 3; i++)
			(void)cio_group_spawn(&group, comes, &"cde"[i]);
	CHECK_INT(err, 0);
	say("waiting %d", (int)cio_barrier_waiting(&barrier));
	return cio_barrier_finish(&barrier);
}

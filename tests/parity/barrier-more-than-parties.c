/* SPDX-License-Identifier: MIT */
/* more tasks than a barrier's parties come at once */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;

static int come(const char *name)
{
	int place = cio_barrier_wait(&barrier);
	say("%s passed", name);
	return place < 0 ? place : 0;
}

static int comer(const char *letter)
{
	const char name[] = {*letter, 0};
	return come(name);
}

static int scenario(void *arg)
{
	cio_task *t[5];
	int passed = 0;
	(void)arg;
	cio_barrier_init(&barrier, 2);
	for (int i = 0; i < 5; i++)
		t[i] = cio_spawn(comer, &(char){(char)('a' + i)});
	CHECK_INT(cio_sleep(T), 0);
	for (int i = 0; i < 5; i++)
		passed += cio_task_done(t[i]);
	say("waiting %d passed %d", (int)cio_barrier_waiting(&barrier), passed);
	CHECK_INT(come("main"), 0);
	CHECK_INT(cio_gather(t, 5), 0);
	say("waiting %d", (int)cio_barrier_waiting(&barrier));
	return cio_barrier_finish(&barrier);
}

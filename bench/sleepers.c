/* SPDX-License-Identifier: MIT */
/*
 * sleepers.c - what a million tasks cost that each sleep for up to a second
 *
 *	sleepers [TASKS]
 *
 * First all of them wait for one event, so that each has touched its stack;
 * then, measured, each sleeps a random time. Prints the CPU seconds of the
 * sleepers, of the warming and the wall seconds of the sleepers.
 */
#include <cio.h>
#include <stdlib.h>

#include "bench.h"

static cio_event warm;

static int waits(const int *unused)
{
	(void)unused;
	return cio_event_wait(&warm);
}

static int everybody_waits(long tasks)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		for (long i = 0; i < tasks && err == 0; i++)
			err = cio_group_spawn(&g, waits, &(int){0});
		if (err == 0)
			err = cio_sleep(CIO_MS(1)); /* behind all of them */
		cio_event_set(&warm);
	}
	return err;
}

static int sleeps(const int64_t *ms)
{
	return cio_sleep(CIO_MS(*ms));
}

static int everybody_sleeps(long tasks)
{
	uint64_t random = UINT64_C(88172645463325252);
	int err = 0;
	CIO_GROUP(g, &err) {
		for (long i = 0; i < tasks && err == 0; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			err = cio_group_spawn(&g, sleeps,
				&(int64_t){(int64_t)(random % 1000)});
		}
	}
	return err;
}

static int app(void *arg)
{
	long tasks = *(long *)arg;
	double cold = cpu_seconds();
	int err = everybody_waits(tasks);
	double cpu = cpu_seconds(), wall = wall_seconds();
	if (err == 0)
		err = everybody_sleeps(tasks);
	printf("%.3f %.3f %.3f\n", cpu_seconds() - cpu, cpu - cold,
		wall_seconds() - wall);
	return err;
}

int main(int argc, char **argv)
{
	long tasks = argc > 1 ? atol(argv[1]) : 1000000;
	return cio_run(app, &tasks) < 0;
}

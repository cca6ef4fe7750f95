/* SPDX-License-Identifier: MIT */
/*
 * spawn.c - what a task costs from spawn to end
 *
 *	spawn [TASKS]
 *
 * Spawns tasks in batches of 1,000 that do nothing. Prints nanoseconds of
 * CPU for each; bench/run compares them with a bare loop over warm stacks.
 */
#include <cio.h>
#include <stdlib.h>

#include "bench.h"

static int count(long *const *done)
{
	++**done;
	return 0;
}

static int batch(long *done)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		for (int i = 0; i < 1000 && err == 0; i++)
			err = cio_group_spawn(&g, count, &done);
	}
	return err;
}

static int app(void *arg)
{
	char **argv = arg;
	long tasks = argv[1] != NULL ? atol(argv[1]) : 5000000, done = 0;
	double start = cpu_seconds();
	int err = 0;
	while (done < tasks && err == 0)
		err = batch(&done);
	printf("%.3f\n", (cpu_seconds() - start) * 1e9 / (double)done);
	return err;
}

int main(int argc, char **argv)
{
	(void)argc;
	return cio_run(app, argv) < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * switch.c - what a yield through the scheduler costs
 *
 *	switch [TASKS [YIELDS]]
 *
 * TASKS tasks take turns YIELDS times in all. Prints nanoseconds of CPU for each
 * yield; bench/run compares them with a bare loop that only switches.
 */
#include <cio.h>
#include <stdlib.h>

#include "bench.h"

struct turns {
	long *left;
};

static int take_turns(const struct turns *t)
{
	int err = 0;
	while (err == 0 && --*t->left > 0)
		err = cio_yield();
	return err;
}

static int app(void *arg)
{
	char **argv = arg;
	long tasks = argv[1] != NULL ? atol(argv[1]) : 2;
	long yields = argv[1] != NULL && argv[2] != NULL ? atol(argv[2]) :
							     20000000;
	long left = yields;
	double start = cpu_seconds();
	int err = 0;
	CIO_GROUP(g, &err) {
		for (long i = 0; i < tasks && err == 0; i++)
			err = cio_group_spawn(&g, take_turns,
				&(struct turns){&left});
	}
	printf("%.3f\n", (cpu_seconds() - start) * 1e9 / (double)yields);
	return err;
}

int main(int argc, char **argv)
{
	(void)argc;
	return cio_run(app, argv) < 0;
}

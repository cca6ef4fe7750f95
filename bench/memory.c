/* SPDX-License-Identifier: MIT */
/*
 * memory.c - what a task costs that does nothing
 *
 *	memory idle|spawned [TASKS]
 *
 * Prints the bytes for each of a million tasks, resident memory and page tables
 * together, then each of the two: of tasks that have begun and wait (idle), or
 * that have been spawned and not had a turn.
 */
#include <cio.h>
#include <stdlib.h>

#include "bench.h"

static cio_event never;

static int waits(cio_event *const *event)
{
	return cio_event_wait(*event);
}

static int app(void *arg)
{
	char **argv = arg;
	long tasks = argv[2] != NULL ? atol(argv[2]) : 1000000;
	bool idle = strcmp(argv[1], "idle") == 0;
	cio_event *event = &never;
	double rss = status_bytes("VmRSS:"), pte = status_bytes("VmPTE:");
	int err = 0;
	CIO_GROUP(g, &err) {
		/* without a yield: nobody has a turn meanwhile */
		for (long i = 0; i < tasks && err == 0; i++)
			err = cio_group_try_spawn(&g, waits, &event);
		if (idle)
			(void)cio_sleep(CIO_MS(1)); /* behind all of them */
		rss = (status_bytes("VmRSS:") - rss) / (double)tasks;
		pte = (status_bytes("VmPTE:") - pte) / (double)tasks;
		printf("%.1f %.1f %.1f\n", rss + pte, rss, pte);
		fflush(stdout);
		cio_event_set(&never);
	}
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: memory idle|spawned [TASKS]\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}

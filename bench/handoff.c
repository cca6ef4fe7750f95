/* SPDX-License-Identifier: MIT */
/*
 * handoff.c - what it costs to hand something to another task
 *
 *	handoff lock|semaphore|queue [HANDOFFS]
 *
 * Two tasks: each gives the thing to the other and waits to get it back, so
 * every hand-off is one wake and one switch. Prints the price in yields between
 * two tasks of the same process, then both in nanoseconds. Each of the two is
 * the best of five, taken in turns: what disturbs only ever adds.
 */
#include <cio.h>
#include <stdlib.h>

#include "bench.h"

enum { TURNS = 5 };

static long left;
static cio_lock lock;
static cio_semaphore semaphore;
static cio_queue there, back;

static int yields(const int *unused)
{
	(void)unused;
	int err = 0;
	while (err == 0 && --left > 0)
		err = cio_yield();
	return err;
}

static int locks(const int *unused)
{
	(void)unused;
	int err = 0;
	while (err == 0 && --left > 0) {
		err = cio_lock_acquire(&lock);
		if (err == 0)
			err = cio_lock_release(&lock);
	}
	return err;
}

static int acquires(const int *unused)
{
	(void)unused;
	int err = 0;
	while (err == 0 && --left > 0) {
		err = cio_semaphore_acquire(&semaphore);
		if (err == 0)
			cio_semaphore_release(&semaphore);
	}
	return err;
}

/* The first of the two begins; an item goes to and fro. */
static int passes(const int *begins)
{
	cio_queue *mine = *begins ? &there : &back;
	cio_queue *other = *begins ? &back : &there;
	long item = 1;
	int err = *begins ? cio_queue_put(other, &item) : 0;
	while (err == 0 && --left > 0) {
		err = cio_queue_get(mine, &item);
		if (err == 0)
			err = cio_queue_put(other, &item);
	}
	return err;
}

/* Nanoseconds for each of n turns of two tasks. Who holds the lock or permit at
 * first lets both wait for it, and then each release is a hand-off. */
static int measure(int (*fn)(const int *), long n, double *ns)
{
	left = n;
	int err = cio_lock_acquire(&lock);
	if (err == 0)
		err = cio_semaphore_acquire(&semaphore);
	double start = 0;
	CIO_GROUP(g, &err) {
		for (int i = 0; i < 2 && err == 0; i++)
			err = cio_group_spawn(&g, fn, &(int){i == 0});
		start = cpu_seconds();
		if (err == 0)
			err = cio_yield();
		(void)cio_lock_release(&lock);
		cio_semaphore_release(&semaphore);
	}
	double took = (cpu_seconds() - start) * 1e9 / (double)n;
	if (*ns == 0 || took < *ns)
		*ns = took;
	return err;
}

static const struct {
	const char *name;
	int (*fn)(const int *);
} kinds[] = {{"lock", locks}, {"semaphore", acquires}, {"queue", passes}};

static int app(void *arg)
{
	char **argv = arg;
	long n = argv[2] != NULL ? atol(argv[2]) : 2000000;
	int (*fn)(const int *) = NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			fn = kinds[i].fn;
	if (fn == NULL)
		return -1;
	cio_semaphore_init(&semaphore, 1);
	double yield = 0, handoff = 0;
	int err = 0;
	for (int i = 0; i < TURNS && err == 0; i++) {
		cio_queue_init(&there, sizeof(long), 1);
		cio_queue_init(&back, sizeof(long), 1);
		err = measure(yields, n, &yield);
		if (err == 0)
			err = measure(fn, n, &handoff);
		cio_queue_shutdown(&there, true);
		cio_queue_shutdown(&back, true);
		(void)cio_queue_finish(&there);
		(void)cio_queue_finish(&back);
	}
	printf("%.3f %.3f %.3f\n", handoff / yield, handoff, yield);
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: handoff lock|semaphore|queue [N]\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}

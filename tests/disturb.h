/* SPDX-License-Identifier: MIT */
/*
 * disturb.h - one scenario, disturbed in every way and at every step
 *
 *	static int locks(void)
 *	{
 *		int err = what is disturbed
 *		CALM() {
 *			CHECKs of what must hold, whatever happened; and once more
 *		}
 *		return err;
 *	}
 *	static const struct scenario scenarios[] = {
 *		{"lock", locks, DISTURB_TASKS},
 *
 * First it runs in peace, must succeed, and its steps are counted. Then it runs
 * once for each step of each way, and may return what `disturb.c` allows for
 * that way. No run may leave a block, a descriptor or a handle behind.
 *
 * Where there are many steps, some of them are tried; all of them, and on sim
 * for several orders of events, with CIO_WHOLE=1 in the environment. A failure
 * names the step: CIO_REPLAY=way/name/step/seed tries that one alone.
 */
#ifndef CIO_TESTS_DISTURB_H
#define CIO_TESTS_DISTURB_H

#include "check.h"

#include <cio/scope.h>
#include <cio/time.h>

enum {
	DISTURB_CANCEL = 1, /* main is cancelled at its k-th suspension */
	DISTURB_ONE = 2,    /* the task that suspends there is, and no other */
	DISTURB_NEXT = 4,   /* the one that was woken to run next is */
	DISTURB_MEMORY = 8, /* the k-th allocation fails */
	DISTURB_STACKS = 16, /* the k-th mapping for stacks fails */
	DISTURB_TASKS = 31,

	/* On sim only, elsewhere they are left out. */
	DISTURB_RESET = 32,       /* the k-th byte sent resets its connection */
	DISTURB_DESCRIPTORS = 64, /* from the k-th on there are no descriptors */
	DISTURB_FAULTS = 128,     /* k is a seed: of the order, of faults, and
	                             sometimes of a cancel or a failed allocation */
	DISTURB_ALL = 255
};

struct scenario {
	const char *name;
	int (*fn)(void);
	unsigned ways;
};

/* Run it in all its ways. To be called by a test. */
void disturb_scenario(const struct scenario *s);

/* A whole test program: a test for each scenario. */
int disturb_main(const struct scenario scenarios[], size_t n);

/* From now on nothing is disturbed any more in this run. */
void disturb_end(void);

/* DISTURB_...; 0: this is the run in peace, in which nothing may fail. */
unsigned disturb_way(void);

/* A block in which nothing is disturbed and nothing is refused. */
#define CALM() \
	disturb_end(); \
	CIO_SHIELD(CIO_S(1000))

#endif

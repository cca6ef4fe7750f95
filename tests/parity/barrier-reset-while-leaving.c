/* SPDX-License-Identifier: MIT */
/* a barrier is reset, or aborted, when all have come and none has gone on yet */
/* drivers: sim */
#include "parity.h"

static cio_barrier barrier;

static int comer(const char *letter)
{
	int place = cio_barrier_wait(&barrier);
	say("%c %s", *letter, place == -CIO_EBROKEN ? "broken" : "passed");
	return 0;
}

static void attempt(const char *label, void (*act)(cio_barrier *))
{
	say("%s", label);
	cio_barrier_init(&barrier, 3);
	cio_task *t[] = {cio_spawn(comer, &(char){'a'}),
		cio_spawn(comer, &(char){'b'})};
	CHECK_INT(cio_sleep(T), 0);
	CHECK_INT(cio_barrier_wait(&barrier), 2);
	act(&barrier);
	CHECK_INT(cio_gather(t, 2), 0);
	say("broken %d waiting %d", barrier.broken,
		(int)cio_barrier_waiting(&barrier));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("reset", cio_barrier_reset);
	attempt("abort", cio_barrier_abort);
	return 0;
}

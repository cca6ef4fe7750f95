/* SPDX-License-Identifier: MIT */
/*
 * testing.c - what tests ask of a run; the network's faults are the sim driver's
 */
#include <cio/sim.h>

#include "base/mem.h"
#include "core/core.h"

/* The wish is for the thread's next run, the count of its last one. */
_Thread_local uint64_t core_cancel_at, core_suspensions;
enum { MAIN, SUSPENDED, NEXT };
static _Thread_local int victim;
static _Thread_local uint64_t failing_mapping;

/* ---- cancels ---- */

static void cancel_at(uint64_t k, int whom)
{
	cio_loop *l = cio__loop;
	victim = whom;
	if (l != NULL)
		l->cancel_at = k > 0 ? l->suspensions + k : 0;
	else
		core_cancel_at = k;
}

void cio_sim_cancel_at(uint64_t k)
{
	cancel_at(k, MAIN);
}

void cio_sim_cancel_suspended_at(uint64_t k)
{
	cancel_at(k, SUSPENDED);
}

void cio_sim_cancel_next_at(uint64_t k)
{
	cancel_at(k, NEXT);
}

/* Whoever ends the loop is out of reach, as for everybody else. */
void testing_cancel(cio_loop *l, cio_task *suspends)
{
	cio_task *t = victim == MAIN ? l->main
		: victim == NEXT ? l->head : suspends;
	if (t != NULL && !l->ended)
		cio__task_cancel("", t, "cancelled by the test");
}

uint64_t cio_sim_suspensions(void)
{
	return cio__loop != NULL ? cio__loop->suspensions : core_suspensions;
}

/* ---- memory ---- */

uint64_t cio_sim_blocks(void)
{
	return cio__heap_blocks();
}

void cio_sim_fail_allocation(uint64_t n)
{
	cio__heap_fail_at(n);
}

uint64_t cio_sim_allocation_left(void)
{
	return cio__heap_fails_in();
}

void cio_sim_fail_mapping(uint64_t n)
{
	failing_mapping = n;
}

uint64_t cio_sim_mapping_left(void)
{
	return failing_mapping;
}

bool testing_fails_mapping(void)
{
	return failing_mapping > 0 && --failing_mapping == 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * testing.c - what tests ask of a run; the faults are the sim driver's
 */
#include <cio/sim.h>

#include "base/mem.h"
#include "core/core.h"

/* The wish is for the thread's next run, the count of its last one. */
_Thread_local uint64_t core_cancel_at, core_suspensions;

void cio_sim_cancel_at(uint64_t k)
{
	core_cancel_at = k;
}

uint64_t cio_sim_suspensions(void)
{
	return core_suspensions;
}

uint64_t cio_sim_blocks(void)
{
	return cio__heap_blocks();
}

void cio_sim_fail_allocation(uint64_t n)
{
	cio__heap_fail_at(n);
}

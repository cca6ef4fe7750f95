/* SPDX-License-Identifier: MIT */
/*
 * random.c - where seeds come from
 *
 * The kernel's generator; should it refuse (before it is seeded at boot, or
 * under a filter), the clock and our place in memory must do: seeds need to
 * differ, not to be secret.
 */
#include "base/random.h"

#include <stddef.h>
#include <sys/random.h>
#include <time.h>

uint64_t cio__random_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
		return seed;

	struct timespec now = {0, 0};
	(void)timespec_get(&now, TIME_UTC);
	seed = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
	return seed ^ (uint64_t)(uintptr_t)&now;
}

/* SPDX-License-Identifier: MIT */
/*
 * random.h - a small generator with its state in the open (splitmix64)
 *
 * For orders, jitter and tests: the same seed gives the same numbers on every
 * machine. Not for secrets.
 */
#ifndef CIO_BASE_RANDOM_H
#define CIO_BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* any value is a good seed, 0 too */
};

/* A seed that differs from run to run. */
uint64_t cio__random_seed(void);

static inline uint64_t cio__random_next(struct random *r)
{
	uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* 0 <= result < bound, each equally likely; 0 if bound is 0. */
static inline uint64_t cio__random_below(struct random *r, uint64_t bound)
{
	if (bound == 0)
		return 0;
	uint64_t uneven = (0 - bound) % bound; /* 2^64 mod bound */
	for (;;) {
		uint64_t x = cio__random_next(r);
		if (x >= uneven)
			return x % bound;
	}
}

#endif

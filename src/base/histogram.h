/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - how long things took: counts in log-linear buckets
 *
 * Each power of two is cut into 32 buckets of equal width, so a percentile is
 * at most 1/32 (3.2 %) above the truth; values below 64 are exact. The whole
 * range of 64 bits is covered. A plain value of 15 KiB, all zero is empty:
 * never on a small stack, and it is merged, not shared, between loops.
 */
#ifndef CIO_BASE_HISTOGRAM_H
#define CIO_BASE_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_SUB_BITS = 5,
	HISTOGRAM_BUCKETS = (64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS
};

struct histogram {
	uint64_t count;
	uint64_t sum; /* stays at UINT64_MAX once it would exceed it */
	uint64_t min; /* 0 while empty */
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS]; /* private */
};

void cio__histogram_record(struct histogram *h, uint64_t value);
void cio__histogram_merge(struct histogram *into, const struct histogram *from);

/* The smallest recorded value (to the bucket's upper edge) that at least
 * `percent` of all values do not exceed; 0 if empty. Outside 0..100 is taken
 * as the nearer end. */
uint64_t cio__histogram_percentile(const struct histogram *h, double percent);

/* 0 if empty. */
uint64_t cio__histogram_mean(const struct histogram *h);

#endif

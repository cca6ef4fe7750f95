/* SPDX-License-Identifier: MIT */
/*
 * histogram.c - log-linear buckets
 *
 * Bucket i < 32 holds the value i alone. After them each row of 32 buckets is
 * one power of two: a value with its highest bit at e lies in row e - 5, and
 * its next five bits are the column.
 *
 *      value bits   0001 01101 0110...
 *                      | |---|
 *             row = e - 5  column
 */
#include "base/histogram.h"

#include <stddef.h>

enum { SUB = 1 << HISTOGRAM_SUB_BITS };

static size_t bucket_of(uint64_t value)
{
	if (value < SUB)
		return (size_t)value;
	unsigned highest = 63U - (unsigned)__builtin_clzll(value);
	unsigned row = highest - HISTOGRAM_SUB_BITS;
	return (size_t)row * SUB + (size_t)(value >> row);
}

/* The largest value that falls into a bucket. */
static uint64_t upper_edge(size_t bucket)
{
	if (bucket < SUB)
		return bucket;
	unsigned row = (unsigned)(bucket / SUB - 1);
	uint64_t lower = (uint64_t)(bucket % SUB + SUB) << row;
	return lower + ((UINT64_C(1) << row) - 1);
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void widen(struct histogram *h, uint64_t min, uint64_t max)
{
	if (h->count == 0 || min < h->min)
		h->min = min;
	if (max > h->max)
		h->max = max;
}

void cio__histogram_record(struct histogram *h, uint64_t value)
{
	widen(h, value, value);
	h->count++;
	h->sum = add(h->sum, value);
	h->buckets[bucket_of(value)]++;
}

void cio__histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (from->count == 0)
		return;
	widen(into, from->min, from->max);
	into->count += from->count;
	into->sum = add(into->sum, from->sum);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

/* How many values must not exceed the answer: at least one, at most all. */
static uint64_t rank_of(uint64_t count, double percent)
{
	if (!(percent > 0))
		return 1;
	if (percent >= 100)
		return count;
	double exact = percent / 100 * (double)count;
	uint64_t rank = (uint64_t)exact;
	if ((double)rank < exact)
		rank++;
	return rank < 1 ? 1 : rank > count ? count : rank;
}

uint64_t cio__histogram_percentile(const struct histogram *h, double percent)
{
	if (h->count == 0)
		return 0;
	uint64_t rank = rank_of(h->count, percent);
	uint64_t seen = 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= rank) {
			uint64_t edge = upper_edge(i);
			return edge < h->max ? edge : h->max;
		}
	}
	return h->max;
}

uint64_t cio__histogram_mean(const struct histogram *h)
{
	return h->count == 0 ? 0 : h->sum / h->count;
}

/* SPDX-License-Identifier: MIT */
/*
 * mem.c - the heap, counted
 *
 * Invariant: `blocks` is the number of blocks handed out and not freed.
 * `countdown` is 0, or the number of allocations until the one that fails.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static atomic_uint_fast64_t blocks;
static atomic_int_fast64_t countdown;

uint64_t cio__heap_blocks(void)
{
	return atomic_load_explicit(&blocks, memory_order_relaxed);
}

void cio__heap_fail_at(uint64_t n)
{
	atomic_store(&countdown, (int_fast64_t)n);
}

uint64_t cio__heap_fails_in(void)
{
	int_fast64_t n = atomic_load(&countdown);
	return n > 0 ? (uint64_t)n : 0;
}

static bool must_fail(void)
{
	if (atomic_load_explicit(&countdown, memory_order_relaxed) <= 0)
		return false;
	return atomic_fetch_sub(&countdown, 1) == 1;
}

static void *counted(void *p)
{
	if (p != NULL)
		atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
	return p;
}

void *cio__alloc(size_t n)
{
	return must_fail() ? NULL : counted(malloc(n > 0 ? n : 1));
}

void *cio__zalloc(size_t n)
{
	return must_fail() ? NULL : counted(calloc(1, n > 0 ? n : 1));
}

void *cio__realloc(void *p, size_t n)
{
	if (must_fail())
		return NULL;
	if (p == NULL)
		return counted(malloc(n > 0 ? n : 1));
	return realloc(p, n > 0 ? n : 1);
}

void cio__free(void *p)
{
	if (p == NULL)
		return;
	atomic_fetch_sub_explicit(&blocks, 1, memory_order_relaxed);
	free(p);
}

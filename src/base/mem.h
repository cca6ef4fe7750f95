/* SPDX-License-Identifier: MIT */
/*
 * mem.h - the heap, counted
 *
 * All of cio's heap goes through here, so that tests can count blocks before
 * and after, and make the n-th allocation fail. Safe from any thread.
 */
#ifndef CIO_BASE_MEM_H
#define CIO_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* As malloc, calloc(1, n), realloc and free; NULL when there is no memory.
 * A size of 0 is treated as 1. */
void *cio__alloc(size_t n);
void *cio__zalloc(size_t n);
void *cio__realloc(void *p, size_t n); /* p stays valid when it fails */
void cio__free(void *p);               /* NULL is ignored */

/* Blocks handed out and not freed. */
uint64_t cio__heap_blocks(void);

/* Make the n-th allocation from now on fail, once; 0: none. */
void cio__heap_fail_at(uint64_t n);

/* How many allocations are left until that one; 0: it has failed. */
uint64_t cio__heap_fails_in(void);

#endif

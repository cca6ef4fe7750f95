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

/* As malloc, calloc(1, n), realloc and free; NULL when there is no memory.
 * A size of 0 is treated as 1. */
void *cio__alloc(size_t n);
void *cio__zalloc(size_t n);
void *cio__realloc(void *p, size_t n); /* p stays valid when it fails */
void cio__free(void *p);               /* NULL is ignored */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * hash_block.h - how hashes of 64-byte blocks gather their input
 *
 *	while (left > 0)
 *		if (hash_block_fill(h->block, &h->n, &from, &left))
 *			... take the block
 */
#ifndef CIO_BASE_HASH_BLOCK_H
#define CIO_BASE_HASH_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HASH_BLOCK = 64 };

/* What comes before the length at the end: as much of it as fits a block. */
static const unsigned char hash_padding[HASH_BLOCK] = {0x80};
static inline size_t hash_padding_bytes(uint64_t n)
{
	return 1 + (119 - n % HASH_BLOCK) % HASH_BLOCK;
}

/* Copy from `*from`, `*left` of them, up to the block's end; `*n` counts all bytes
 * so far. Is the block full now? */
static inline bool hash_block_fill(unsigned char block[HASH_BLOCK], uint64_t *n,
	const unsigned char **from, size_t *left)
{
	size_t at = *n % HASH_BLOCK, room = HASH_BLOCK - at;
	size_t k = room < *left ? room : *left;
	memcpy(block + at, *from, k);
	*n += k;
	*from += k;
	*left -= k;
	return k == room;
}

#endif

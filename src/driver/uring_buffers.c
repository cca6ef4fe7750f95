/* SPDX-License-Identifier: MIT */
/*
 * uring_buffers.c - the buffers that the kernel picks from when bytes are there
 *
 * One ring of them for all handles. When it is empty, a receive waits for
 * readiness instead and takes a buffer from the heap (uring.c), so that who
 * holds buffers starves nobody.
 */
#include "driver/uring.h"

#include <errno.h>
#include <sys/mman.h>

bool cio__uring_owns(const struct uring *d, const void *buf)
{
	uintptr_t at = (uintptr_t)buf - (uintptr_t)d->blocks;
	return at < RING_BUFFERS * CIO_POOLED_SIZE;
}

void cio__uring_give_block(struct uring *d, unsigned id)
{
	io_uring_buf_ring_add(d->buffers, block_start(d, id),
		(unsigned)CIO_POOLED_SIZE, (unsigned short)id,
		io_uring_buf_ring_mask(RING_BUFFERS), 0);
	io_uring_buf_ring_advance(d->buffers, 1);
}

/* Page-aligned, as the kernel wants the ring; touched only when used. */
static void *map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED ? p : NULL;
}

#define RING_SIZE (RING_BUFFERS * sizeof(struct io_uring_buf))
#define BLOCKS_SIZE (RING_BUFFERS * CIO_POOLED_SIZE)

void cio__uring_close_buffers(struct uring *d)
{
	if (d->buffers != NULL)
		munmap(d->buffers, RING_SIZE);
	if (d->blocks != NULL)
		munmap(d->blocks, BLOCKS_SIZE);
}

int cio__uring_open_buffers(struct uring *d)
{
	d->buffers = map(RING_SIZE);
	d->blocks = map(BLOCKS_SIZE);
	if (d->buffers == NULL || d->blocks == NULL)
		return -ENOMEM;
	struct io_uring_buf_reg reg = {
		.ring_addr = (uintptr_t)d->buffers,
		.ring_entries = RING_BUFFERS,
		.bgid = BUFFER_GROUP,
	};
	/* Kernels without it (before 5.19) have no multishot accept either. */
	int err = io_uring_register_buf_ring(&d->ring, &reg, 0);
	if (err < 0)
		return err == -EINVAL ? -ENOSYS : err;
	io_uring_buf_ring_init(d->buffers);
	for (unsigned id = 0; id < RING_BUFFERS; id++)
		cio__uring_give_block(d, id);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * fd.c - waiting for a descriptor that somebody else reads and writes
 */
#include <cio/stream.h>

int cio_fd_wait(cio_fd fd, int events)
{
	return cio_perform(&(cio_op){.kind = CIO_OP_POLL, .fd = fd,
		.off = events});
}

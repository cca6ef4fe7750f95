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

void cio_fd_close(cio_fd fd)
{
	(void)cio_perform_settled(&(cio_op){.kind = CIO_OP_CLOSE, .fd = fd});
}

/* SPDX-License-Identifier: MIT */
/* no_uring.c - stands in for the io_uring driver in a build without it */
#include "core/driver.h"

#include <errno.h>

static int refuse(struct driver **out, const struct driver_options *o)
{
	(void)out;
	(void)o;
	return -ENOSYS;
}

const struct driver_ops driver_uring = {.name = "uring", .open = refuse};

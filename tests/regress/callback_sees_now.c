/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * callback_sees_now.c - after a long wait, callbacks know what time it is
 *
 * The loop looked at the clock when a turn was over, so what completed in it
 * still had the time from before the wait. A server that nobody had asked for
 * ten seconds gave its next connection a deadline in the past, and dropped it.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 50 };

static int ends[2];
static cio_time seen;

static void came(cio_op *op)
{
	CHECK_INT(op->res, 1);
	seen = cio_now();
}

static int write_later(void *arg)
{
	(void)arg;
	struct timespec wait = {.tv_nsec = WAIT_MS * 1000000L};
	while (nanosleep(&wait, &wait) < 0)
		continue;
	return write(ends[1], "x", 1) == 1 ? 0 : -errno;
}

static int wait_long(void *arg)
{
	(void)arg;
	char byte;
	cio_fd fd;
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(cio_fd_adopt(ends[0], &fd), 0);
	CHECK_INT(cio_sleep(0), 0);
	cio_time begun = cio_now();
	cio_op op = {.kind = CIO_OP_READ, .fd = fd, .buf = &byte, .len = 1,
		.off = -1, .done = came};
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	CHECK_INT(cio_to_thread(write_later, NULL), 0);
	while (seen == 0)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK(seen - begun >= CIO_MS(WAIT_MS));
	cio_op close_op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&close_op), 0);
	CHECK_INT(close(ends[1]), 0);
	return 0;
}

static void callback_sees_now(void **state)
{
	(void)state;
	assert_int_equal(check_run(wait_long, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callback_sees_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

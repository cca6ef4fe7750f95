/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * leftover_in_kernel.c - a leftover that the kernel still works for at the end
 *
 * The driver was closed under it: io_uring and sim found an operation in flight
 * and aborted, epoll closed the descriptors of a task that was only named. Now
 * what cannot be ended keeps everything it uses. A process of its own, since it
 * leaks by intent.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static int reads_shielded(const int *fd)
{
	cio_fd handle;
	char byte;
	int err = cio_fd_adopt(*fd, &handle);
	if (err < 0)
		return err;
	CIO_SHIELD (CIO_S(3600), &err) {
		cio_op op = {.kind = CIO_OP_READ,
			.fd = handle,
			.buf = &byte,
			.len = 1,
			.off = -1};
		err = cio_perform(&op);
	}
	return err;
}

static int leaves_a_reader(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(reads_shielded, &ends[0]), NULL);
	return cio_yield();
}

static int nothing(void *arg)
{
	(void)arg;
	return 7;
}

static bool gives_up_and_goes_on(void)
{
	cio_run_options o = {.drain = CIO_MS(1), .quiet = true};
	return pipe(ends) == 0 &&
		cio_run_with(&o, leaves_a_reader, NULL) == -ETIMEDOUT &&
		cio_run_with(&o, nothing, NULL) == 7;
}

static void run_ends_and_another_can_begin(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(gives_up_and_goes_on() ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_ends_and_another_can_begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

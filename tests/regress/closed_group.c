/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * closed_group.c - a group that is closed takes nothing more
 *
 * An operation submitted for a closed group was taken, and the run ended with it
 * in flight. A spawn looked before its check and not after it, which may yield:
 * closed meanwhile, the group got a child that nothing waited for.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <unistd.h>

static cio_group group;

static void never(cio_op *op)
{
	(void)op;
	CHECK(false);
}

static int submits(void *arg)
{
	int *ends = arg;
	char byte;
	cio_fd handle;
	CHECK_INT(cio_fd_adopt(ends[0], &handle), 0);
	cio_group_open(&group, NULL);
	CHECK_INT(cio_group_close(&group, 0), 0);
	cio_op op = {.kind = CIO_OP_READ,
		.fd = handle,
		.buf = &byte,
		.len = 1,
		.off = -1,
		.done = never,
		.group = &group};
	CHECK_INT(cio_submit(&op), -ECANCELED);
	return cio_perform_settled(
		&(cio_op){.kind = CIO_OP_CLOSE, .fd = handle});
}

static void no_operation(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	cio_run_options o = {.quiet = true}; /* it closes what it adopted */
	assert_int_equal(cio_run_with(&o, submits, ends), 0);
	close(ends[1]);
}

static int sleeps(const int *ms)
{
	return cio_sleep(CIO_MS(*ms));
}

static int spawns_from_outside(const int *unused)
{
	(void)unused;
	/* the next check is the one that yields */
	for (int i = 0; i < 127; i++)
		CHECK_INT(cio_checkpoint(), 0);
	CHECK(!group.closed);
	CHECK_INT(cio_group_spawn(&group, sleeps, &(int){1}), -ESHUTDOWN);
	CHECK(group.closed);
	return 0;
}

static int closes_meanwhile(void *arg)
{
	(void)arg;
	cio_group_open(&group, NULL);
	cio_task *t = cio_spawn(spawns_from_outside, &(int){0});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_group_close(&group, 0), 0);
	return cio_await(t);
}

static void no_child(void **state)
{
	(void)state;
	assert_int_equal(check_run(closes_meanwhile, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_operation),
		cmocka_unit_test(no_child),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

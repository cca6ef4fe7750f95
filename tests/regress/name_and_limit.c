/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/* threads */
/*
 * name_and_limit.c - a name is found in the turn in which its asker is too late
 *
 * Whoever asked for a host name was woken by a pointer to its waiter, which it took
 * away only when it ran. Refused, but not yet running, it was woken a second time:
 * an assertion ended the process.
 */
#include "check.h"

#include <errno.h>
#include <unistd.h>

#include <cio.h>
#include <cio/dns.h>

static int asks(const int *unused)
{
	cio_address a;
	int err = 0;
	(void)unused;
	CIO_TIMEOUT (CIO_MS(2), &err)
		err = cio_resolve_local("nobody.invalid", 80, &a, 1);
	return err != -ETIMEDOUT ? err : 0;
}

/* The first time a thread reads the hosts file. */
static int once(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(asks, &(int){0});
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_yield(), 0);
	usleep(30000); /* the loop stands still: both are due when it goes on */
	return cio_await(t);
}

static void the_first_decides(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(check_run(once, NULL), 0);
		assert_string_equal(check_reports(), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_decides)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

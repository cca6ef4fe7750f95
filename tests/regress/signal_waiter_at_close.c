/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * signal_waiter_at_close.c - signals are closed while a task waits for them
 *
 * The task stayed in a queue whose memory was the closer's to free. It was never
 * woken, and when the end of the run cancelled it, it left that queue: a write
 * into freed memory.
 */
#include "check.h"

#include <cio.h>
#include <cio/signal.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static int waits(cio_signals *const *s)
{
	return cio_signals_wait(*s);
}

static int closes_meanwhile(void *arg)
{
	(void)arg;
	cio_signals *s = malloc(sizeof *s);
	if (!CHECK(s != NULL))
		return -ENOMEM;
	CHECK_INT(cio_signals_open(s, CIO_SIGNAL(SIGUSR1)), 0);
	cio_task *t = cio_spawn(waits, &s);
	CHECK_INT(cio_yield(), 0);
	cio_signals_close(s);
	free(s);
	CHECK_INT(cio_await(t), -ESHUTDOWN);
	return 0;
}

static void waiter_is_told(void **state)
{
	(void)state;
	assert_int_equal(check_run(closes_meanwhile, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiter_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

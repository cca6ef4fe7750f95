/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * signal_at_close.c - a signal that comes in the turn of the close
 *
 * Its mark stayed in the loop with nobody to tell. A run with `.signals` took it
 * for an interrupt and cancelled main; the next to watch it was told of it.
 * And an open that failed kept in its mask what it had given up.
 */
#include "check.h"

#include <cio.h>
#include <cio/signal.h>
#include <errno.h>
#include <signal.h>

static int closes_too_early(void *arg)
{
	(void)arg;
	cio_signals s;
	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	CHECK_INT(raise(SIGUSR1), 0);
	cio_signals_close(&s);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);

	CHECK_INT(cio_signals_open(&s, CIO_SIGNAL(SIGUSR1)), 0);
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_signals_wait(&s);
	}
	CHECK_INT(err, -ETIMEDOUT);
	cio_signals_close(&s);
	return 0;
}

static void is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(check_run(closes_too_early, NULL), 0);
	cio_run_options o = {.signals = true, .quiet = true};
	assert_int_equal(cio_run_with(&o, closes_too_early, NULL), 0);
}

static int opens_in_vain(void *arg)
{
	(void)arg;
	cio_signals first, second, third;
	CHECK_INT(cio_signals_open(&first, CIO_SIGNAL(SIGUSR2)), 0);
	CHECK_INT(cio_signals_open(&second,
			  CIO_SIGNAL(SIGUSR1) | CIO_SIGNAL(SIGUSR2)),
		-EBUSY);
	CHECK_INT(cio_signals_open(&third, CIO_SIGNAL(SIGUSR1)), 0);
	cio_signals_close(&second); /* has nothing, takes nothing away */
	CHECK_INT(raise(SIGUSR1), 0);
	CHECK_INT(cio_signals_wait(&third), SIGUSR1);
	cio_signals_close(&third);
	cio_signals_close(&first);
	return 0;
}

static void failed_open_has_nothing(void **state)
{
	(void)state;
	(void)signal(SIGUSR1, SIG_IGN);
	assert_int_equal(check_run(opens_in_vain, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_nobodys),
		cmocka_unit_test(failed_open_has_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* attempts with a limit each, inside a limit for all */
/* drivers: sim */
#include "parity.h"

static int attempt(int n)
{
	int err = 0;
	CIO_TIMEOUT (2 * T, &err)
		err = cio_sleep(50 * T);
	say("attempt %d %s", n,
		err == -ETIMEDOUT ? "timeout" : "cut from outside");
	return err;
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_TIMEOUT (7 * T, &err) {
		for (int n = 1; n < 20; n++)
			if ((err = attempt(n)) != -ETIMEDOUT)
				break;
	}
	say("all together: %s", outcome(err));
	CHECK_INT(cio_sleep(T), 0);
	say("main goes on");
	return 0;
}

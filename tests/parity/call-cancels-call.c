/* SPDX-License-Identifier: MIT */
/* a call cancels others that are due in the same turn */
/* drivers: epoll uring */
#include "parity.h"

static cio_call soon[3], timed[3], again;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int kill_soon(void *text)
{
	cio_call_cancel(&soon[2]);
	return tell(text);
}

static int kill_timed(void *text)
{
	cio_call_cancel(&timed[2]);
	return tell(text);
}

static int scenario(void *arg)
{
	(void)arg;
	cio_call_soon(&soon[0], kill_soon, "first kills the third");
	cio_call_soon(&soon[1], tell, "second");
	cio_call_soon(&soon[2], tell, "third");
	CHECK_INT(cio_yield(), 0);
	cio_call_later(&timed[0], T, kill_timed, "timer 1 kills timer 3");
	cio_call_later(&timed[1], 2 * T, tell, "timer 2");
	cio_call_later(&timed[2], 3 * T, tell, "timer 3");
	usleep(500000); /* all are due */
	CHECK_INT(cio_sleep(6 * T), 0);
	cio_call_later(&again, T, tell, "never");
	cio_call_cancel(&again);
	cio_call_cancel(&again);
	say("cancelled %d", !cio_call_pending(&again));
	return cio_sleep(3 * T);
}

/* SPDX-License-Identifier: MIT */
/* a call whose time has come is cancelled by a call or a task before it */
/* drivers: epoll uring */
#include "parity.h"

static cio_call a, b, c, d, e;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int cancel(void *call)
{
	cio_call_cancel(call);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_time at = cio_now() + T;
	cio_call_at(&a, at, cancel, &b);
	cio_call_at(&b, at + T / 4, tell, "b: must not appear");
	cio_call_at(&c, at + T / 2, tell, "c");
	usleep((useconds_t)(3 * T / CIO_US(1))); /* all are due then */
	CHECK_INT(cio_sleep(T), 0);

	cio_call_soon(&d, tell, "d: must not appear");
	cio_call_cancel(&d);
	cio_call_cancel(&d);
	cio_call_soon(&e, tell, "e");
	CHECK_INT(cio_sleep(T), 0);
	say("cancelled %d %d", !cio_call_pending(&b), !cio_call_pending(&d));
	return 0;
}

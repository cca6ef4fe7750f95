/* SPDX-License-Identifier: MIT */
/* a call after no time at all, among calls for soon */
/* drivers: sim */
#include "parity.h"

static cio_call calls[3];

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_call_later(&calls[0], 0, tell, "later 0: first");
	cio_call_soon(&calls[1], tell, "soon: first");
	cio_call_soon(&calls[2], tell, "soon: second");
	CHECK_INT(cio_sleep(T), 0);
	say("main");
	return 0;
}

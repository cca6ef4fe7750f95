/* SPDX-License-Identifier: MIT */
/* a call for a time that has passed, beside calls for soon */
/* drivers: sim */
#include "parity.h"

static cio_call soon[4], past[3];

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int more(void *unused)
{
	(void)unused;
	say("soon 2");
	cio_call_soon(&soon[3], tell, "soon 4, of soon 2");
	cio_call_at(&past[2], cio_now() - 1, tell, "past 3, of soon 2");
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_call_at(&past[0], cio_now() - 5, tell, "past 1");
	cio_call_soon(&soon[0], tell, "soon 1");
	cio_call_later(&past[1], -1, tell, "past 2");
	cio_call_soon(&soon[1], more, NULL);
	cio_call_soon(&soon[2], tell, "soon 3");
	CHECK_INT(cio_yield(), 0);
	say("main 1");
	CHECK_INT(cio_yield(), 0);
	say("main 2");
	return cio_sleep(T);
}

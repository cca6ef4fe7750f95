/* SPDX-License-Identifier: MIT */
/* callbacks run in order of scheduling; one scheduled by them comes after */
/* drivers: sim */
#include "parity.h"

static cio_event finished;
static cio_call first, second, victim, third, nested;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int finish(void *unused)
{
	(void)unused;
	cio_event_set(&finished);
	return 0;
}

static int run_nested(void *text)
{
	cio_call_soon(&first, finish, NULL);
	return tell(text);
}

static int run_first(void *text)
{
	(void)tell(text);
	cio_call_soon(&nested, run_nested, "nested");
	cio_call_cancel(&victim);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_call_soon(&first, run_first, "first");
	cio_call_soon(&second, tell, "second");
	cio_call_soon(&victim, tell, "victim: must not appear");
	cio_call_soon(&third, tell, "third");
	say("scheduled");
	int err = cio_event_wait(&finished);
	say("victim cancelled %d", !cio_call_pending(&victim));
	return err;
}

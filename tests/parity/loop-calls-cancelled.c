/* SPDX-License-Identifier: MIT */
/* calls and timers: cancelled by one before, equal times, a call that asks again */
/* drivers: sim */
#include "parity.h"

static cio_call call[4], victim;
static int rounds;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int cancel_victim(void *unused)
{
	(void)unused;
	cio_call_cancel(&victim);
	return 0;
}

static int again(void *unused)
{
	if (++rounds < 5)
		cio_call_soon(&call[0], again, unused);
	return 0;
}

static int child(const int *unused)
{
	(void)unused;
	say("a call may spawn, current task %d", cio_current_task() != NULL);
	return 0;
}

static int spawns(void *unused)
{
	(void)unused;
	cio_detach(cio_spawn(child, NOTHING), NULL);
	say("current task in a call %d", cio_current_task() != NULL);
	return 0;
}

static int scenario(void *arg)
{
	cio_time at = cio_now() + 2 * T;
	(void)arg;
	cio_call_at(&call[0], at, tell, "equal times: first");
	cio_call_at(&call[1], at, tell, "equal times: second");
	cio_call_at(&call[2], at, tell, "equal times: third");
	cio_call_at(&call[3], at - T, tell, "earlier, asked for last");
	(void)cio_sleep(4 * T);

	at = cio_now() + T;
	cio_call_at(&call[0], at, cancel_victim, NULL);
	cio_call_at(&victim, at + T, tell, "must not appear");
	cio_call_at(&call[1], at + 2 * T, tell, "after the victim");
	(void)cio_sleep(5 * T);

	cio_call_soon(&call[0], again, NULL);
	cio_call_later(&victim, 100 * T, tell, "must not appear either");
	(void)cio_sleep(T);
	say("asked again by itself: %d", rounds);
	cio_call_cancel(&victim);

	cio_call_soon(&call[0], spawns, NULL);
	return cio_sleep(T);
}

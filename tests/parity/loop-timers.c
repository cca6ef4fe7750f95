/* SPDX-License-Identifier: MIT */
/* timers fire in the order of their deadlines */
/* drivers: sim */
#include "parity.h"

static cio_call later6, later2, at4, gone, victim, killer, zero, soon;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int kill_victim(void *unused)
{
	(void)unused;
	cio_call_cancel(&victim);
	return 0;
}

static int scenario(void *arg)
{
	cio_time start = cio_now();
	(void)arg;
	cio_call_later(&later6, 6 * T, tell, "later 6");
	cio_call_later(&later2, 2 * T, tell, "later 2");
	cio_call_at(&at4, start + 4 * T, tell, "at 4");
	cio_call_later(&gone, 3 * T, tell, "cancelled before: must not appear");
	cio_call_cancel(&gone);
	cio_call_cancel(&gone);
	cio_call_later(&victim, 7 * T, tell,
		"cancelled by a timer: must not appear");
	cio_call_later(&killer, 5 * T, kill_victim, NULL);
	cio_call_later(&zero, 0, tell, "later 0");
	cio_call_soon(&soon, tell, "soon");
	int err = cio_sleep(9 * T);
	cio_call_cancel(&zero);
	say("cancelled flags %d %d", !cio_call_pending(&gone),
		!cio_call_pending(&victim));
	say("elapsed at least 9 ticks %d", cio_now() - start >= 9 * T);
	return err;
}

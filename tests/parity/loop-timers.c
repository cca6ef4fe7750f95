/* SPDX-License-Identifier: MIT */
/* timers fire in the order of their deadlines */
/* drivers: sim */
#include "parity.h"

struct alarm {
	cio_timer timer;
	const char *text;
	cio_timer *victim;
};

static void ring(cio_timer *t)
{
	struct alarm *a = (struct alarm *)t;
	if (a->victim != NULL)
		cio_timer_disarm(a->victim);
	else
		say("%s", a->text);
}

static void set(struct alarm *a, cio_time deadline, const char *text)
{
	*a = (struct alarm){.timer.fire = ring, .text = text};
	cio_timer_arm(&a->timer, deadline);
}

static void soon(cio_message *m)
{
	(void)m;
	say("soon");
}

static int scenario(void *arg)
{
	struct alarm later6, later2, at4, gone, victim, killer, zero;
	cio_message message = {.deliver = soon};
	cio_time start = cio_now();
	(void)arg;
	set(&later6, start + 6 * T, "later 6");
	set(&later2, start + 2 * T, "later 2");
	set(&at4, start + 4 * T, "at 4");
	set(&gone, start + 3 * T, "cancelled before: must not appear");
	cio_timer_disarm(&gone.timer);
	cio_timer_disarm(&gone.timer);
	set(&victim, start + 7 * T, "cancelled by a timer: must not appear");
	set(&killer, start + 5 * T, "");
	killer.victim = &victim.timer;
	set(&zero, start, "later 0");
	cio_loop_post(cio_current_loop(), &message);
	(void)cio_sleep(9 * T);
	cio_timer_disarm(&zero.timer);
	say("cancelled flags %d %d", !cio_timer_armed(&gone.timer),
		!cio_timer_armed(&victim.timer));
	say("elapsed at least 9 ticks %d", cio_now() - start >= 9 * T);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* callbacks run in order of scheduling; one scheduled by them comes after */
/* drivers: sim */
#include "parity.h"

struct call {
	cio_timer timer;
	const char *text;
};

static void tell(cio_timer *t)
{
	say("%s", ((struct call *)t)->text);
}

static cio_event finished;
static struct call first, second, victim, third, nested;

static void schedule(struct call *c, void (*fn)(cio_timer *), const char *text)
{
	*c = (struct call){.timer.fire = fn, .text = text};
	cio_timer_arm(&c->timer, cio_now());
}

static void run_nested(cio_timer *t)
{
	tell(t);
	cio_event_set(&finished);
}

static void run_first(cio_timer *t)
{
	tell(t);
	schedule(&nested, run_nested, "nested");
	cio_timer_disarm(&victim.timer);
}

static int scenario(void *arg)
{
	(void)arg;
	schedule(&first, run_first, "first");
	schedule(&second, tell, "second");
	schedule(&victim, tell, "victim: must not appear");
	schedule(&third, tell, "third");
	say("scheduled");
	int err = cio_event_wait(&finished);
	say("victim cancelled %d", !cio_timer_armed(&victim.timer));
	return err;
}

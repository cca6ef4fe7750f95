/* SPDX-License-Identifier: MIT */
/* the value comes in the turn in which the caller is cancelled, or is late */
/* drivers: epoll uring */
#include "parity.h"

static int caller(cio_event *const *value)
{
	int err = 0;
	CIO_TIMEOUT (2 * T, &err)
		err = cio_event_wait(*value);
	return err;
}

static const char *ended(cio_task *t, const char *value)
{
	int err = cio_await(t);
	return err == 0 ? value : outcome(err);
}

static void set(cio_timer *t);

static struct {
	cio_timer timer;
	cio_event event;
} later = {.timer.fire = set};

static void set(cio_timer *t)
{
	(void)t;
	cio_event_set(&later.event);
}

static int scenario(void *arg)
{
	cio_event value = {0};
	(void)arg;
	cio_task *t = cio_spawn(caller, &(cio_event *){&value});
	(void)cio_sleep(T);
	cio_event_set(&value);
	cio_task_cancel(t, "no need");
	say("value and cancel: %s", ended(t, "value apple"));

	t = cio_spawn(caller, &(cio_event *){&later.event});
	(void)cio_yield();
	cio_timer_arm(&later.timer, cio_now() + T);
	usleep((useconds_t)(4 * T / 1000));
	say("value and limit: %s", ended(t, "value pear"));
	return 0;
}

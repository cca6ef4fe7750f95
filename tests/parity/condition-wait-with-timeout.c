/* SPDX-License-Identifier: MIT */
/* a wait for a condition with a limit: the lock is held again after it */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static cio_condition condition;
static int items;

static bool some(void *unused)
{
	(void)unused;
	return items > 0;
}

static int consumer(const int *limit)
{
	int err;
	CIO_LOCKED (&lock, &err) {
		CIO_TIMEOUT (*limit *T, &err)
			err = cio_condition_wait_until(&condition, &lock, some,
				NULL);
		if (err == 0) {
			items--;
			say("consumer: took one");
		} else {
			say("consumer: %s, locked %d", outcome(err),
				lock.owner == cio_current_task());
		}
	}
	return 0;
}

static int producer(const int *ticks)
{
	int err = cio_sleep(*ticks * T);
	if (err < 0)
		return err;
	CIO_LOCKED (&lock, &err) {
		items++;
		cio_condition_notify(&condition, 1);
		say("producer: made one");
	}
	return err;
}

static void attempt(const char *label, int limit, int ticks)
{
	say("%s", label);
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(consumer, &limit),
			  cio_spawn(producer, &ticks))),
		0);
	say("items %d locked %d", items, lock.owner != NULL);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("in time", 5, 2);
	attempt("too late", 2, 5);
	return cio_condition_finish(&condition);
}

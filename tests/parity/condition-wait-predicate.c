/* SPDX-License-Identifier: MIT */
/* waiting until something holds */
/* drivers: sim */
#include "parity.h"

static cio_condition cond;
static cio_lock lock;
static int stock = 1;

struct consumer {
	const char *name;
	int need;
};

static bool enough(void *arg)
{
	const struct consumer *c = arg;
	say("  %s checks: has %d needs %d", c->name, stock, c->need);
	return stock >= c->need;
}

static int consumer(const struct consumer *c)
{
	struct consumer me = *c;
	int err = 0;
	CIO_LOCKED (&lock, &err) {
		err = cio_condition_wait_until(&cond, &lock, enough, &me);
		if (err == 0) {
			say("%s got %d of %d", c->name, c->need, stock);
			stock -= c->need;
		}
	}
	return err;
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	CHECK_INT(consumer(&(struct consumer){"first", 1}), 0);
	cio_task *big = cio_spawn(consumer, &(struct consumer){"big", 3}),
		 *small = cio_spawn(consumer, &(struct consumer){"small", 1});
	(void)cio_sleep(T);
	for (int i = 0; i < 4; i++) {
		CIO_LOCKED (&lock, &err) {
			say("stock %d", ++stock);
			cio_condition_notify_all(&cond);
		}
		(void)cio_sleep(2 * T);
	}
	err = cio_gather(CIO_TASKS(big, small));
	say("left %d", stock);
	return err;
}

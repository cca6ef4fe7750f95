/* SPDX-License-Identifier: MIT */
/* a get that times out again and again takes nothing */
/* drivers: sim */
#include "parity.h"

static cio_queue q;

static int get(cio_duration limit)
{
	int n = 0, err = 0;
	CIO_TIMEOUT (limit, &err)
		err = cio_queue_get(&q, &n);
	return err < 0 ? err : n;
}

static void put(int n)
{
	CHECK_INT(cio_queue_try_put(&q, &n), 0);
}

static int put_6(void *unused)
{
	(void)unused;
	put(6);
	return 0;
}

static int scenario(void *arg)
{
	cio_call call = {0};
	(void)arg;
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 3; i++)
		if (get(T) == -ETIMEDOUT)
			say("timeout %d", i);
	put(4);
	put(5);
	say("size %d", (int)q.size);
	say("got %d", get(T));
	say("got %d", get(T));
	cio_call_later(&call, 2 * T, put_6, NULL);
	if (get(T) == -ETIMEDOUT)
		say("too early");
	say("got %d", get(5 * T));
	return cio_queue_finish(&q);
}

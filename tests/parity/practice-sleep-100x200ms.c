/* SPDX-License-Identifier: MIT */
/* a hundred waits at once take as long as one */
/* drivers: sim */
#include "parity.h"

static int now, peak;

static int fetch(int *i)
{
	(void)i;
	peak = ++now > peak ? now : peak;
	int err = cio_sleep(CIO_MS(200));
	now--;
	return err;
}

static int scenario(void *arg)
{
	int items[100], sum = 0;
	(void)arg;
	for (int i = 0; i < 100; i++)
		items[i] = i;
	cio_time start = cio_now();
	CHECK_INT(cio_map(fetch, items, 100), 0);
	cio_duration took = cio_now() - start;
	for (int i = 0; i < 100; i++)
		sum += items[i];
	say("together: sum %d | peak %d | at least 0.2 s %d | under 1 s %d",
		sum, peak, took >= CIO_MS(200), took < CIO_S(1));
	peak = 0;
	start = cio_now();
	for (int i = 0; i < 5; i++)
		CHECK_INT(fetch(&items[i]), 0);
	took = cio_now() - start;
	say("one by one: five | peak %d | at least 1 s %d", peak,
		took >= CIO_S(1));
	return 0;
}

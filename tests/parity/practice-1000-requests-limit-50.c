/* SPDX-License-Identifier: MIT */
/* a thousand requests, at most fifty in flight */
/* drivers: sim */
#define PARITY_REPORTS /* the second and later failures, at level info */
#include "parity.h"

static int now, peak, started;

static int request(int *i)
{
	started++;
	peak = ++now > peak ? now : peak;
	int err = cio_sleep(CIO_MS(5) * (1 + *i % 3));
	now--;
	if (err < 0)
		return err;
	return *i % 10 == 7 ? cio_fail(-EIO, "request %d", *i) : *i;
}

static int scenario(void *arg)
{
	static int items[1000], results[1000];
	(void)arg;
	for (int i = 0; i < 1000; i++)
		items[i] = i;
	(void)cio_map(request, items, 1000, .limit = 50, .errors = CIO_COLLECT,
		.results = results);
	int good = 0, sum = 0, first = -1;
	for (int i = 0; i < 1000; i++) {
		if (results[i] >= 0) {
			good++;
			sum += results[i];
		} else if (first < 0) {
			first = i;
		}
	}
	say("started %d | peak in flight %d | left in flight %d", started, peak,
		now);
	say("succeeded %d | failed %d | sum %d", good, 1000 - good, sum);
	say("first failed: request %d", first);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * fetch_load.c - the given URLs again and again: -z and -n
 *
 * With --rate each request has a time at which it is due, and its latency counts
 * from there: when the server (or the limit of -c) is late, the requests that
 * could not begin are late, too. To count from their own beginning would leave
 * out just what is slow (coordinated omission).
 */
#include <errno.h>

#include "fetch.h"

static int start(struct fetch *f, cio_group *g, cio_time due)
{
	const struct fetch_options *o = &f->options;
	const char *url = o->urls[f->seq % (uint64_t)o->url_count];
	struct fetch_one one = {fetch_item_new(o, cio_str_of(url))};
	if (one.item == NULL)
		return -ENOMEM;
	one.item->fetch = f;
	one.item->seq = ++f->seq;
	one.item->due = due;
	int err = cio_group_spawn(g, fetch_one, &one);
	if (err < 0)
		fetch_item_free(one.item);
	else
		f->starting++;
	return err;
}

int fetch_load(struct fetch *f, cio_group *g)
{
	const struct fetch_options *o = &f->options;
	cio_time begun = cio_now();
	cio_time until = o->load_time > 0 ? begun + o->load_time : CIO_NEVER;
	uint64_t most = o->load_count > 0 ? (uint64_t)o->load_count : UINT64_MAX;
	int err = 0;
	while (err == 0 && f->seq < most && cio_now() < until) {
		cio_time due = 0;
		if (o->rate.count > 0) {
			due = begun + (cio_duration)((double)f->seq *
				(double)o->rate.per / o->rate.count);
			if (due >= until)
				break;
			if (due > cio_now())
				err = cio_sleep_until(due);
		}
		err = err < 0 ? err : start(f, g, due);
		f->started = f->seq;
	}
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * fetch_hosts.c - what is known of each host, in a room of fixed size
 *
 * 512 sets of 8. In a full set the one that was asked longest ago is forgotten,
 * so a list of a million hosts needs no more memory than one of four thousand.
 */
#include <errno.h>

#include "base/mem.h"
#include "fetch.h"

int fetch_hosts_open(struct fetch_hosts *h)
{
	h->all = cio__zalloc(HOST_SETS * HOST_WAYS * sizeof *h->all);
	return h->all != NULL ? 0 : -ENOMEM;
}

void fetch_hosts_close(struct fetch_hosts *h)
{
	cio__free(h->all);
	h->all = NULL;
}

struct fetch_host *fetch_hosts_find(struct fetch_hosts *h, cio_str host)
{
	uint64_t hash = fetch_done_hash(0, host);
	struct fetch_host *set = h->all + hash % HOST_SETS * HOST_WAYS;
	struct fetch_host *oldest = set;
	for (int i = 0; i < HOST_WAYS; i++) {
		if (set[i].used != 0 && set[i].hash == hash) {
			set[i].used = ++h->clock;
			return &set[i];
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	*oldest = (struct fetch_host){.hash = hash, .used = ++h->clock};
	size_t n = host.n < HOST_NAME - 1 ? host.n : HOST_NAME - 1;
	for (size_t i = 0; i < n; i++)
		oldest->name[i] = host.p[i] > ' ' && host.p[i] < 0x7f ?
			host.p[i] : '?';
	return oldest;
}

void fetch_hosts_count(struct fetch_hosts *h, cio_str host,
	const cio_http_response *r)
{
	if (host.n == 0 || r->error == CIO_HTTP_ERROR_CANCELLED ||
		r->error == CIO_HTTP_ERROR_BLOCKED)
		return; /* it was not asked */
	struct fetch_host *at = fetch_hosts_find(h, host);
	bool answered = r->status > 0;
	at->errors += !answered;
	at->in_a_row = answered ? 0 : at->in_a_row + 1;
	/* a host that gives no answer is slow, too */
	at->answers++;
	at->sum += r->time_total;
}

static cio_duration mean(const struct fetch_host *h)
{
	return h->sum / (cio_duration)h->answers;
}

int fetch_hosts_slowest(const struct fetch_hosts *h,
	const struct fetch_host *out[], int room)
{
	int n = 0;
	for (int i = 0; h->all != NULL && i < HOST_SETS * HOST_WAYS; i++) {
		const struct fetch_host *one = &h->all[i];
		if (one->answers == 0)
			continue;
		int at = n < room ? n++ : room;
		while (at > 0 && mean(out[at - 1]) < mean(one)) {
			if (at < room)
				out[at] = out[at - 1];
			at--;
		}
		if (at < room)
			out[at] = one;
	}
	return n;
}

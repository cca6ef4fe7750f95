/* SPDX-License-Identifier: MIT */
/*
 * host.c - rates, adaptive limits and breakers, by host and port
 *
 * The adaptive limit is AIMD: one more at once after as many good answers as the
 * limit is, half as many after a sign of congestion: 429, 503, a timeout, or an
 * answer that took twice the usual time and 10 ms more. The usual time follows
 * quicker answers at once and slower ones by a 64th. Requests that were begun
 * before the last cut say nothing new, so one wave of bad answers halves once.
 *
 * The breaker opens after so many failures in a row. When its cooldown is over
 * one request goes to find out, and the others are still refused meanwhile. What
 * was let in before it opened, or closed, is old news and changes nothing.
 */
#include "http/host.h"

#include <errno.h>

#include <cio/impl.h>
#include <cio/time.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/random.h"

enum {
	BUCKETS = 256,
	MOST_HOSTS = 4096, /* known at once, if nobody uses more of them */
	FIRST_LIMIT = 10,
};
#define NOISE CIO_MS(10)
#define COOLDOWN CIO_S(10)

struct host {
	struct host *next; /* in its bucket */
	cio_link used;
	uint64_t hash;
	uint32_t sharers;
	cio_rate_limiter rate;
	cio_limiter places;   /* the adaptive limit */
	uint32_t good;        /* answers since it grew */
	cio_duration usual;
	cio_time cut_at;
	uint32_t failures;    /* in a row */
	cio_time closed_until; /* 0: the breaker is not open */
	uint32_t state;        /* counts how often it opened and closed */
	bool probing;
	cio_str key;          /* stands behind the struct */
};

/* ---- the table ---- */

static uint64_t hash_of(const struct hosts *t, cio_str key)
{
	uint64_t h = t->seed;
	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

static void forget(struct hosts *t, struct host *h)
{
	struct host **at = &t->buckets[h->hash % BUCKETS];
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	list_remove(&h->used);
	t->n--;
	cio__free(h);
}

/* Make room, if a host can be spared. */
static void forget_oldest(struct hosts *t)
{
	for (cio_link *l = list_first(&t->used); l != NULL && l != &t->used;
		l = l->next) {
		struct host *h = container_of(l, struct host, used);
		if (h->sharers > 0)
			continue;
		forget(t, h);
		return;
	}
}

static uint32_t most_at_once(const struct hosts *t)
{
	return t->o->limit_per_host > 0 && t->o->limit_per_host < t->o->limit ?
		t->o->limit_per_host :
		t->o->limit;
}

static struct host *make(struct hosts *t, cio_str key, uint64_t hash)
{
	if (t->n >= MOST_HOSTS)
		forget_oldest(t);
	struct host *h = cio__zalloc(sizeof *h + key.n);
	if (h == NULL)
		return NULL;
	h->hash = hash;
	h->key = (cio_str){memcpy(h + 1, key.p, key.n), key.n};
	if (t->o->rate_per_host > 0)
		(void)cio_rate_limiter_init(&h->rate, t->o->rate_per_host,
			t->o->rate_per_host_per, t->o->rate_per_host);
	uint32_t most = most_at_once(t);
	cio_limiter_init(&h->places, most < FIRST_LIMIT ? most : FIRST_LIMIT);
	h->next = t->buckets[hash % BUCKETS];
	t->buckets[hash % BUCKETS] = h;
	list_push(&t->used, &h->used);
	t->n++;
	return h;
}

static struct host *find(struct hosts *t, cio_str key)
{
	uint64_t hash = hash_of(t, key);
	struct host *h = t->buckets[hash % BUCKETS];
	while (h != NULL && (h->hash != hash || !cio_str_equal(h->key, key)))
		h = h->next;
	if (h == NULL)
		return make(t, key, hash);
	list_remove(&h->used);
	list_push(&t->used, &h->used);
	return h;
}

static int check_rate(cio_rate_limiter *l, uint32_t rate, cio_duration per,
	const char *name)
{
	if (rate == 0 || cio_rate_limiter_init(l, rate, per, rate) == 0)
		return 0;
	return cio_fail(-EINVAL, "%s %u in %lld ns cannot be counted", name,
		rate, (long long)per);
}

int hosts_open(struct hosts **out, const cio_http_session_options *o)
{
	cio_rate_limiter trial;
	*out = NULL;
	if (!o->adaptive && o->rate == 0 && o->rate_per_host == 0 &&
		o->breaker.failures == 0)
		return 0;
	struct hosts *t = cio__zalloc(sizeof *t);
	if (t == NULL)
		return -ENOMEM;
	t->o = o;
	t->seed = cio__random_seed();
	t->buckets = cio__zalloc(BUCKETS * sizeof *t->buckets);
	int err = t->buckets != NULL ? 0 : -ENOMEM;
	err = err < 0 ? err :
			check_rate(&t->rate, o->rate, o->rate_per, "rate");
	err = err < 0 ? err :
			check_rate(&trial, o->rate_per_host,
				o->rate_per_host_per, "rate_per_host");
	if (err < 0) {
		hosts_close(t);
		return err;
	}
	*out = t;
	return 0;
}

void hosts_close(struct hosts *t)
{
	if (t == NULL)
		return;
	while (t->buckets != NULL && !list_empty(&t->used))
		forget(t, container_of(t->used.next, struct host, used));
	cio__free(t->buckets);
	cio__free(t);
}

/* ---- the breaker ---- */

static int ask_breaker(struct hosts *t, struct host *h)
{
	if (h->closed_until == 0)
		return 0;
	cio_time now = cio_now();
	if (now >= h->closed_until && !h->probing) {
		h->probing = true;
		return 0;
	}
	t->breaker_open++;
	cio_duration left = h->closed_until - now;
	return cio_fail(-EAGAIN, "%u requests in a row failed: not asked again "
		"for another %lld ms", h->failures,
		(long long)(left > 0 ? left / CIO_MS(1) : 0));
}

static bool has_failed(const struct host_outcome *how)
{
	return how->err < 0 || how->status >= 500;
}

/* While it is open only the one that tries was let in, so only he is heard. */
static void tell_breaker(struct hosts *t, struct host *h, uint32_t state,
	const struct host_outcome *how)
{
	const cio_http_breaker *b = &t->o->breaker;
	if (state != h->state)
		return;
	h->probing = false;
	/* our own wish, or our own pool: they say nothing of the host */
	if (how->err == -ECANCELED || how->begun == 0)
		return;
	if (!has_failed(how)) {
		h->failures = 0;
		h->state += h->closed_until != 0;
		h->closed_until = 0;
	} else if (++h->failures >= b->failures) {
		h->state++;
		h->closed_until = cio_time_add(cio_now(),
			b->cooldown > 0 ? b->cooldown : COOLDOWN);
	}
}

/* ---- the adaptive limit ---- */

static bool congested(const struct host *h, const struct host_outcome *how)
{
	if (how->err < 0)
		return how->err == -ETIMEDOUT;
	return how->status == 429 || how->status == 503 ||
		how->latency > 2 * h->usual + NOISE;
}

static void follow(struct host *h, cio_duration latency)
{
	if (h->usual == 0 || latency < h->usual)
		h->usual = latency;
	else
		h->usual += (latency - h->usual) / 64;
}

static void adapt(struct hosts *t, struct host *h,
	const struct host_outcome *how)
{
	if (how->begun == 0 || how->begun < h->cut_at || how->err == -ECANCELED)
		return;
	if (h->usual == 0 && how->err == 0)
		h->usual = how->latency;
	if (congested(h, how)) {
		uint32_t half = h->places.total / 2;
		cio_limiter_set_total(&h->places, half > 0 ? half : 1);
		h->cut_at = cio_now();
		h->good = 0;
	} else if (how->err == 0 && ++h->good >= h->places.total) {
		h->good = 0;
		if (h->places.total < most_at_once(t))
			cio_limiter_set_total(&h->places, h->places.total + 1);
	}
	if (how->err == 0)
		follow(h, how->latency);
}

/* ---- a turn ---- */

static int take_turn(struct hosts *t, struct host *h)
{
	int err = 0;
	if (t->o->rate > 0)
		err = cio_rate_limiter_acquire(&t->rate, 1);
	if (err == 0 && t->o->rate_per_host > 0)
		err = cio_rate_limiter_acquire(&h->rate, 1);
	if (err == 0 && t->o->adaptive)
		err = cio_limiter_acquire(&h->places);
	return err;
}

int host_enter(struct hosts *t, cio_str key, struct host_share *out)
{
	struct host *h = find(t, key);
	if (h == NULL)
		return -ENOMEM;
	int err = ask_breaker(t, h);
	if (err < 0)
		return err;
	struct host_share share = {h, h->state};
	h->sharers++;
	err = take_turn(t, h);
	if (err < 0) {
		h->sharers--;
		if (share.state == h->state)
			h->probing = false; /* if somebody tries, it is he */
		return err;
	}
	*out = share;
	return 0;
}

void host_leave(struct hosts *t, const struct host_share *share,
	const struct host_outcome *how)
{
	struct host *h = share->host;
	h->sharers--;
	if (t->o->breaker.failures > 0)
		tell_breaker(t, h, share->state, how);
	if (t->o->adaptive) {
		adapt(t, h, how);
		(void)cio_limiter_release(&h->places);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * rate_limiter.c - a bucket of tokens
 *
 * Exact without fractions: credit is counted in 1/per of a token, so that each
 * nanosecond adds exactly `rate`.
 *
 * Invariant: while tasks wait, the timer is armed for the moment at which the
 * oldest one's tokens will be there, or a cancelled task is about to see to it:
 * who is refused serves the queue on its way out, since the next one may want
 * less. `waiting` counts who is queued and who has not done that yet.
 */
#include <cio/rate_limiter.h>

#include <cio/impl.h>
#include <cio/time.h>

#include <assert.h>
#include <errno.h>

#include "base/list.h"

struct waiter {
	cio_waiter base;
	uint64_t cost;
};

static void serve_late(cio_timer *t);

int cio_rate_limiter_init(cio_rate_limiter *l, uint32_t rate, cio_duration per,
	uint32_t burst)
{
	*l = (cio_rate_limiter){.timer = {.fire = serve_late}};
	if (rate == 0 || burst == 0 || per <= 0 || burst > INT64_MAX / per)
		return cio_fail(-EINVAL, "a rate of %u in %lld ns, %u at once",
			rate, (long long)per, burst);
	l->rate = rate;
	l->per = per;
	l->burst = burst;
	l->full = l->credit = (uint64_t)per * burst;
	return 0;
}

int cio_rate_limiter_finish(cio_rate_limiter *l)
{
	if (l->waiting > 0)
		return -EBUSY;
	assert(!cio_timer_armed(&l->timer));
	return 0;
}

/* ---- the bucket ---- */

/* How long until there is so much more credit; rounded up. */
static uint64_t time_for(const cio_rate_limiter *l, uint64_t credit)
{
	return credit / l->rate + (credit % l->rate != 0);
}

static void refill(cio_rate_limiter *l)
{
	cio_time now = cio_now();
	uint64_t passed = now > l->at ? (uint64_t)(now - l->at) : 0;
	l->at = now;
	if (l->credit == l->full)
		return;
	if (passed >= time_for(l, l->full - l->credit))
		l->credit = l->full;
	else
		l->credit += passed * l->rate;
}

static bool spend(cio_rate_limiter *l, uint64_t cost)
{
	if (l->credit < cost)
		return false;
	l->credit -= cost;
	return true;
}

/* ---- the queue ---- */

static void arm(cio_rate_limiter *l, uint64_t cost)
{
	assert(cost > l->credit);
	uint64_t wait = time_for(l, cost - l->credit);
	bool never = wait >= (uint64_t)(CIO_NEVER - l->at);
	cio_timer_arm(&l->timer, never ? CIO_NEVER : l->at + (cio_time)wait);
}

static void serve(cio_rate_limiter *l)
{
	cio_waiter *oldest;
	refill(l);
	cio_timer_disarm(&l->timer);
	while ((oldest = cio_first_waiter(&l->waiters)) != NULL) {
		uint64_t cost = container_of(oldest, struct waiter, base)->cost;
		if (!spend(l, cost)) {
			arm(l, cost);
			return;
		}
		l->waiting--;
		cio_unpark(oldest);
	}
}

static void serve_late(cio_timer *t)
{
	serve(container_of(t, cio_rate_limiter, timer));
}

int cio_rate_limiter_try_acquire(cio_rate_limiter *l, uint32_t n)
{
	if (n > l->burst)
		return cio_fail(-EINVAL, "%u tokens of a bucket of %u", n,
			l->burst);
	if (!list_empty(&l->waiters))
		return -EAGAIN;
	refill(l);
	return spend(l, (uint64_t)l->per * n) ? 0 : -EAGAIN;
}

int cio_rate_limiter_acquire(cio_rate_limiter *l, uint32_t n)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	err = cio_rate_limiter_try_acquire(l, n);
	if (err != -EAGAIN)
		return err;
	struct waiter self = {.cost = (uint64_t)l->per * n};
	if (list_empty(&l->waiters))
		arm(l, self.cost);
	l->waiting++;
	err = cio_park(&self.base, &l->waiters, "rate limiter");
	if (err < 0) {
		l->waiting--;
		serve(l);
	}
	return err;
}

uint32_t cio_rate_limiter_available(cio_rate_limiter *l)
{
	if (l->full == 0)
		return 0;
	refill(l);
	return (uint32_t)(l->credit / (uint64_t)l->per);
}

/* SPDX-License-Identifier: MIT */
/*
 * rate_limiter.c - 10 callers, 100 calls a second and 5 at once: "30 calls, 5
 * at once, the rest at the rate"
 */
#include <cio.h>

#include <stdio.h>

enum { CALLERS = 10, CALLS = 3, AT_ONCE = 5 };

struct caller {
	cio_rate_limiter *limit;
	cio_time start;
	int *at_once, *too_early, *calls;
};

static int call(const struct caller *c)
{
	for (int i = 0; i < CALLS; i++) {
		int err = cio_rate_limiter_acquire(c->limit, 1);
		if (err < 0)
			return err;
		/* the n-th call after the first ones has its 10 ms */
		cio_time due = c->start + CIO_MS(10) * (++*c->calls - AT_ONCE);
		*c->at_once += cio_now() == c->start;
		*c->too_early += cio_now() < due;
	}
	return 0;
}

static int app(void *arg)
{
	cio_rate_limiter limit;
	int at_once = 0, too_early = 0, calls = 0;
	int err = cio_rate_limiter_init(&limit, 100, CIO_S(1), AT_ONCE);
	(void)arg;
	CIO_GROUP (g, &err) {
		struct caller c = {&limit, cio_now(), &at_once, &too_early,
			&calls};
		for (int i = 0; i < CALLERS && err == 0; i++)
			err = cio_group_spawn(&g, call, &c);
	}
	printf("%d calls, %d at once, the rest %s\n", calls, at_once,
		too_early == 0 ? "at the rate" : "too early");
	return err < 0 || too_early > 0 || calls != CALLERS * CALLS ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

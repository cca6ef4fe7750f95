/* SPDX-License-Identifier: MIT */
/*
 * primitive.c - a primitive of one's own, from <cio/impl.h>: a latch that opens
 * when it was counted down
 */
#include <cio.h>
#include <cio/impl.h>

#include <stdio.h>

struct latch {
	int left;
	cio_link waiters;
};

/* A wait: first the check, then what needs no sleep, then the sleep. The waiter
 * lies on this stack; a refusal has taken it out of the queue already. */
static int latch_wait(struct latch *l)
{
	int err = cio_checkpoint();
	if (err < 0 || l->left == 0)
		return err;
	cio_waiter self = {0};
	return cio_park(&self, &l->waiters, "latch");
}

/* A closer: it never waits and is never refused. */
static void latch_count_down(struct latch *l)
{
	cio_waiter *oldest;
	if (l->left > 0 && --l->left > 0)
		return;
	while ((oldest = cio_first_waiter(&l->waiters)) != NULL)
		cio_unpark(oldest);
}

struct step {
	struct latch *latch;
	cio_duration takes;
};

static int prepare(const struct step *s)
{
	int err = cio_sleep(s->takes);
	latch_count_down(s->latch);
	return err;
}

static int app(void *arg)
{
	(void)arg;
	struct latch ready = {.left = 3};
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 1; i <= 3 && err == 0; i++)
			err = cio_group_spawn(&g, prepare,
				&(struct step){&ready, CIO_MS(i)});
		if (err == 0)
			err = latch_wait(&ready);
		printf("the latch is open: %d left\n", ready.left);
	}
	return err == 0 && ready.left == 0 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

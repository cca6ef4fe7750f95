/* SPDX-License-Identifier: MIT */
/*
 * condition.c - consumers wait for what is made: "100 made, 100 used"
 */
#include <cio.h>

#include <stdio.h>

enum { MADE = 100, CONSUMERS = 5 };

struct shelf {
	cio_lock lock;
	cio_condition filled;
	int full, used;
};

static bool has_one(void *shelf)
{
	return ((struct shelf *)shelf)->full > 0;
}

static int consume(struct shelf *const *shelf)
{
	struct shelf *s = *shelf;
	int err = 0;
	for (int i = 0; i < MADE / CONSUMERS && err == 0; i++) {
		CIO_LOCKED (&s->lock, &err) {
			err = cio_condition_wait_until(&s->filled, &s->lock,
				has_one, s);
			s->full -= err == 0;
			s->used += err == 0;
		}
	}
	return err;
}

static int app(void *arg)
{
	(void)arg;
	struct shelf shelf = {0}, *s = &shelf;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < CONSUMERS && err == 0; i++)
			err = cio_group_spawn(&g, consume, &s);
		for (int i = 0; i < MADE && err == 0; i++) {
			CIO_LOCKED (&s->lock, &err) {
				s->full++;
				cio_condition_notify(&s->filled, 1);
			}
		}
	}
	printf("%d made, %d used\n", MADE, s->used);
	return err < 0 || s->used != MADE ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

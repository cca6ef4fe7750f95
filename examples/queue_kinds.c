/* SPDX-License-Identifier: MIT */
/* queue_kinds.c - smallest first, last first, and when all of it is done */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

struct shop {
	cio_queue orders;
	int served[6], n;
};

/* Says of each order when it is dealt with, not when it was taken. */
static int serve(struct shop *const *shop)
{
	struct shop *s = *shop;
	int order, err;
	while ((err = cio_queue_get(&s->orders, &order)) == 0) {
		s->served[s->n++] = order;
		err = cio_sleep(CIO_MS(1));
		(void)cio_queue_task_done(&s->orders);
		if (err < 0)
			return err;
	}
	return err == -ESHUTDOWN ? 0 : err; /* no more will come */
}

static int run_shop(struct shop *s)
{
	static const int orders[] = {5, 1, 4, 2, 6, 3};
	int err = 0;
	s->n = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 6 && err == 0; i++)
			err = cio_queue_put(&s->orders, &orders[i]);
		if (err == 0)
			err = cio_group_spawn(&g, serve, &s);
		if (err == 0)
			err = cio_queue_join(&s->orders);
		cio_queue_shutdown(&s->orders, false);
	}
	for (int i = 0; i < s->n; i++)
		printf("%d%c", s->served[i], i < s->n - 1 ? ' ' : '\n');
	int end = cio_queue_finish(&s->orders);
	return err < 0 ? err : end;
}

static int app(void *arg)
{
	struct shop s;
	(void)arg;
	cio_priority_queue_init(&s.orders, sizeof(int), 0, by_number);
	int err = run_shop(&s);
	if (err < 0 || s.served[0] != 1 || s.served[5] != 6)
		return err < 0 ? err : -1;

	cio_lifo_queue_init(&s.orders, sizeof(int), 0);
	err = run_shop(&s);
	return err < 0 || (s.served[0] == 3 && s.served[5] == 5) ? err : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

/* SPDX-License-Identifier: MIT */
/* channel.c - one loop hands out numbers, another squares them */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct way {
	cio_channel *there, *back;
};

static int square(const struct way *w)
{
	int n, err;
	while ((err = cio_channel_receive(w->there, &n)) == 0) {
		n *= n;
		err = cio_channel_send(w->back, &n);
		if (err < 0)
			return err;
	}
	return err == -ESHUTDOWN ? 0 : err; /* closed and empty: no more */
}

/* A full channel holds us back. */
static int hand_out(cio_channel *const *there)
{
	int err = 0;
	for (int i = 1; i <= 100 && err == 0; i++)
		err = cio_channel_send(*there, &i);
	cio_channel_close(*there);
	return err;
}

static int add_up(const struct way *w)
{
	int n, sum = 0, err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, hand_out, &w->there);
		for (int i = 0; i < 100 && err == 0; i++) {
			err = cio_channel_receive(w->back, &n);
			sum += err == 0 ? n : 0;
		}
	}
	printf("the sum of 100 squares is %d\n", sum);
	return err < 0 ? err : sum == 338350 ? 0 : -1;
}

/* Each worker runs this in a loop of its own. */
static int app(void *arg)
{
	struct way *w = arg;
	return cio_worker() == 0 ? add_up(w) : square(w);
}

int main(void)
{
	struct way w = {NULL, NULL};
	int err = cio_channel_open(&w.there, sizeof(int), 8);
	if (err == 0)
		err = cio_channel_open(&w.back, sizeof(int), 8);
	if (err == 0)
		err = cio_run_with(&(cio_run_options){.workers = 2}, app, &w);
	if (err < 0)
		fprintf(stderr, "%s\n", cio_error_text());
	cio_channel_put(w.there);
	cio_channel_put(w.back);
	return err < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * every.c - something that happens every 5 ms, while other work goes on:
 * "heartbeats while working: yes"
 */
#include <cio.h>

#include <stdio.h>

static int beat(void *beats)
{
	++*(int *)beats;
	return 0;
}

static int heart(int *const *beats)
{
	return cio_every(CIO_MS(5), beat, *beats);
}

static int app(void *arg)
{
	int err = 0, beats = 0, *at = &beats;
	(void)arg;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, heart, &at);
		while (err == 0 && beats < 4)
			err = cio_sleep(CIO_MS(1)); /* the work */
		cio_group_cancel(&g, "the work is done");
	}
	printf("heartbeats while working: %s\n", beats >= 4 ? "yes" : "no");
	return err < 0 || beats < 4 ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

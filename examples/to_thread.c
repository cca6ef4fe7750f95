/* SPDX-License-Identifier: MIT */
/* to_thread.c - a blocking function off the loop, which goes on meanwhile */
#include <cio.h>

#include <stdio.h>

struct sum {
	const char *bytes;
	size_t n;
	unsigned result;
};

/* Runs in a thread: it may block and compute, but not call the loop. */
static int add_up(void *arg)
{
	struct sum *s = arg;
	for (size_t i = 0; i < s->n; i++) {
		if (i % 65536 == 0 && cio_thread_cancelled())
			return -1;
		s->result += (unsigned char)s->bytes[i];
	}
	return 0;
}

static int tick(int *const *ticks)
{
	int err;
	while ((err = cio_yield()) == 0)
		++**ticks;
	return err;
}

static int app(void *arg)
{
	(void)arg;
	static char bytes[1 << 20];
	memset(bytes, 1, sizeof bytes);
	struct sum s = {.bytes = bytes, .n = sizeof bytes};
	int ticks = 0, *p = &ticks, err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, tick, &p);
		if (err == 0)
			err = cio_to_thread(add_up, &s);
		cio_group_cancel(&g, "the sum is known");
	}
	printf("the sum is %u; the loop went on: %s\n", s.result,
		ticks > 0 ? "yes" : "no");
	return err == 0 && s.result == sizeof bytes && ticks > 0 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

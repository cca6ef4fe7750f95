/* SPDX-License-Identifier: MIT */
/* hello.c - two tasks take turns */
#include <cio.h>

#include <stdio.h>

struct greeting {
	const char *text;
	int times;
};

static int greet(const struct greeting *g)
{
	for (int i = 0; i < g->times; i++) {
		puts(g->text);
		int err = cio_sleep(CIO_MS(1));
		if (err < 0)
			return err;
	}
	return g->times;
}

static int app(void *arg)
{
	(void)arg;
	cio_task *hello = cio_spawn(greet, &(struct greeting){"hello", 2});
	cio_task *world = cio_spawn(greet, &(struct greeting){"world", 2});
	int first = cio_await(hello), second = cio_await(world);
	return first == 2 && second == 2 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

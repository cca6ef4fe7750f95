/* SPDX-License-Identifier: MIT */
/* gather.c - ask three servers: all of them, as they answer, or the fastest */
#include <cio.h>

#include <stdio.h>

/* Stands for a question over the network. */
static int ask(const int *ms)
{
	int err = cio_sleep(CIO_MS(*ms));
	return err < 0 ? err : *ms;
}

static void ask_three(cio_task *tasks[3])
{
	const int ms[3] = {30, 10, 20};
	for (int i = 0; i < 3; i++)
		tasks[i] = cio_spawn(ask, &ms[i]);
}

/* The first answer; the others are told to stop, and awaited. */
static int fastest(void)
{
	cio_task *t[3];
	int answer = -1;
	ask_three(t);
	int err = cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_S(5));
	for (int i = 0; i < 3; i++) {
		if (cio_task_done(t[i]))
			answer = cio_task_result(t[i]);
		cio_task_cancel(t[i], "another was faster");
		(void)cio_await(t[i]);
	}
	return err < 0 ? err : answer;
}

static int app(void *arg)
{
	(void)arg;
	cio_task *t[3];
	ask_three(t);
	cio_as_completed each;
	int results[3], err = cio_as_completed_init(&each, t, 3);
	printf("as they answer:");
	for (ssize_t i; err == 0 && (i = cio_as_completed_next(&each)) >= 0;)
		printf(" %d", cio_task_result(t[i]));
	cio_as_completed_finish(&each);
	err = cio_gather(t, 3, .results = results);
	if (err < 0)
		return err;
	int first = fastest();
	printf("; all: %d %d %d; the fastest: %d\n", results[0], results[1],
		results[2], first);
	return first == 10 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

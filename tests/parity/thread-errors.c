/* SPDX-License-Identifier: MIT */
/* a function in a thread: its result, its error, many at once, none forgotten */
/* drivers: epoll uring sim */
/* threads */
#include "parity.h"

static int work(void *arg)
{
	int n = *(int *)arg;
	return n % 3 == 2 ? cio_fail(-EIO, "no %d", n) : n * n;
}

static int in_thread(const int *n)
{
	int copy = *n;
	return cio_to_thread(work, &copy);
}

static int sleeps(const int *unused)
{
	(void)unused;
	return cio_sleep(50 * T);
}

static void tell(cio_task *t)
{
	int got = cio_await(t);
	if (got >= 0)
		say("result: %d", got);
	else
		say("%s", outcome(got));
}

static int scenario(void *arg)
{
	cio_task *t[6];
	int n = 4;
	(void)arg;
	say("%d", cio_to_thread(work, &n));
	n = 5;
	say("%s", outcome(cio_to_thread(work, &n)));
	for (int i = 0; i < 6; i++)
		t[i] = cio_spawn(in_thread, &i);
	for (int i = 0; i < 6; i++)
		tell(t[i]);
	int err = 0;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, in_thread, &(int){2});
		(void)cio_group_spawn(&group, sleeps, NOTHING);
	}
	say("group: %s", err == -EIO ? cio_error_text() : outcome(err));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * tiny.c - the smallest user: built by scripts/tiny from the installed tree
 *
 * Two tasks take turns; nothing of the checkout is in reach.
 */
#include <cio/run.h>
#include <cio/task.h>
#include <cio/time.h>

#include <stdio.h>

struct job {
	int id;
	int *sum;
};

static int work(const struct job *j)
{
	int err = cio_sleep(CIO_MS(j->id));
	*j->sum += j->id;
	return err;
}

static int app(void *arg)
{
	cio_task *a = cio_spawn(work, &(struct job){1, arg});
	cio_task *b = cio_spawn(work, &(struct job){2, arg});
	int err = cio_await(a);
	return cio_await(b) < 0 ? -1 : err;
}

int main(void)
{
	int sum = 0;
	int err = cio_run(app, &sum);
	printf("%d\n", sum);
	return err < 0 || sum != 3;
}

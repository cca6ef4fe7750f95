/* SPDX-License-Identifier: MIT */
/* supervise.c - a group whose tasks fail alone, and one that has what it wanted */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

static int job(const int *n)
{
	int err = cio_sleep(CIO_MS(*n));
	if (err < 0)
		return err;
	return *n % 2 == 0 ? cio_fail(-EIO, "job %d broke down", *n) : 0;
}

/* Every job ends in its own time; the first error is the group's. */
static int all_of_them(void)
{
	int err = 0;
	CIO_GROUP (g, &err, .errors = CIO_COLLECT, .limit = 2) {
		for (int i = 1; i <= 5 && err == 0; i++)
			err = cio_group_spawn(&g, job, &i);
	}
	printf("all: %s\n", cio_error_text());
	return err == -EIO ? 0 : -1;
}

static int answer(int *const *answers)
{
	int err = cio_sleep(CIO_MS(1));
	return err < 0 ? err : ++**answers;
}

static int never(const int *unused)
{
	cio_cause cause;
	(void)unused;
	int err = cio_sleep(CIO_S(3600));
	if (cio_cancel_cause(&cause))
		printf("never: ended by %s: %s\n", cause.who, cause.why);
	return err;
}

/* One answer is enough: what the others are refused for is no error. */
static int one_of_them(void)
{
	int answers = 0, *at = &answers, err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, never, &(int){0});
		cio_task *t = err < 0 ? NULL : cio_spawn(answer, &at);
		if (err == 0)
			err = cio_await(t);
		cio_group_cancel(&g, "there is an answer");
	}
	printf("one: %s, %d answer\n", err >= 0 ? "ok" : cio_strerror(err),
		answers);
	return err >= 0 && answers == 1 ? 0 : -1;
}

static int app(void *arg)
{
	(void)arg;
	int err = all_of_them();
	return err < 0 ? err : one_of_them();
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

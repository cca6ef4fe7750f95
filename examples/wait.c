/* SPDX-License-Identifier: MIT */
/* wait.c - the first to end, the first to fail, and all, without using them up */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct job {
	cio_duration takes;
	int result;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->takes);
	if (err < 0) {
		printf("%s: %s\n", cio_task_name(cio_current_task()),
			cio_cancel_reason());
		return err;
	}
	return j->result;
}

static cio_task *start(const char *name, cio_duration takes, int result)
{
	struct job j = {takes, result};
	cio_task_options o = {.name = name};
	return cio_spawn_with(&o, work, &j);
}

static int app(void *arg)
{
	(void)arg;
	cio_task *t[] = {
		start("quick", CIO_MS(1), 0),
		start("fails", CIO_MS(3), -EIO),
		start("slow", CIO_S(60), 0),
	};

	int one = cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_NEVER);
	int two = cio_wait(t, 3, CIO_FIRST_EXCEPTION, CIO_NEVER);
	int still = cio_wait(t, 3, CIO_ALL_COMPLETED, CIO_MS(5));
	printf("%d has ended, then %d, and in 5 ms more still %d\n", one, two,
		still);

	/* The tasks are still ours: await each, the last one not for long. */
	int quick = cio_await(t[0]), fails = cio_await(t[1]);
	int slow = cio_wait_for(t[2], CIO_MS(1));
	printf("quick: %d, fails: %s, slow: %s\n", quick, cio_strerror(fails),
		cio_strerror(slow));
	return one == 1 && two == 2 && still == 2 && fails == -EIO &&
			slow == -ETIMEDOUT ?
		0 :
		-1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

/* SPDX-License-Identifier: MIT */
/* pass_spawn.c - spawning with compound literals, values and options */
#include <cio/task.h>

struct job {
	int id;
	int *result;
};

int start(void);

static int work(const struct job *j)
{
	*j->result = j->id;
	return 0;
}

static int number(const int *n)
{
	return *n;
}

int start(void)
{
	int result = 0, n = 3;
	struct job kept = {.id = 1, .result = &result};
	const struct job fixed = kept;
	cio_task *t[] = {
		cio_spawn(work, &(struct job){7, &result}),
		cio_spawn(work, &(struct job){.id = 7, .result = &result}),
		cio_spawn(work, &kept),
		cio_spawn(&work, &fixed),
		cio_spawn(number, &n),
		cio_spawn_with(&(cio_task_options){.name = "x"}, work, &kept),
		cio_spawn_with((&(cio_task_options){"x", CIO_STACK_LARGE, false}), work,
			&(struct job){8, &result}),
	};
	int err = 0;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		err |= cio_await(t[i]);
	return err;
}

/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_spawn_cxx.c - spawning in the form that C and C++ share */
#include <cio/task.h>

struct job {
	int id;
};

int start(void);

static int work(const struct job *j)
{
	return j->id;
}

int start(void)
{
	struct job job = {3};
	cio_task_options options = {"name", CIO_STACK_LARGE, false};
	int err = cio_await(cio_spawn(work, &job));
	return err < 0 ? err : cio_await(cio_spawn_with(&options, work, &job));
}

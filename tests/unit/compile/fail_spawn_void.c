/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: a task function must be int fn\(const T \*\) */
/* fail_spawn_void.c - an argument whose size nobody knows */
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
	struct job job = {1};
#ifdef BROKEN
	void *arg = &job;
#else
	struct job *arg = &job;
#endif
	return cio_await(cio_spawn(work, arg));
}

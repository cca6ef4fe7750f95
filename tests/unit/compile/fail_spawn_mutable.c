/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: a task function must be int fn\(const T \*\) */
/* fail_spawn_mutable.c - a task function that could write to its copy */
#include <cio/task.h>

struct job {
	int id;
};

#ifdef BROKEN
#define KEPT
#else
#define KEPT const
#endif

int start(void);

static int work(KEPT struct job *j)
{
	return j->id;
}

int start(void)
{
	struct job arg = {1};
	return cio_await(cio_spawn(work, &arg));
}

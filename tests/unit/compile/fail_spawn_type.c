/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: a task function must be int fn\(const T \*\) */
/* fail_spawn_type.c - a task function of another type than the argument */
#include <cio/task.h>

struct job {
	int id;
};
struct other {
	int id;
};

int start(void);

static int work(const struct job *j)
{
	return j->id;
}

int start(void)
{
#ifdef BROKEN
	struct other arg = {1};
#else
	struct job arg = {1};
#endif
	return cio_await(cio_spawn(work, &arg));
}

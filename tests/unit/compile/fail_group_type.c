/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: a task function must be int fn\(const T \*\) */
/* fail_group_type.c - a child of another type than its argument */
#include <cio/group.h>

int start(void);

static int work(const int *n)
{
	return *n;
}

int start(void)
{
#ifdef BROKEN
	long n = 1;
#else
	int n = 1;
#endif
	int err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, work, &n);
	}
	return err;
}

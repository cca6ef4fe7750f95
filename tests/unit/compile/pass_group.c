/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_group.c - CIO_GROUP with and without options, and spawning into it */
#include <cio/group.h>

struct job {
	int id;
	int *result;
};

int all(struct job *jobs, int n);
int plain(void);

static int work(const struct job *j)
{
	*j->result = j->id;
	return 0;
}

int all(struct job *jobs, int n)
{
	int err = 0;
	CIO_GROUP(g, &err, .limit = 50, .errors = CIO_COLLECT) {
		for (int i = 0; i < n && err == 0; i++)
			err = cio_group_spawn(&g, work, &jobs[i]);
		CIO_GROUP(inner, NULL) {
			err = cio_group_try_spawn(&inner, work, &jobs[0]);
		}
	}
	return err;
}

int plain(void)
{
	int result = 0;
	int err = 0;
	struct job job = {7, &result};
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, work, &job);
#ifndef __cplusplus
		err = cio_group_spawn(&g, work, &(struct job){7, &result});
#endif
	}
	return err < 0 ? err : result;
}

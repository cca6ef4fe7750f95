/* SPDX-License-Identifier: MIT */
/* the caller gives up waiting, the operation goes on */
/* drivers: sim */
#include "parity.h"

static int commit(const int *unused)
{
	(void)unused;
	int err = cio_sleep(14 * T);
	say("commit %s", err < 0 ? "cancelled: must not appear" : "finishes");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *task = cio_spawn(commit, NOTHING);
	for (int attempt = 1; attempt <= 2; attempt++) {
		int n = cio_wait(&task, 1, CIO_ALL_COMPLETED, 2 * T);
		say("attempt %d %s, commit done %d", attempt, outcome(n),
			cio_task_done(task));
	}
	int err = 0;
	CIO_TIMEOUT (LONG, &err)
		err = cio_await(task);
	say("last attempt: %s", err == 0 ? "committed" : outcome(err));
	return 0;
}

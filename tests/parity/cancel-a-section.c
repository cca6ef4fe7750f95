/* SPDX-License-Identifier: MIT */
/* a section of a task is ended by another task, and the task goes on */
/* drivers: sim */
#include "parity.h"

static cio_scope section;

static int worker(const int *unused)
{
	int n;
	(void)unused;
	for (n = 0; n < 3; n++) {
		cio_scope_begin(&section, CIO_NEVER);
		int err = cio_sleep(50 * T);
		say("section: %s", err == 0 ? "done" : outcome(err));
		CHECK_INT(cio_scope_end(&section, err), 0);
		if (cio_scope_caught(&section))
			say("worker: section %d was ended, worker cancelled %d",
				n, refused_now());
	}
	return n;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *t = cio_spawn(worker, NOTHING);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(cio_sleep(T), 0);
		cio_scope_cancel(&section, "enough of it");
	}
	say("main: %d", cio_await(t));
	return 0;
}

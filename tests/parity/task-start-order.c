/* SPDX-License-Identifier: MIT */
/* spawning does not run; tasks start in order of creation and take turns */
/* drivers: sim */
#include "parity.h"

static int job(const char *const *name)
{
	for (int step = 0; step < 3; step++) {
		say("%s step %d", *name, step);
		(void)cio_yield();
	}
	return 0;
}

static int scenario(void *arg)
{
	static const char *const names[] = {"a", "b", "c"};
	cio_task *tasks[3];
	(void)arg;
	for (int i = 0; i < 3; i++) {
		tasks[i] = cio_spawn(job, &names[i]);
		say("created %s", names[i]);
	}
	say("main yields");
	for (int i = 0; i < 3; i++)
		(void)cio_await(tasks[i]);
	say("all finished");
	return 0;
}

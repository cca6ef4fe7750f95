/* SPDX-License-Identifier: MIT */
/* tasks in the order in which they end */
/* drivers: sim */
#include "parity.h"

struct job {
	char name;
	int ticks;
	const char *error;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0)
		return err;
	return j->error != NULL ? raise_error(j->error) : j->name;
}

static int scenario(void *arg)
{
	static const struct job jobs[] = {{'a', 7, NULL}, {'b', 1, NULL},
		{'c', 5, NULL}, {'d', 3, "boom"}};
	cio_task *tasks[4];
	(void)arg;
	for (int i = 0; i < 4; i++)
		tasks[i] = cio_spawn(work, &jobs[i]);
	cio_as_completed each;
	ssize_t i;
	CHECK_INT(cio_as_completed_init(&each, tasks, 4), 0);
	while ((i = cio_as_completed_next(&each)) >= 0) {
		int result = cio_await(tasks[i]);
		if (result >= 0)
			say("got %c", result);
		else
			say("%s", outcome(result));
	}
	cio_as_completed_finish(&each);
	say("end");
	return 0;
}

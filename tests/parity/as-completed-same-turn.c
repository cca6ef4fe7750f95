/* SPDX-License-Identifier: MIT */
/* as_completed: tasks that end in one turn come in the order of their ends */
/* drivers: sim */
#include "parity.h"

static cio_event event;

static int work(const int *turns)
{
	int err = cio_event_wait(&event);
	for (int i = 0; i < *turns && err == 0; i++)
		err = cio_yield();
	return err;
}

static int scenario(void *arg)
{
	static const int turns[5] = {3, 0, 1, 0, 2};
	cio_task *t[5];
	cio_as_completed each;
	ssize_t i;
	(void)arg;
	for (int k = 0; k < 5; k++)
		t[k] = cio_spawn(work, &turns[k]);
	CHECK_INT(cio_sleep(T), 0);
	cio_event_set(&event);
	CHECK_INT(cio_as_completed_init(&each, t, 5), 0);
	while ((i = cio_as_completed_next(&each)) >= 0)
		say("next: %c", (char)('a' + i));
	cio_as_completed_finish(&each);
	return cio_gather(t, 5);
}

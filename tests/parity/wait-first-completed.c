/* SPDX-License-Identifier: MIT */
/* wait for the first of several tasks */
/* drivers: sim */
#include "parity.h"

struct job {
	char name;
	int ticks;
	cio_event *event;
};

static int work(const struct job *j)
{
	int err = j->event != NULL ? cio_event_wait(j->event) :
				     cio_sleep(j->ticks * T);
	return err < 0 ? err : j->name;
}

static int set_soon(cio_event *const *event)
{
	(void)cio_sleep(T);
	cio_event_set(*event);
	return 0;
}

/* Wait for the first, tell which have ended. */
static void first_of(const char *label, cio_task *const *tasks, size_t n)
{
	int done = cio_wait(tasks, n, CIO_FIRST_COMPLETED, CIO_NEVER);
	add("%sdone", label);
	for (size_t i = 0; i < n; i++)
		if (cio_task_done(tasks[i]))
			add(" %c", cio_task_result(tasks[i]));
	add(" | pending %d", (int)n - done);
}

/* Take out those that have ended; how many are left. */
static size_t drop_ended(cio_task **tasks, size_t n)
{
	size_t left = 0;
	for (size_t i = 0; i < n; i++) {
		if (cio_task_done(tasks[i]))
			(void)cio_await(tasks[i]);
		else
			tasks[left++] = tasks[i];
	}
	return left;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *tasks[3] = {cio_spawn(work, &(struct job){'a', 5, NULL}),
		cio_spawn(work, &(struct job){'b', 1, NULL}),
		cio_spawn(work, &(struct job){'c', 3, NULL})};
	for (size_t n = 3; n > 0; n = drop_ended(tasks, n)) {
		first_of("", tasks, n);
		say("%s", "");
	}

	cio_event event = {0};
	tasks[0] = cio_spawn(work, &(struct job){'x', 0, &event});
	tasks[1] = cio_spawn(work, &(struct job){'y', 0, &event});
	tasks[2] = cio_spawn(work, &(struct job){'s', 6, NULL});
	cio_detach(cio_spawn(set_soon, &(cio_event *){&event}), NULL);
	first_of("same turn: ", tasks, 3);
	say("%s", "");
	first_of("already done: ", tasks, 3);
	say(" | slow done %d", cio_task_done(tasks[2]));
	return cio_gather(tasks, 3);
}

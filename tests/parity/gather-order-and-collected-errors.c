/* SPDX-License-Identifier: MIT */
/* results stand in the order of the list, errors at their place */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks;
	const char *error;
	const char *text; /* what it gave, or how it ended */
};

static int work(struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	j->text = err < 0 ? "cancelled" : j->name;
	if (err < 0)
		return err;
	say("%s finishes", j->name);
	if (j->error == NULL)
		return 0;
	j->text = j->error;
	return raise_error(j->error);
}

static int work_at(struct job *const *j)
{
	return work(*j);
}

static void show(const char *label, const struct job *jobs, const int *results,
	size_t n)
{
	add("%s:", label);
	for (size_t i = 0; i < n; i++)
		add(" %s%s", results[i] == -EIO ? "error:" : "", jobs[i].text);
	say("%s", "");
}

static int cancel_later(cio_task *const *t)
{
	(void)cio_sleep(2 * T);
	cio_task_cancel(*t, "no need");
	return 0;
}

static int scenario(void *arg)
{
	struct job plain[] = {{.name = "a", .ticks = 5},
		{.name = "b", .ticks = 1}, {.name = "c", .ticks = 3}};
	int results[4];
	(void)arg;
	CHECK_INT(cio_map(work, plain, 3, .results = results), 0);
	show("plain", plain, results, 3);

	struct job mixed[] = {{.name = "d", .ticks = 5},
		{.name = "e", .ticks = 1, .error = "boom"},
		{.name = "gone", .ticks = 50}, {.name = "f", .ticks = 3}};
	cio_task *tasks[4];
	for (int i = 0; i < 4; i++)
		tasks[i] = cio_spawn(work_at, &(struct job *){&mixed[i]});
	cio_detach(cio_spawn(cancel_later, &tasks[2]), NULL);
	int err = cio_gather(tasks, 4, .errors = CIO_COLLECT,
		.results = results);
	show("collected", mixed, results, 4);
	say("first error: %s", outcome(err));
	err = cio_gather(NULL, 0);
	say("no children: %d", err);
	return 0;
}

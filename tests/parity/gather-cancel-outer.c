/* SPDX-License-Identifier: MIT */
/* cancelling the task that gathers cancels what it gathers */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks, cleanup;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0) {
		if (j->cleanup > 0)
			clean_for(j->cleanup * T);
		say("  %s cleaned up", j->name);
		return err;
	}
	say("  %s finishes", j->name);
	return 0;
}

struct batch {
	cio_errors errors;
	int *results;
};

static int batch(const struct batch *b)
{
	static const struct job jobs[] = {{"a", 1, 0}, {"b", 50, 1},
		{"c", 50, 6}};
	cio_task *kids[3];
	for (int i = 0; i < 3; i++)
		kids[i] = cio_spawn(work, &jobs[i]);
	int err = cio_gather(kids, 3, .errors = b->errors,
		.results = b->results);
	if (err == -ECANCELED)
		say("  batch sees the cancel");
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	for (int collect = 0; collect < 2; collect++) {
		int results[3];
		say("collect errors: %d", collect);
		cio_task *t = cio_spawn(batch,
			&(struct batch){collect ? CIO_COLLECT : CIO_FAIL_FAST,
				results});
		(void)cio_sleep(3 * T);
		cio_task_cancel(t, "no need");
		wait_all(&t, 1);
		say("  batch cancelled %d", cio_task_cancelled(t));
		CHECK_INT(cio_await(t), -ECANCELED);
		say("  children cancelled %d %d %d", results[0] == -ECANCELED,
			results[1] == -ECANCELED, results[2] == -ECANCELED);
	}
	return 0;
}

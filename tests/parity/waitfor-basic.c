/* SPDX-License-Identifier: MIT */
/* await with a limit */
/* drivers: sim */
#include "parity.h"

struct job {
	const char *name;
	int ticks;
	const char *error;
};

static int work(const struct job *j)
{
	int err = cio_sleep(j->ticks * T);
	if (err < 0) {
		say("%s is cancelled", j->name);
		clean_for(2 * T);
		say("%s cleaned up", j->name);
		return err;
	}
	return j->error != NULL ? raise_error(j->error) : 0;
}

static void attempt(const char *label, cio_duration limit, struct job job)
{
	int err = cio_wait_for(cio_spawn(work, &job), limit);
	add("%s -> %s", label, err == 0 ? job.name : outcome(err));
	if (err == -ETIMEDOUT)
		add(" | requests on the caller %d", refused_now());
	say("%s", "");
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("in time", 5 * T, (struct job){"a", 1, NULL});
	attempt("too late", 3 * T, (struct job){"b", 50, NULL});
	attempt("fails in time", 5 * T, (struct job){"c", 1, "boom"});
	attempt("no limit", CIO_NEVER, (struct job){"d", 4, NULL});
	return 0;
}

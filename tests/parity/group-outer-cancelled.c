/* SPDX-License-Identifier: MIT */
/* cancelling the owner of a group cancels the children first */
/* drivers: sim */
#include "parity.h"

static int child(const char *const *error)
{
	int err = cio_sleep(LONG);
	clean_for(2 * T);
	say("  a cleaned up");
	return *error != NULL ? raise_error(*error) : err;
}

struct owner {
	bool body_waits;
	const char *error;
};

static int owner(const struct owner *o)
{
	int err = 0;
	CIO_GROUP (group, &err) {
		err = cio_group_spawn(&group, child, &o->error);
		if (o->body_waits)
			err = cio_sleep(LONG);
	}
	return err;
}

static void attempt(bool body_waits, const char *error)
{
	say("cancelled in the %s | child answers %s",
		body_waits ? "body" : "final wait",
		error != NULL ? error : "obey");
	cio_task *t = cio_spawn(owner, &(struct owner){body_waits, error});
	(void)cio_sleep(T);
	cio_task_cancel(t, "no need");
	(void)cio_sleep(T);
	say("  owner ended already %d", cio_task_done(t));
	int err = cio_await(t);
	if (err == -EIO)
		say("  outcome: group[%s]", cio_error_text());
	else
		say("  outcome: %s", outcome(err));
}

static int scenario(void *arg)
{
	(void)arg;
	attempt(true, NULL);
	attempt(true, "boom");
	attempt(false, NULL);
	attempt(false, "boom");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* wait until the first has ended, cancel the rest, wait for it */
/* drivers: sim */
#include "parity.h"

struct ask {
	const char *name;
	int ticks, cleanup;
};

static const struct ask asks[] = {{"a", 9, 2}, {"b", 2, 0}, {"c", 9, 1}};

static int run(const struct ask *a)
{
	int err = cio_sleep(a->ticks * T);
	if (err < 0) {
		clean_for(a->cleanup * T);
		say("%s cleaned up", a->name);
	}
	return err < 0 ? err : a->name[0];
}

static void tell(const char *label, cio_task *const t[3])
{
	say("%s %d %d %d", label, cio_task_cancelled(t[0]),
		cio_task_cancelled(t[1]), cio_task_cancelled(t[2]));
}

static int scenario(void *arg)
{
	cio_task *t[3];
	(void)arg;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(run, &asks[i]);
	int n = cio_wait(t, 3, CIO_FIRST_COMPLETED, CIO_NEVER);
	add("first:");
	for (int i = 0; i < 3; i++)
		if (cio_task_done(t[i]))
			add(" %c", (char)cio_task_result(t[i]));
	say(" | pending %d", 3 - n);
	for (int i = 0; i < 3; i++)
		cio_task_cancel(t[i], "there is an answer");
	tell("cancelled already", t);
	wait_all((cio_task *[]){t[0], t[2]}, 2);
	tell("cancelled", t);
	say("the first is still %c", (char)cio_task_result(t[1]));
	say("looked at once: %d done", cio_wait(t, 3, CIO_ALL_COMPLETED, 0));
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* as_completed left after the first: the rest runs on and can be awaited */
/* drivers: sim */
#include "parity.h"

struct work {
	const char *name;
	int ticks;
};

static const struct work works[] = {{"a", 5}, {"b", 1}, {"c", 3}};

static int run(const struct work *w)
{
	int err = cio_sleep(w->ticks * T);
	say("%s ends", w->name);
	return err;
}

static void tell(const char *label, cio_task *const t[3])
{
	say("%s, done %d %d %d", label, cio_task_done(t[0]),
		cio_task_done(t[1]), cio_task_done(t[2]));
}

static int scenario(void *arg)
{
	cio_task *t[3], *rest[3];
	cio_as_completed each;
	ssize_t i;
	size_t n = 0, which[3];
	(void)arg;
	for (int k = 0; k < 3; k++)
		t[k] = cio_spawn(run, &works[k]);
	CHECK_INT(cio_as_completed_init(&each, t, 3), 0);
	if ((i = cio_as_completed_next(&each)) >= 0)
		say("first: %s", works[i].name);
	cio_as_completed_finish(&each);
	tell("left", t);
	CHECK_INT(cio_sleep(3 * T), 0);
	tell("later", t);
	for (size_t k = 0; k < 3; k++)
		if (!cio_task_done(t[k])) {
			which[n] = k;
			rest[n++] = t[k];
		}
	CHECK_INT(cio_as_completed_init(&each, rest, n), 0);
	while ((i = cio_as_completed_next(&each)) >= 0)
		say("again: %s", works[which[i]].name);
	cio_as_completed_finish(&each);
	return cio_gather(t, 3);
}

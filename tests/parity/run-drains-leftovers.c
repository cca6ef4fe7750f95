/* SPDX-License-Identifier: MIT */
/* leftovers are cancelled when main returns, and run waits for their cleanup */
/* drivers: sim */
#define PARITY_RUNS
#include "parity.h"

struct leftover {
	const char *name;
	int cleanup_ticks;
};

static int background(const struct leftover *l)
{
	int err = cio_sleep(LONG);
	clean_for(l->cleanup_ticks * T);
	say("%s cleaned up", l->name);
	return err;
}

static int never_waits(const int *unused)
{
	(void)unused;
	say("this line must not appear");
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	cio_detach(cio_spawn(background, &(struct leftover){"slow", 4}), NULL);
	cio_detach(cio_spawn(background, &(struct leftover){"quick", 1}), NULL);
	(void)cio_sleep(T);
	cio_detach(cio_spawn(never_waits, NOTHING), NULL);
	say("main returns");
	return 0;
}

static void runs(void)
{
	say("run returned %s",
		check_run(scenario, NULL) == 0 ? "ok" : "an error");
}

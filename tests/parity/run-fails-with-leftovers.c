/* SPDX-License-Identifier: MIT */
/* main fails while others run: they are cancelled, one fails in its cleanup */
/* drivers: sim */
#define PARITY_RUNS
#define PARITY_REPORTS
#include "parity.h"

struct background {
	const char *name;
	int ticks;
	bool fails;
};

static int background(const struct background *b)
{
	int err = cio_sleep(50 * T);
	clean_for(b->ticks * T);
	say("%s has cleaned up", b->name);
	return b->fails ? raise_error(b->name) : err;
}

static int scenario(void *arg)
{
	static const struct background all[] = {{"a", 3, false}, {"b", 1, true},
		{"c", 2, false}};
	(void)arg;
	for (int i = 0; i < 3; i++)
		cio_detach(cio_spawn(background, &all[i]), NULL);
	CHECK_INT(cio_sleep(T), 0);
	say("main fails");
	return raise_error("main");
}

static void runs(void)
{
	int err = check_run(scenario, NULL);
	if (strstr(check_reports(), "nobody looked: Input/output error: b"))
		say("reported: b");
	say("run: error: %s", err == -EIO ? "main" : cio_strerror(err));
}

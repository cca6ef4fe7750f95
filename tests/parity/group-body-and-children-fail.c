/* SPDX-License-Identifier: MIT */
/* a group's body fails, then its children in their cleanups: the order of errors */
/* drivers: sim */
#define PARITY_REPORTS
#include "parity.h"

struct child {
	const char *text;
	int ticks;
};

static int fails_later(const struct child *c)
{
	if (cio_sleep(50 * T) < 0)
		clean_for(c->ticks * T);
	return raise_error(c->text);
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, fails_later,
			(&(struct child){"c", 3}));
		(void)cio_group_spawn(&group, fails_later,
			(&(struct child){"b", 1}));
		CHECK_INT(cio_sleep(T), 0);
		err = raise_error("body");
	}
	say("the body's is among them %d",
		strcmp(outcome(err), "error: body") == 0);
	add("others:");
	const char *at = check_reports(); /* the others are told */
	while ((at = strstr(at, "failed too: ")) != NULL) {
		at = strchr(at + strlen("failed too: "), ':') + 2;
		add(" %.*s", (int)strcspn(at, "\n"), at);
	}
	say("%s", "");
	say("main goes on");
	return 0;
}

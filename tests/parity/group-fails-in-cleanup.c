/* SPDX-License-Identifier: MIT */
/* children that fail while they clean up after a sibling's failure */
/* drivers: sim */
#define PARITY_REPORTS
#include "parity.h"

static int fails(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	return err < 0 ? err : raise_error("first");
}

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
			(&(struct child){"third", 4}));
		(void)cio_group_spawn(&group, fails_later,
			(&(struct child){"second", 2}));
		(void)cio_group_spawn(&group, fails, NOTHING);
	}
	say("%s", outcome(err));
	const char *at = check_reports(); /* the others are told */
	while ((at = strstr(at, "failed too: ")) != NULL) {
		at = strchr(at + strlen("failed too: "), ':') + 2;
		say("error: %.*s", (int)strcspn(at, "\n"), at);
	}
	say("main goes on");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* several children fail: the first error is the group's */
/* drivers: sim */
#define PARITY_REPORTS
#include "parity.h"

struct child {
	cio_event *event;
	const char *error;
};

static int fails_on(const struct child *c)
{
	int err = cio_event_wait(c->event);
	return err < 0 ? err : raise_error(c->error);
}

static int fails_when_cancelled(const char *const *error)
{
	if (cio_sleep(LONG) < 0)
		clean_for(T);
	return raise_error(*error);
}

static int plain(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

static int scenario(void *arg)
{
	cio_event event = {0};
	const char *third = "third";
	int err = 0;
	(void)arg;
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, fails_when_cancelled, &third);
		(void)cio_group_spawn(&group, fails_on,
			&(struct child){&event, "first"});
		(void)cio_group_spawn(&group, plain, NOTHING);
		(void)cio_group_spawn(&group, fails_on,
			&(struct child){&event, "second"});
		(void)cio_sleep(T);
		cio_event_set(&event);
		err = cio_sleep(LONG);
	}
	CHECK_INT(err, -EIO);
	say("caught group[%s]", cio_error_text());
	int others = 0;
	const char *at = check_reports();
	while ((at = strstr(at, "failed too")) != NULL) {
		others++;
		at++;
	}
	say("reported beside it: %d", others);
	return 0;
}

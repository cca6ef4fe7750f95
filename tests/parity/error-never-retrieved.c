/* SPDX-License-Identifier: MIT */
/* a failed task that nobody looked at is reported once */
/* drivers: sim */
#define PARITY_REPORTS
#include "parity.h"

static int fails(const char *const *text)
{
	return raise_error(*text);
}

static int waits_and_fails(const char *const *text)
{
	int err = cio_yield();
	return err < 0 ? err : raise_error(*text);
}

static void settle(void)
{
	for (int i = 0; i < 3; i++)
		(void)cio_yield();
}

static int seen;

/* Tell what was reported since the last time, without the place. */
static void tell_reports(void)
{
	const char *all = check_reports();
	for (const char *at = all + seen; *at != 0; at = strchr(at, '\n') + 1) {
		const char *what = strstr(at, "failed");
		say("reported: task %.*s", (int)strcspn(what, "\n"), what);
	}
	seen = (int)strlen(all);
}

static int scenario(void *arg)
{
	const char *text = "one";
	(void)arg;
	say("dropped unseen");
	cio_detach(cio_spawn(fails, &text), NULL);
	settle();
	tell_reports();

	say("awaited");
	text = "two";
	say("%s", outcome(cio_await(cio_spawn(fails, &text))));

	say("asked for the error");
	text = "three";
	cio_task *t = cio_spawn(fails, &text);
	settle();
	say("asked: %s", cio_strerror(cio_task_result(t)));
	cio_detach(t, NULL);
	tell_reports();

	say("cancelled");
	text = "four";
	t = cio_spawn(waits_and_fails, &text);
	cio_task_cancel(t, "no need");
	cio_detach(t, NULL);
	settle();
	tell_reports();
	say("end");
	return 0;
}

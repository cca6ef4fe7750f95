/* SPDX-License-Identifier: MIT */
/* as_completed under a limit: what came before it is handed out, the rest runs on */
/* drivers: sim */
#include "parity.h"

static int work(const int *ticks)
{
	int err = cio_sleep(*ticks * T);
	return err < 0 ? err : *ticks;
}

static const char *name(int result)
{
	return result == 6 ? "a" : result == 1 ? "b" : "c";
}

static int scenario(void *arg)
{
	static const int ticks[3] = {6, 1, 3};
	cio_task *t[3];
	cio_as_completed each;
	ssize_t i;
	int err = 0;
	(void)arg;
	for (int n = 0; n < 3; n++)
		t[n] = cio_spawn(work, &ticks[n]);
	CHECK_INT(cio_as_completed_init(&each, t, 3), 0);
	CIO_TIMEOUT (4 * T + T / 2, &err) {
		while ((i = cio_as_completed_next(&each)) >= 0)
			say("next: %s", name(cio_task_result(t[i])));
		err = (int)i;
	}
	cio_as_completed_finish(&each);
	if (err == -ETIMEDOUT)
		say("timeout");
	say("done %d %d %d", cio_task_done(t[0]), cio_task_done(t[1]),
		cio_task_done(t[2]));
	wait_all(t, 1);
	say("a later: %s", name(cio_task_result(t[0])));
	CHECK_INT(cio_as_completed_init(&each, t, 3), 0);
	while ((i = cio_as_completed_next(&each)) >= 0)
		CHECK(cio_await(t[i]) > 0);
	cio_as_completed_finish(&each);
	say("all had ended before");
	CHECK_INT(cio_as_completed_init(&each, NULL, 0), 0);
	while (cio_as_completed_next(&each) >= 0)
		say("must not appear");
	cio_as_completed_finish(&each);
	say("nothing");
	return 0;
}

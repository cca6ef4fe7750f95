/* SPDX-License-Identifier: MIT */
/* a task's result is asked for before its end, and after a failure and a cancel */
/* drivers: sim */
#include "parity.h"

static int job(const bool *fails)
{
	int err = cio_sleep(T);
	return err < 0 ? err : *fails ? raise_error("job") : 7;
}

static void ask(const char *label, const cio_task *t)
{
	int got = cio_task_result(t);
	if (got == -EINPROGRESS)
		say("%s not yet", label);
	else if (cio_task_cancelled(t))
		say("%s cancelled", label);
	else if (got < 0)
		say("%s an error", label);
	else
		say("%s %d", label, got);
}

static int scenario(void *arg)
{
	static const char *const labels[] = {"a", "b", "c"};
	cio_task *t[3];
	(void)arg;
	for (int i = 0; i < 3; i++)
		t[i] = cio_spawn(job, &(bool){i == 1});
	for (int i = 0; i < 3; i++)
		ask(labels[i], t[i]);
	cio_task_cancel(t[2], "no need");
	ask("c", t[2]);
	wait_all(t, 3);
	for (int i = 0; i < 3; i++)
		ask(labels[i], t[i]);
	cio_task_cancel(t[0], "too late");
	ask("a, cancelled after its end:", t[0]);
	(void)cio_gather(t, 3, .errors = CIO_COLLECT);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* retry with growing pauses */
/* drivers: sim */
#include "parity.h"

typedef int operation(int attempt);

static int with_retry(const char *name, operation *op, int tries, int pause)
{
	for (int attempt = 0; attempt < tries; attempt++) {
		int err = 0;
		CIO_TIMEOUT (6 * T, &err)
			err = op(attempt);
		if (err == -ECANCELED || err == -EINVAL)
			return err;
		say("  %s try %d %s", name, attempt + 1, outcome(err));
		if (err == 0)
			return 0;
		if (attempt < tries - 1)
			err = cio_sleep((cio_duration)pause * T << attempt);
		if (err == -ECANCELED)
			return err;
	}
	return -ENODATA;
}

static int flaky(int attempt)
{
	int err = cio_sleep(T);
	if (err < 0)
		return err;
	return attempt < 2 ? cio_fail(-ECONNREFUSED, "refused") : 0;
}

static int dead(int attempt)
{
	(void)attempt;
	return cio_fail(-EHOSTUNREACH, "unreachable");
}

static int slow_once(int attempt)
{
	return cio_sleep(attempt > 0 ? T : LONG);
}

static int broken(int attempt)
{
	(void)attempt;
	return cio_fail(-EINVAL, "bad request");
}

static int cancelled(const int *unused)
{
	(void)unused;
	return with_retry("cancelled", dead, 12, 4);
}

static int scenario(void *arg)
{
	static const struct {
		const char *name;
		operation *op;
	} cases[] = {{"flaky", flaky}, {"dead", dead},
		{"slow once", slow_once}};
	(void)arg;
	for (int i = 0; i < 3; i++) {
		int err = with_retry(cases[i].name, cases[i].op, 3, 1);
		say("%s -> %s", cases[i].name, err == 0 ? "page" : "none");
	}
	say("broken -> %s", outcome(with_retry("broken", broken, 3, 1)));
	cio_task *t = cio_spawn(cancelled, NOTHING);
	(void)cio_sleep(20 * T);
	cio_task_cancel(t, "no need");
	say("cancelled in a pause -> %s", outcome(cio_await(t)));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* what a handle tells, and callbacks at the end */
/* drivers: sim */
#include "parity.h"

enum { BOOM = -EIO, VALUE = 7 };

static int work(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	return err < 0 ? err : VALUE;
}

static int fails(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	return err < 0 ? err : BOOM;
}

static int sleeps(const int *unused)
{
	(void)unused;
	return cio_sleep(LONG);
}

static const char *peek(const cio_task *t)
{
	switch (cio_task_result(t)) {
	case -EINPROGRESS: return "error: not-done";
	case -ECANCELED: return "cancelled";
	case BOOM: return "error: boom";
	case VALUE: return "result value";
	default: return "?";
	}
}

static void show(const char *label, const cio_task *t)
{
	say("%s | done %d | cancelled %d | %s", label, cio_task_done(t),
		cio_task_cancelled(t), peek(t));
}

static void first(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("callback 1: %s", peek(t));
}

static void dropped(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	say("this callback was removed");
}

static void second(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("callback 2: %s", peek(t));
}

static void ask_to_cancel(cio_task *t)
{
	add("done before the cancel %d", cio_task_done(t));
	cio_task_cancel(t, "asked");
	say(", after %d", cio_task_done(t));
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *w = cio_spawn(work, NOTHING), *f = cio_spawn(fails, NOTHING),
		 *s = cio_spawn(sleeps, NOTHING);
	cio_done_callback c1 = {.fn = first}, gone = {.fn = dropped},
			  c2 = {.fn = second}, late = {.fn = dropped};
	CHECK_INT(cio_task_add_done_callback(w, &c1), 0);
	CHECK_INT(cio_task_add_done_callback(w, &gone), 0);
	CHECK_INT(cio_task_add_done_callback(w, &c2), 0);
	cio_task_remove_done_callback(&gone);
	show("pending", w);
	(void)cio_sleep(3 * T);
	ask_to_cancel(s);
	show("cancel asked", s);
	(void)cio_sleep(T);
	show("finished", w);
	show("failed", f);
	show("cancelled", s);
	ask_to_cancel(w);
	show("finished", w);
	int err = cio_task_add_done_callback(w, &late);
	say("late callback: %s", err == -EALREADY ? "refused" : "added");
	CHECK_INT(cio_await(w), VALUE);
	CHECK_INT(cio_await(f), BOOM);
	CHECK_INT(cio_await(s), -ECANCELED);
	say("end");
	return 0;
}

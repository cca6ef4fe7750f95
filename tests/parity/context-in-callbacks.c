/* SPDX-License-Identifier: MIT */
/* what calls and done callbacks see of context variables, and what they set */
/* drivers: sim */
#include "parity.h"

#include <cio/context.h>

static const int zero;
static const CIO_CONTEXT_VAR(var, int, &zero);

static int get(void)
{
	return *(const int *)cio_context_get(&var);
}

static void set(int n)
{
	CHECK_INT(cio_context_set(&var, &n, NULL), 0);
}

static int show(void *label)
{
	say("%s sees %d", (const char *)label, get());
	set(99);
	return 0;
}

static void done(cio_done_callback *c, cio_task *t)
{
	(void)c;
	(void)t;
	(void)show("done callback");
}

static int job(const int *unused)
{
	(void)unused;
	set(50);
	int err = cio_sleep(T + T / 2);
	say("job sees %d", get());
	return err;
}

static int scenario(void *arg)
{
	static cio_call calls[3];
	cio_done_callback callback = {.fn = done};
	(void)arg;
	set(1);
	cio_call_soon(&calls[0], show, "soon");
	cio_call_later(&calls[1], T, show, "later");
	set(2);
	cio_call_soon(&calls[2], show, "soon again");
	cio_task *t = cio_spawn(job, NOTHING);
	set(3);
	CHECK_INT(cio_task_add_done_callback(t, &callback), 0);
	set(4);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(cio_sleep(3 * T), 0);
	say("main sees %d", get());
	return 0;
}

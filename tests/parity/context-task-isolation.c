/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* context-task-isolation - each task sees its own request's id */
#include "parity.h"

#include <cio/context.h>

static const CIO_CONTEXT_VAR(request_id, char[24], "none");

static const char *seen(void)
{
	return cio_context_get(&request_id);
}

static void set(const char *id)
{
	char value[24];
	snprintf(value, sizeof value, "%s", id);
	CHECK_INT(cio_context_set(&request_id, &value, NULL), 0);
}

struct request {
	const char *name;
	int ticks;
};

static int deep(const char *label)
{
	int err = cio_sleep(T);
	say("%s sees %s", label, seen());
	return err;
}

static int handle(const struct request *r)
{
	say("%s starts with %s", r->name, seen());
	set(r->name);
	int err = cio_sleep(r->ticks * T);
	return err < 0 ? err : deep(r->name);
}

static int changes(void)
{
	set("changed by callee");
	return cio_yield();
}

static int scenario(void *arg)
{
	(void)arg;
	cio_task *tasks[] = {
		cio_spawn(handle, (&(struct request){"r1", 5})),
		cio_spawn(handle, (&(struct request){"r2", 1})),
		cio_spawn(handle, (&(struct request){"r3", 3})),
	};
	for (int i = 0; i < 3; i++)
		CHECK_INT(cio_await(tasks[i]), 0);
	say("creator sees %s", seen());
	set("main");
	CHECK_INT(changes(), 0);
	say("after a direct await: %s", seen());
	CHECK_INT(cio_await(cio_spawn(handle, (&(struct request){"r4", 1}))), 0);
	say("after a task: %s", seen());
	return 0;
}

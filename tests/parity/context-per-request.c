/* SPDX-License-Identifier: MIT */
/* each of several tasks has its own context, seen by what it calls and gathers */
/* drivers: sim */
#include "parity.h"

#include <cio/context.h>

static const CIO_CONTEXT_VAR(var, char[16], "none");

static const char *get(void)
{
	return cio_context_get(&var);
}

static void set(const char *text)
{
	char value[16] = "";
	snprintf(value, sizeof value, "%s", text);
	CHECK_INT(cio_context_set(&var, &value, NULL), 0);
}

struct leaf {
	const char *name, *label;
};

static int leaf(const struct leaf *l)
{
	int err = cio_sleep(T);
	say("%s %s sees %s", l->name, l->label, get());
	return err;
}

static int handler(const char *const *name)
{
	int err = 0;
	char changed[16];
	snprintf(changed, sizeof changed, "%s changed", *name);
	set(*name);
	CHECK_INT(leaf(&(struct leaf){*name, "itself"}), 0);
	CHECK_INT(cio_gather(CIO_TASKS(
			  cio_spawn(leaf, (&(struct leaf){*name, "child 1"})),
			  cio_spawn(leaf, (&(struct leaf){*name, "child 2"})))),
		0);
	CIO_GROUP (group, &err) {
		err = cio_group_spawn(&group, leaf,
			(&(struct leaf){*name, "group"}));
		set(changed);
	}
	say("%s now %s", *name, get());
	return err;
}

static int scenario(void *arg)
{
	static const char *const names[] = {"x", "y"};
	(void)arg;
	CHECK_INT(handler(&names[0]), 0);
	say("main sees %s", get());
	CHECK_INT(cio_await(cio_spawn(handler, &names[1])), 0);
	say("main sees %s", get());
	return 0;
}

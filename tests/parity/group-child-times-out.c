/* SPDX-License-Identifier: MIT */
/* a child's own timeout that it does not handle fails its group */
/* drivers: sim */
#include "parity.h"

static int child(const int *unused)
{
	int err = 0;
	(void)unused;
	CIO_TIMEOUT (T, &err)
		err = cio_sleep(50 * T);
	return err;
}

static int sibling(const int *unused)
{
	(void)unused;
	int err = cio_sleep(50 * T);
	say("sibling: %s", outcome(err));
	return err;
}

static int scenario(void *arg)
{
	cio_scope limit;
	int err = 0;
	(void)arg;
	cio_scope_begin(&limit, cio_now() + 20 * T);
	CIO_GROUP (group, &err) {
		(void)cio_group_spawn(&group, child, NOTHING);
		(void)cio_group_spawn(&group, sibling, NOTHING);
	}
	err = cio_scope_end(&limit, err);
	say("group: %s, errors %d", outcome(err), err < 0);
	say("of the limit around it %d", cio_scope_expired(&limit));
	CHECK_INT(cio_sleep(T), 0);
	say("main goes on");
	return 0;
}

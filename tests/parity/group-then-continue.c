/* SPDX-License-Identifier: MIT */
/* after a handled group error the parent's record is clean */
/* drivers: sim */
#include "parity.h"

static int fails(const int *unused)
{
	(void)unused;
	int err = cio_sleep(T);
	return err < 0 ? err : raise_error("boom");
}

static void one_group(const char *label, bool body_waits)
{
	int err = 0;
	CIO_GROUP (group, &err) {
		err = cio_group_spawn(&group, fails, NOTHING);
		if (body_waits)
			err = cio_sleep(LONG);
	}
	CHECK_INT(err, -EIO);
	say("%s | handled, requests on record %d", label, refused_now());
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	one_group("failed during the body", true);
	say("plain wait %s", outcome(cio_sleep(T)));
	one_group("failed during the final wait", false);
	say("plain wait %s", outcome(cio_sleep(T)));
	CIO_TIMEOUT (T, &err)
		err = cio_sleep(LONG);
	say("timeout scope %s", err == -ETIMEDOUT ? "ok" : "failed");
	one_group("second group", true);
	return 0;
}

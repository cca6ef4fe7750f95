/* SPDX-License-Identifier: MIT */
/* drivers: all */
/* threads */
/* context-into-threads - threads see the caller's request id, and keep theirs */
#include "parity.h"

#include <cio/context.h>
#include <cio/thread.h>
#include <cio/threadsafe.h>

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

static int blocking(void *label)
{
	say("%s sees %s", (const char *)label, seen());
	set("changed in the thread");
	return 0;
}

static int reads(void *label)
{
	say("%s sees %s", (const char *)label, seen());
	return 0;
}

static void *outsider(void *loop)
{
	cio_future *f;
	set("outsider");
	int err = cio_run_threadsafe(loop, reads, "submitted operation", &f);
	CHECK_INT(err < 0 ? err : cio_future_wait(f), 0);
	cio_loop_ref_put(loop);
	return NULL;
}

static int join(void *thread)
{
	return -pthread_join(*(pthread_t *)thread, NULL);
}

static int scenario(void *arg)
{
	(void)arg;
	cio_loop_ref *loop;
	int err = cio_loop_ref_take(&loop);
	if (err < 0)
		return err;
	set("r1");
	CHECK_INT(cio_to_thread(blocking, "to-thread"), 0);
	say("caller still sees %s", seen());

	cio_executor *e;
	CHECK_INT(cio_executor_open(&e, NULL), 0);
	CHECK_INT(cio_executor_run(e, blocking, "bare executor"), 0);
	cio_executor_close(e);

	pthread_t thread;
	CHECK_INT(pthread_create(&thread, NULL, outsider, loop), 0);
	CHECK_INT(cio_to_thread(join, &thread), 0);
	say("caller still sees %s", seen());
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* shutting a queue down, immediately or not, as CPython 3.13 does it */
/* drivers: sim */
#include "parity.h"

struct asker {
	cio_queue *queue;
	const char *label;
	int (*call)(cio_queue *q);
};

static int put(cio_queue *q)
{
	return cio_queue_put(q, &(int){3});
}

static int get(cio_queue *q)
{
	int n = 0, err = cio_queue_get(q, &n);
	return err < 0 ? err : n;
}

static int join(cio_queue *q)
{
	return cio_queue_join(q);
}

static int tell(const struct asker *a)
{
	int got = a->call(a->queue);
	if (got == -ESHUTDOWN)
		say("  %s -> shut down", a->label);
	else if (got > 0)
		say("  %s -> %d", a->label, got);
	else
		say("  %s -> %s", a->label, outcome(got));
	return 0;
}

static void attempt(bool immediate)
{
	cio_queue q;
	say("immediate %d", immediate);
	cio_queue_init(&q, sizeof(int), 2);
	for (int i = 1; i <= 2; i++)
		CHECK_INT(cio_queue_try_put(&q, &i), 0);
	cio_task *putter = cio_spawn(tell,
			 &(struct asker){&q, "waiting put", put}),
		 *joiner = cio_spawn(tell, &(struct asker){&q, "join", join});
	(void)cio_sleep(T);
	cio_queue_shutdown(&q, immediate);
	cio_queue_shutdown(&q, immediate);
	(void)cio_sleep(T);
	say("  joined %d", cio_task_done(joiner));
	(void)tell(&(struct asker){&q, "put", put});
	for (int i = 0; i < 3; i++)
		(void)tell(&(struct asker){&q, "get", get});
	for (int i = 0; i < 2 && !immediate; i++)
		CHECK_INT(cio_queue_task_done(&q), 0);
	CHECK_INT(cio_gather(CIO_TASKS(joiner, putter)), 0);
	CHECK_INT(cio_queue_finish(&q), 0);
}

static int scenario(void *arg)
{
	cio_queue q;
	cio_task *t[2];
	(void)arg;
	attempt(false);
	attempt(true);
	cio_queue_init(&q, sizeof(int), 0);
	for (int i = 0; i < 2; i++)
		t[i] = cio_spawn(tell,
			&(struct asker){&q, "waiting get", get});
	(void)cio_sleep(T);
	cio_queue_shutdown(&q, false);
	CHECK_INT(cio_gather(t, 2), 0);
	CHECK_INT(cio_queue_join(&q), 0);
	say("join after shutdown");
	return cio_queue_finish(&q);
}

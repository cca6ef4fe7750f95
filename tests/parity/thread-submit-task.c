/* SPDX-License-Identifier: MIT */
/* another thread hands work to the loop and waits for it */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static cio_loop_ref *loop;
static pthread_t loop_thread;

struct op {
	const char *name;
	int ticks;
	const char *error;
	char result[100];
};

static int run_op(void *arg)
{
	struct op *o = arg;
	int err = cio_sleep(o->ticks * T);
	if (err == 0 && o->error != NULL)
		err = raise_error(o->error);
	snprintf(o->result, sizeof o->result, "%s on the loop's thread %d",
		o->name, pthread_equal(pthread_self(), loop_thread) != 0);
	return err;
}

/* ---- the other thread ---- */

static cio_future *submit(struct op *o)
{
	cio_future *f = NULL;
	CHECK_INT(cio_run_threadsafe(loop, run_op, o, &f), 0);
	return f;
}

static int client(void *arg)
{
	struct op a = {.name = "a", .ticks = 1},
		  b = {.name = "b", .ticks = 1, .error = "boom"},
		  c = {.name = "c", .ticks = 8}, many[10];
	cio_future *f[10];
	int got = 0;
	(void)arg;
	CHECK_INT(cio_future_wait(submit(&a)), 0);
	say("client: %s", a.result);
	say("client: %s", outcome(cio_future_wait(submit(&b))));
	f[0] = submit(&c);
	if (cio_future_wait_for(f[0], 2 * T) == -ETIMEDOUT)
		say("client: gave up waiting, done %d", cio_future_done(f[0]));
	CHECK_INT(cio_future_wait(f[0]), 0);
	say("client: later %s", c.result);
	for (int i = 0; i < 10; i++) {
		many[i] = (struct op){.name = "one of ten", .ticks = 10 - i};
		f[i] = submit(&many[i]);
	}
	for (int i = 0; i < 10; i++)
		got += cio_future_wait(f[i]) == 0;
	say("client: ten in flight, got %d", got);
	return 0;
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	loop_thread = pthread_self();
	int err = cio_to_thread(client, NULL);
	cio_loop_ref_put(loop);
	say("main ends");
	return err;
}

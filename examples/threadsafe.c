/* SPDX-License-Identifier: MIT */
/* threadsafe.c - a plain thread has its work done by a loop, and waits for it */
#include <cio.h>

#include <pthread.h>
#include <stdio.h>

struct client {
	pthread_t thread;
	cio_loop_ref *loop;
	cio_event done;
	int total;
};

/* a task of the loop: it may wait, but not block */
static int double_it(void *arg)
{
	int err = cio_sleep(CIO_MS(1));
	return err < 0 ? err : 2 * *(int *)arg;
}

/* called by the loop itself, between tasks */
static int say_done(void *arg)
{
	cio_event_set(&((struct client *)arg)->done);
	return 0;
}

static void *client(void *arg)
{
	struct client *c = arg;
	for (int i = 1; i <= 3; i++) {
		cio_future *f;
		int err = cio_run_threadsafe(c->loop, double_it, &i, &f);
		if (err == 0) /* blocks this thread only */
			c->total += cio_future_wait(f);
	}
	(void)cio_call_threadsafe(c->loop, say_done, c);
	cio_loop_ref_put(c->loop);
	return NULL;
}

static int app(void *arg)
{
	struct client *c = arg;
	int err = cio_loop_ref_take(&c->loop);
	if (err < 0 || pthread_create(&c->thread, NULL, client, c) != 0)
		return -1;
	err = cio_event_wait(&c->done);
	pthread_join(c->thread, NULL);
	printf("the thread's total is %d\n", c->total);
	return err == 0 && c->total == 12 ? 0 : -1;
}

int main(void)
{
	struct client c = {0};
	return cio_run(app, &c) < 0;
}

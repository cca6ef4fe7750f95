/* SPDX-License-Identifier: MIT */
/* four threads post a thousand calls into the loop */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static cio_loop_ref *loop;
static pthread_t me;
static cio_event woken, finished;

struct post {
	int who, n;
};

static struct post posts[4][250];
static int next_of[4], disorder[4], delivered, wrong_thread;

static int wake(void *unused)
{
	(void)unused;
	cio_event_set(&woken);
	return 0;
}

static int deliver(void *arg)
{
	struct post *p = arg;
	wrong_thread += !pthread_equal(pthread_self(), me);
	disorder[p->who] += p->n != next_of[p->who]++;
	if (++delivered == 1000)
		cio_event_set(&finished);
	return 0;
}

static void *poke(void *unused)
{
	usleep((useconds_t)(3 * T / 1000));
	CHECK_INT(cio_call_threadsafe(loop, wake, unused), 0);
	return NULL;
}

static void *producer(void *arg)
{
	struct post *mine = arg;
	for (int n = 0; n < 250; n++)
		CHECK_INT(cio_call_threadsafe(loop, deliver, &mine[n]), 0);
	return NULL;
}

static int scenario(void *arg)
{
	pthread_t threads[5];
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&loop), 0);
	me = pthread_self();
	pthread_create(&threads[4], NULL, poke, NULL);
	CHECK_INT(cio_event_wait(&woken), 0);
	say("woken from outside");

	for (int i = 0; i < 4; i++)
		for (int n = 0; n < 250; n++)
			posts[i][n] = (struct post){i, n};
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, producer, posts[i]);
	CHECK_INT(cio_event_wait(&finished), 0);
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	cio_loop_ref_put(loop);
	say("delivered %d | in order %d %d %d %d | wrong thread %d", delivered,
		disorder[0] == 0, disorder[1] == 0, disorder[2] == 0,
		disorder[3] == 0, wrong_thread);
	return 0;
}

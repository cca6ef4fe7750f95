/* SPDX-License-Identifier: MIT */
/* four threads post a thousand calls into the loop */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static cio_loop *loop;
static pthread_t me;
static cio_event woken, finished;

struct post {
	cio_message message;
	int who, n;
};

static struct post posts[4][250];
static int next_of[4], disorder[4], delivered, wrong_thread;

static void wake(cio_message *m)
{
	(void)m;
	cio_event_set(&woken);
}

static void deliver(cio_message *m)
{
	struct post *p = (struct post *)m;
	wrong_thread += !pthread_equal(pthread_self(), me);
	disorder[p->who] += p->n != next_of[p->who]++;
	if (++delivered == 1000)
		cio_event_set(&finished);
}

static void *poke(void *arg)
{
	usleep((useconds_t)(3 * T / 1000));
	cio_loop_post(loop, arg);
	return NULL;
}

static void *producer(void *arg)
{
	struct post *mine = arg;
	for (int n = 0; n < 250; n++)
		cio_loop_post(loop, &mine[n].message);
	return NULL;
}

static int scenario(void *arg)
{
	pthread_t threads[5];
	cio_message hello = {.deliver = wake};
	(void)arg;
	loop = cio_current_loop();
	me = pthread_self();
	cio_loop_hold();
	pthread_create(&threads[4], NULL, poke, &hello);
	CHECK_INT(cio_event_wait(&woken), 0);
	say("woken from outside");

	for (int i = 0; i < 4; i++)
		for (int n = 0; n < 250; n++)
			posts[i][n] = (struct post){{.deliver = deliver}, i, n};
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, producer, posts[i]);
	CHECK_INT(cio_event_wait(&finished), 0);
	cio_loop_unhold();
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	say("delivered %d | in order %d %d %d %d | wrong thread %d", delivered,
		disorder[0] == 0, disorder[1] == 0, disorder[2] == 0,
		disorder[3] == 0, wrong_thread);
	return 0;
}

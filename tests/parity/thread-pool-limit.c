/* SPDX-License-Identifier: MIT */
/* a pool of two threads runs two jobs at once, in order */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int inside, peak, order[6], started;
static cio_executor *pool;

static int job(void *arg)
{
	const int *i = arg;
	pthread_mutex_lock(&guard);
	peak = ++inside > peak ? inside : peak;
	order[started++] = *i;
	pthread_mutex_unlock(&guard);
	usleep((useconds_t)(T * (2 + *i % 2) / 1000));
	pthread_mutex_lock(&guard);
	inside--;
	pthread_mutex_unlock(&guard);
	return *i * *i;
}

static int offload(int *i)
{
	return cio_executor_run(pool, job, i);
}

static int scenario(void *arg)
{
	int items[] = {0, 1, 2, 3, 4, 5}, results[6];
	(void)arg;
	CHECK_INT(
		cio_executor_open(&pool, &(cio_executor_options){.threads = 2}),
		0);
	CHECK_INT(cio_map(offload, items, 6, .results = results), 0);
	cio_executor_close(pool);
	say("results: %d %d %d %d %d %d", results[0], results[1], results[2],
		results[3], results[4], results[5]);
	say("peak %d | first two started %d %d | all %d", peak,
		order[0] < order[1] ? order[0] : order[1],
		order[0] < order[1] ? order[1] : order[0], started);
	return 0;
}

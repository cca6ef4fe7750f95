/* SPDX-License-Identifier: MIT */
/* a queued job can be withdrawn, a running one is waited for */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

#include <semaphore.h>

static sem_t gate;
static char log_text[200];
static cio_executor *pool;

static int job(void *arg)
{
	const int *n = arg; /* one thread: the log needs no lock */
	sprintf(log_text + strlen(log_text), " job%d starts", *n);
	while (sem_wait(&gate) < 0)
		;
	sem_post(&gate);
	sprintf(log_text + strlen(log_text), " job%d ends", *n);
	return *n == 1 ? raise_error("late error") : 0;
}

static int on_pool(const int *n)
{
	int copy = *n;
	return cio_executor_run(pool, job, &copy);
}

static int scenario(void *arg)
{
	cio_task *tasks[3];
	(void)arg;
	sem_init(&gate, 0, 0);
	CHECK_INT(
		cio_executor_open(&pool, &(cio_executor_options){.threads = 1}),
		0);
	for (int i = 0; i < 3; i++)
		tasks[i] = cio_spawn(on_pool, &(int){i + 1});
	(void)cio_sleep(2 * T);
	cio_task_cancel(tasks[0], "no need");
	cio_task_cancel(tasks[1], "no need");
	(void)cio_sleep(T);
	say("waits ended %d %d", cio_task_done(tasks[0]),
		cio_task_done(tasks[1]));
	sem_post(&gate);
	for (int i = 0; i < 3; i++)
		say("job%d: %s", i + 1, outcome(cio_await(tasks[i])));
	cio_executor_close(pool);
	sem_destroy(&gate);
	say("thread log:%s", log_text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* a pool of threads is shut down: what runs ends, what comes later is refused */
/* drivers: epoll uring */
/* threads */
#include "parity.h"

static cio_executor *pool;

static int work(void *arg)
{
	usleep((useconds_t)(3 * T / CIO_US(1)));
	return *(int *)arg;
}

static int on_pool(const int *n)
{
	int copy = *n;
	return cio_executor_run(pool, work, &copy);
}

static int closes(const int *unused)
{
	(void)unused;
	cio_executor_close(pool);
	return 0;
}

static const char *result(int got)
{
	static char text[20];
	snprintf(text, sizeof text, "%d", got);
	return got >= 0 ? text : got == -ESHUTDOWN ? "refused" : outcome(got);
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(
		cio_executor_open(&pool, &(cio_executor_options){.threads = 1}),
		0);
	cio_task *runs = cio_spawn(on_pool, &(int){1}),
		 *queued = cio_spawn(on_pool, &(int){2});
	CHECK_INT(cio_sleep(T), 0);
	cio_task *close = cio_spawn(closes, NOTHING);
	CHECK_INT(cio_yield(), 0);
	cio_task *later = cio_spawn(on_pool,
		&(int){3}); /* it is being closed */
	say("running: %s", result(cio_await(runs)));
	say("queued: %s", result(cio_await(queued)));
	say("later: %s", result(cio_await(later)));
	return cio_await(close);
}

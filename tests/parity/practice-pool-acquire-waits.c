/* SPDX-License-Identifier: MIT */
/* a pool of five under twenty requests: waiting, no errors */
/* drivers: sim */
#include "parity.h"

static cio_pool *pool;
static int now, peak, ok;

static int open_connection(void *arg, cio_str key, const void *how, void **item)
{
	static int connections[5], n;
	(void)arg;
	(void)key;
	(void)how;
	*item = &connections[n++];
	return 0;
}

static void close_connection(void *arg, void *item)
{
	(void)arg;
	(void)item;
}

static int request(const int *i)
{
	cio_lease lease;
	int err = cio_pool_acquire(pool, cio_str_of("db"), NULL, &lease);
	if (err < 0)
		return err;
	peak = ++now > peak ? now : peak;
	err = cio_sleep(6 * T);
	if (err == 0 && *i % 5 == 4)
		err = cio_fail(-EIO, "query %d", *i);
	ok += err == 0;
	now--;
	cio_pool_release(pool, &lease, true);
	return err;
}

static int scenario(void *arg)
{
	cio_task *tasks[20];
	int results[20], failed = 0, cancelled = 0, err = 0;
	(void)arg;
	CHECK_INT(cio_pool_open(&pool,
			  &(cio_pool_options){.limit = 5,
				  .open = open_connection,
				  .close = close_connection}),
		0);
	for (int i = 0; i < 20; i++)
		tasks[i] = cio_spawn(request, &i);
	(void)cio_sleep(T);
	uint32_t waits = cio_pool_get_figures(pool).waiting + 1; /* and we */
	CIO_TIMEOUT (T, &err) {
		cio_lease lease;
		err = cio_pool_acquire(pool, cio_str_of("db"), NULL, &lease);
	}
	say("asking with a limit: %s", outcome(err));
	cio_task_cancel(tasks[0], "no need");
	cio_task_cancel(tasks[19], "no need");
	(void)cio_gather(tasks, 20, .errors = CIO_COLLECT, .results = results);
	for (int i = 0; i < 20; i++) {
		failed += results[i] == -EIO;
		cancelled += results[i] == -ECANCELED;
	}
	say("opened %d | peak in use %d | waits %u | ok %d | failed %d | "
	    "cancelled %d",
		(int)cio_pool_get_figures(pool).opened, peak, waits, ok, failed,
		cancelled);
	say("closed with all connections back %d", cio_pool_close(pool) == 0);
	return 0;
}

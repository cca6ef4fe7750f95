/* SPDX-License-Identifier: MIT */
/*
 * pool.c - twenty callers share four connections: "20 calls, 4 opened, 16 reused"
 */
#include <cio.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Stands for a connection to a database. */
struct connection {
	int calls;
};

static int open_one(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)key;
	(void)how;
	int err = cio_sleep(CIO_MS(1)); /* it may wait */
	if (err < 0)
		return err;
	*item = calloc(1, sizeof(struct connection));
	return *item != NULL ? 0 : -ENOMEM;
}

static void close_one(void *arg, void *item)
{
	(void)arg;
	free(item);
}

static int call(cio_pool *const *pool)
{
	int err = 0;
	CIO_LEASE(lease, &err, *pool, cio_str_of("db"), NULL) {
		((struct connection *)lease.item)->calls++;
		err = cio_sleep(CIO_MS(1)); /* the question and its answer */
	}
	return err;
}

static int app(void *arg)
{
	(void)arg;
	cio_pool *pool;
	int err = cio_pool_open(&pool,
		&(cio_pool_options){.name = "database",
			.limit = 4,
			.idle_timeout = CIO_S(30),
			.max_lifetime = CIO_S(3600),
			.acquire_timeout = CIO_S(5), /* then -ETIMEDOUT */
			.lease_warning = CIO_S(10),  /* names who holds it */
			.open = open_one,
			.close = close_one});
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 20 && err == 0; i++)
			err = cio_group_spawn(&g, call, &pool);
	}
	cio_pool_figures f = cio_pool_get_figures(pool);
	cio_pool_waits w = cio_pool_get_waits(pool);
	cio_pool_close(pool);
	printf("20 calls, %d opened, %d reused; one of them waited %d ms\n",
		(int)f.opened, (int)f.reused, (int)(w.max / CIO_MS(1)));
	return err == 0 && f.opened == 4 && f.reused == 16 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

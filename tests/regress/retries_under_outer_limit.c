/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * retries_under_outer_limit.c - a limit around a retry loop ends the loop
 *
 * An inner limit that was cut by an outer one came out as the code that the outer
 * scope's own calls get, -ETIMEDOUT: a loop that tries again when its try has timed
 * out took the outer deadline for the try's, and went on for ever.
 */
#include "check.h"

#include <cio.h>
#include <cio/pool.h>
#include <cio/wait.h>
#include <errno.h>

enum { TRIES = 3, MOST = 1000 };
#define SHORT CIO_MS(2)
#define LONG CIO_S(3600)

static int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

/* Three times too slow within a limit of its own, then within none to speak of. */
static cio_duration limit_of(int n)
{
	return n < TRIES ? SHORT : LONG;
}

static int by_block(int n)
{
	int err = 0;
	CIO_TIMEOUT (limit_of(n), &err)
		err = cio_sleep(LONG);
	return err;
}

static int by_wait_for(int n)
{
	return cio_wait_for(cio_spawn(sleeps, &(cio_duration){LONG}),
		limit_of(n));
}

static int in_task(const int *n)
{
	return by_block(*n);
}

static int by_await(int n)
{
	return cio_await(cio_spawn(in_task, &n));
}

static int by_gather(int n)
{
	return cio_gather(CIO_TASKS(cio_spawn(in_task, &n)));
}

static int by_group(int n)
{
	int err = 0;
	CIO_GROUP (g, &err)
		err = cio_group_spawn(&g, in_task, &n);
	return err;
}

static int by_group_with_a_body(int n)
{
	int err = 0;
	CIO_GROUP (g, &err)
		err = by_block(n);
	return err;
}

static int by_wait(int n)
{
	cio_task *t = cio_spawn(sleeps, &(cio_duration){LONG});
	int err = cio_wait(&t, 1, CIO_ALL_COMPLETED, limit_of(n));
	cio_task_cancel(t, "the try is over");
	(void)cio_await(t);
	return err;
}

static cio_pool *pool; /* its acquire_timeout is -ETIMEDOUT, too */

static int by_pool(int n)
{
	cio_lease l;
	(void)n;
	return cio_pool_acquire(pool, cio_str_of("key"), NULL, &l);
}

static int open_item(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg;
	(void)key;
	(void)how;
	*item = &pool;
	return 0;
}

static void close_item(void *arg, void *item)
{
	(void)arg;
	(void)item;
}

static void tries(int (*try)(int n), cio_duration limit, int most)
{
	int err = 0, n = 0;
	CIO_TIMEOUT (limit, &err) {
		while (n < MOST && (err = try(n)) == -ETIMEDOUT)
			n++;
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(n, most);
	CHECK_INT(err, -ETIMEDOUT); /* the limit itself is told at its end */
}

static int every_kind(void *arg)
{
	static int (*const all[])(int n) = {by_block, by_wait_for, by_wait,
		by_await, by_gather, by_group, by_group_with_a_body};
	(void)arg;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		tries(all[i], CIO_MS(40), TRIES);
		tries(all[i], 0, 0); /* over before the first */
	}
	CHECK_INT(cio_pool_open(&pool,
			  &(cio_pool_options){.acquire_timeout = SHORT,
				  .open = open_item,
				  .close = close_item}),
		0);
	tries(by_pool, 0, 0);
	CHECK_INT(cio_pool_close(pool), 0);
	return 0;
}

static void the_loop_ends(void **state)
{
	(void)state;
	assert_int_equal(check_run(every_kind, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loop_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

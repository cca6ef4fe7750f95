/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * eager_starves.c - a task that only spawns eager ones
 *
 * Each start gave the spawner a new budget of checks, so that no checkpoint of
 * its ever yielded: a server that starts a handler for each connection that is
 * there already let nobody else have a turn.
 */
#include "check.h"

#include <cio.h>

static int nothing(const int *unused)
{
	(void)unused;
	return 0;
}

static int waits(const int *unused)
{
	(void)unused;
	return cio_yield();
}

static int notes(bool *const *ran)
{
	**ran = true;
	return 0;
}

static int spawns(int (*fn)(const int *))
{
	static const cio_task_options eager = {.eager = true};
	bool ran = false, *p = &ran;
	int err = 0, n = 0;
	cio_task *t = cio_spawn(notes, &p);
	CIO_GROUP (g, &err) {
		for (; n < 1000 && !ran && err == 0; n++)
			err = cio_group_spawn_with(&g, &eager, fn, &n);
	}
	CHECK_INT(err, 0);
	CHECK(n <= 129);
	return cio_await(t);
}

static int spawn_without_end(void *arg)
{
	(void)arg;
	int err = spawns(nothing);
	return err == 0 ? spawns(waits) : err;
}

static void others_have_their_turn(void **state)
{
	(void)state;
	assert_int_equal(check_run(spawn_without_end, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_have_their_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

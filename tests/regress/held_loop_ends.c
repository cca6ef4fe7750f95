/* SPDX-License-Identifier: MIT */
/* drivers: all */ /* threads */
/*
 * held_loop_ends.c - a held loop outlives its main task
 *
 * A hold kept the loop from calling a deadlock, and no more: once main had
 * returned, the loop was freed, and the thread posted into freed memory.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static cio_loop *loop;
static cio_message message;
static atomic_bool main_returned;
static bool delivered;

static void deliver(cio_message *m)
{
	(void)m;
	delivered = true;
	cio_loop_unhold();
}

static void *posts_late(void *arg)
{
	(void)arg;
	while (!atomic_load(&main_returned))
		usleep(1000);
	usleep(1000); /* the run is free to end now, if it dares */
	cio_loop_post(loop, &message);
	return NULL;
}

static int returns_while_held(void *arg)
{
	pthread_t *thread = arg;
	message.deliver = deliver;
	loop = cio_current_loop();
	cio_loop_hold();
	if (!CHECK_INT(pthread_create(thread, NULL, posts_late, NULL), 0))
		cio_loop_unhold();
	atomic_store(&main_returned, true);
	return 3;
}

static void message_is_waited_for(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(check_run(returns_while_held, &thread), 3);
	assert_true(delivered);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */ /* threads */
/*
 * cancel_site.c - where the program cancelled
 *
 * Who was cancelled by the abort of a server, its close, or a future was told a
 * line of the library.
 */
#include <cio/run.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <cio/event.h>
#include <cio/scope.h>
#include <cio/stream_server.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/threadsafe.h>
#include <cio/time.h>

#include "check.h"

static int told;
static cio_event served;

static int note_cause(int err)
{
	cio_cause c;
	CHECK(cio_cancel_cause(&c));
	printf("# cancelled at %s: %s\n", c.where, c.why);
	told += strstr(c.where, "cancel_site.c:") != NULL;
	return err;
}

static int handle(cio_stream *s, void *arg)
{
	char byte;
	(void)arg;
	cio_event_set(&served);
	return note_cause((int)cio_stream_read(s, &byte, 1));
}

static int serve(cio_stream_server **server, cio_stream **s)
{
	served = (cio_event){0};
	int err = cio_stream_server_open(server, handle, NULL, NULL);
	if (err == 0)
		err = cio_tcp_connect(s, "127.0.0.1",
			cio_stream_server_port(*server), NULL);
	return err < 0 ? err : cio_event_wait(&served);
}

static int ends_servers(void *arg)
{
	cio_stream_server *server;
	cio_stream *s;
	(void)arg;
	CHECK_INT(serve(&server, &s), 0);
	CHECK_INT(cio_stream_server_abort(server), 0);
	CHECK_INT(cio_stream_server_close(server, 0), -ETIMEDOUT);
	cio_stream_close(s);
	CHECK_INT(told, 1);

	CHECK_INT(serve(&server, &s), 0);
	CHECK_INT(cio_stream_server_close(server, 0), -ETIMEDOUT);
	cio_stream_close(s);
	CHECK_INT(told, 2);
	return 0;
}

/* ---- a future ---- */

static cio_loop_ref *ref;

static int sleeps(void *arg)
{
	(void)arg;
	return note_cause(cio_sleep(CIO_S(60)));
}

static void *cancels(void *arg)
{
	cio_future *f;
	if (CHECK_INT(cio_run_threadsafe(ref, sleeps, NULL, &f), 0)) {
		cio_future_cancel(f);
		CHECK_INT(cio_future_wait(f), -ECANCELED);
	}
	cio_loop_ref_put(ref);
	return arg;
}

static int join(void *thread)
{
	return -pthread_join(*(pthread_t *)thread, NULL);
}

static int waits_for_thread(void *arg)
{
	pthread_t thread;
	(void)arg;
	CHECK_INT(cio_loop_ref_take(&ref), 0);
	CHECK_INT(pthread_create(&thread, NULL, cancels, NULL), 0);
	return cio_to_thread(join, &thread);
}

static void where_the_program_cancelled(void **state)
{
	(void)state;
	told = 0;
	assert_int_equal(check_run(ends_servers, NULL), 0);
	told = 0;
	assert_int_equal(check_run(waits_for_thread, NULL), 0);
	assert_int_equal(told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_the_program_cancelled),
	};
	return cmocka_run_group_tests_name("cancel_site", tests, NULL, NULL);
}

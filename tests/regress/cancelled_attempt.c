/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cancelled_attempt.c - an attempt that is cancelled by itself cancels the call
 *
 * Each address of a name is tried in a task of its own. When only that task was
 * cancelled, the attempt was passed over, and the call told why another address
 * had failed. And a `resolve` that found nothing made the call succeed without a
 * stream.
 */
#include "check.h"

#include <cio.h>
#include <cio/sim.h>
#include <errno.h>

static int two(void *arg, const char *host, uint16_t port, cio_address *out,
	int max)
{
	(void)arg;
	(void)host;
	(void)max;
	CHECK_INT(cio_address_parse("127.0.0.1", port, &out[0]), 0);
	CHECK_INT(cio_address_parse("127.0.0.9", 1, &out[1]), 0); /* refuses */
	return 2;
}

static int none(void *arg, const char *host, uint16_t port, cio_address *out,
	int max)
{
	(void)arg;
	(void)host;
	(void)port;
	(void)out;
	(void)max;
	return 0;
}

/* A full backlog: whoever connects sleeps. */
static int cancelled(void *arg)
{
	cio_listener *l;
	cio_stream *full[2] = {0}, *s = NULL;
	const int *at = arg;
	if (!CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0,
		&(cio_listen_options){.backlog = 1}), 0))
		return -1;
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_tcp_connect(&full[i], "127.0.0.1",
			cio_listener_port(l), NULL), 0);
	cio_sim_cancel_suspended_at((uint64_t)*at);
	int err = cio_tcp_connect(&s, "two.test", cio_listener_port(l),
		&(cio_tcp_options){.resolve = two, .attempt_delay = CIO_S(50),
			.connect_timeout = CIO_MS(50)});
	cio_sim_cancel_suspended_at(0);
	CHECK(err == -ECANCELED || (*at > 2 && err == -ETIMEDOUT));
	for (int i = 0; i < 2; i++)
		cio_stream_close(full[i]);
	cio_listener_close(l);
	return 0;
}

static void cancels_the_call(void **state)
{
	(void)state;
	for (int at = 1; at < 5; at++)
		assert_int_equal(check_run(cancelled, &at), 0);
}

static int nothing_found(void *arg)
{
	(void)arg;
	cio_stream *s = NULL;
	CHECK_INT(cio_tcp_connect(&s, "none.test", 80,
		&(cio_tcp_options){.resolve = none}), -CIO_EDNS);
	CHECK(strstr(cio_error_text(), "none.test") != NULL);
	return 0;
}

static void nothing_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(check_run(nothing_found, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancels_the_call),
		cmocka_unit_test(nothing_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

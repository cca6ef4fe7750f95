/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * server.c - rule SD-01: a server ends in three steps, and none of them hangs
 */
#include "rules/rules.h"
#include "unit/http/server_site.h"

static const char wait_text[] = "GET /wait HTTP/1.1\r\n" HOST "\r\n";

/* What the peer sees once it is cut off: its end, or a reset. */
static void expect_cut(cio_stream *s)
{
	char room[4096];
	ssize_t n;
	do
		n = cio_stream_read(s, room, sizeof room);
	while (n > 0);
	CHECK(n == 0 || n == -ECONNRESET);
}

RULE(sd_01_three_calls_end_a_server_step_by_step)
{
	struct site site;
	cio_stream *none;
	CHECK_INT(open_site(&site), 0);
	cio_stream *idle = dial(&site), *busy = dial(&site);
	CHECK_INT(say(busy, wait_text), 0);
	CHECK_INT(cio_event_wait(&site.entered), 0);

	cio_http_server_close_listeners(site.server);
	CHECK_INT(cio_tcp_connect(&none, "127.0.0.1", site.port, NULL),
		-ECONNREFUSED);
	CHECK_INT(cio_http_server_get_figures(site.server).active, 1);

	CHECK_INT(cio_http_server_drain(site.server, CIO_MS(20), NULL),
		-ETIMEDOUT);
	expect_cut(idle);
	CHECK_INT(cio_http_server_get_figures(site.server).active, 1);

	CHECK_INT(cio_http_server_abort(site.server), 0);
	CHECK_INT(cio_http_server_get_figures(site.server).connections, 0);
	expect_cut(busy);
	CHECK_INT(cio_http_server_drain(site.server, LONG, NULL), 0);
	(void)cio_http_server_close(site.server, LONG, NULL);
	cio_stream_close(idle);
	cio_stream_close(busy);
	return 0;
}

RULE(sd_01_a_close_waits_for_nobody_who_is_idle)
{
	struct site site;
	cio_stream *s[3];
	CHECK_INT(open_with(&site,
			  (cio_http_server_options){.keep_alive = 2 * LONG,
				  .head_timeout = 2 * LONG}),
		0);
	for (int i = 0; i < 3; i++)
		s[i] = dial(&site);
	while (cio_http_server_get_figures(site.server).accepted < 3)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	cio_time before = cio_now();
	CHECK_INT(cio_http_server_close(site.server, LONG, NULL), 0);
	CHECK(cio_now() - before < LONG); /* sim's would have jumped there */
	for (int i = 0; i < 3; i++) {
		expect_cut(s[i]);
		cio_stream_close(s[i]);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sd_01_three_calls_end_a_server_step_by_step),
		cmocka_unit_test(sd_01_a_close_waits_for_nobody_who_is_idle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

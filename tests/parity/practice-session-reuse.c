/* SPDX-License-Identifier: MIT */
/* one shared session keeps its connections; a session per request does not */
/* drivers: epoll uring sim */
#include "parity.h"

#include <cio/http_server.h>
#include <cio/http_session.h>

static int answer(cio_request *req, cio_response *res)
{
	int err = cio_sleep(T);
	if (err < 0)
		return err;
	int64_t i = cio_path_int(req, "i");
	if (i == 99)
		return cio_respond(res, 500, NULL, "");
	return cio_respond_format(res, 200, "text/plain", "ok %d", (int)i);
}

static const cio_route routes[] = {{CIO_GET, "/{i:int}", answer}, {0}};

static cio_http_server *server;
static cio_http_session *session;
static char last[32];

static int get(int *i)
{
	char url[64];
	cio_buf body = {0};
	snprintf(url, sizeof url, "http://127.0.0.1:%u/%d",
		cio_http_server_port(server), *i);
	int status = cio_http_get(session, url, &body);
	snprintf(last, sizeof last, "%s", body.n > 0 ? body.p : "");
	cio_buf_finish(&body);
	return status;
}

static void open_session(void)
{
	session = cio_http_session_open(
		&(cio_http_session_options){.limit = 3});
}

static void report(const char *label)
{
	static uint64_t before;
	(void)cio_sleep(2 * T);
	cio_http_server_figures f = cio_http_server_get_figures(server);
	say("%s | connections %d | ended %d", label, (int)(f.accepted - before),
		(int)(f.accepted - before - f.connections));
	before = f.accepted;
}

static int scenario(void *arg)
{
	int items[10], results[10], good = 0, bad = 99;
	(void)arg;
	CHECK_INT(cio_http_server_open(&server,
			  &(cio_http_server_options){.routes = routes}),
		0);
	for (int i = 0; i < 10; i++)
		items[i] = i;

	open_session();
	for (int i = 0; i < 10; i++)
		CHECK_INT(get(&items[i]), 200);
	cio_http_session_close(session);
	report("one by one, shared session");

	open_session();
	CHECK_INT(cio_map(get, items, 10, .results = results), 0);
	for (int i = 0; i < 10; i++)
		good += results[i] == 200;
	say("answers %d %s", good, last);
	say("error: %s", get(&bad) == 500 ? "server error" : "none");
	cio_http_session_close(session);
	report("at once, limit three");

	for (int i = 0; i < 10; i++) {
		open_session();
		CHECK_INT(get(&items[i]), 200);
		cio_http_session_close(session);
	}
	report("a session per request");
	return cio_http_server_close(server, T, NULL);
}

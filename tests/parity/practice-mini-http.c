/* SPDX-License-Identifier: MIT */
/* keep-alive, pipelining, error statuses with retry, a limit */
/* drivers: epoll uring sim */
#include "parity_net.h"

#include <cio/http_server.h>
#include <cio/http_session.h>

enum { PAGES = 200 };

static cio_http_server *server;
static cio_http_session *session;
static int seen[PAGES], statuses[600];

static int page(cio_request *req, cio_response *res)
{
	char body[512] = "item ";
	int64_t n = cio_path_int(req, "n");
	if (n >= PAGES)
		return -ENOENT;
	seen[n]++;
	int status = n % 10 == 9 ? 404 : n % 10 == 4 && seen[n] < 3 ? 503 : 200;
	for (int i = 0; i < 50 && status == 200; i++)
		sprintf(body + strlen(body), "/%d", (int)n);
	statuses[status]++;
	return cio_respond(res, status, "text/plain",
		status == 200 ? body : "");
}

static const cio_route routes[] = {{CIO_GET, "/{n:int}", page}, {0}};

static int fetch(int *n)
{
	char url[64];
	cio_buf body = {0};
	snprintf(url, sizeof url, "http://127.0.0.1:%u/%d",
		cio_http_server_port(server), *n);
	int status = cio_http_get(session, url, &body);
	int size = (int)body.n;
	cio_buf_finish(&body);
	return status == 200 ? size : status < 0 ? status : 0;
}

/* Read the head and the body of an answer: its status. */
static int receive(cio_stream *s)
{
	char line[256], body[512];
	size_t length = 0;
	if (read_line(s, line, sizeof line) < 0)
		return -CIO_EEOF;
	int status = atoi(line + strlen("HTTP/1.1 "));
	while (read_line(s, line, sizeof line) > 1)
		if (strncmp(line, "Content-Length: ", 16) == 0)
			length = (size_t)atoi(line + 16);
	CHECK(length <= sizeof body);
	int err = cio_stream_read_exactly(s, body, length, NULL);
	return err < 0 ? err : status;
}

static void pipeline(void)
{
	cio_stream *s = client_open(cio_http_server_port(server));
	(void)send_text(s,
		"GET /1 HTTP/1.1\r\nHost: test\r\n\r\n"
		"GET /19 HTTP/1.1\r\nHost: test\r\n\r\n"
		"GET /2 HTTP/1.1\r\nHost: test\r\n\r\n");
	add("pipelined:");
	for (int i = 0; i < 3; i++)
		add(" %d", receive(s));
	say("%s", "");
	cio_stream_close(s);
}

static int scenario(void *arg)
{
	static int numbers[PAGES], sizes[PAGES];
	int good = 0, bytes = 0;
	(void)arg;
	CHECK_INT(cio_http_server_open(&server,
			  &(cio_http_server_options){.routes = routes}),
		0);
	session = cio_http_session_open(&(cio_http_session_options){.limit = 20,
		.retries = 2,
		.backoff = CIO_MS(1)});
	for (int i = 0; i < PAGES; i++)
		numbers[i] = i;
	CHECK_INT(cio_map(fetch, numbers, PAGES, .results = sizes), 0);
	cio_http_session_close(session);
	for (int i = 0; i < PAGES; i++) {
		good += sizes[i] > 0;
		bytes += sizes[i];
	}
	say("succeeded %d of %d | bytes %d", good, PAGES, bytes);
	say("statuses: 200=%d 404=%d 503=%d", statuses[200], statuses[404],
		statuses[503]);
	pipeline();
	return cio_http_server_close(server, T, NULL);
}

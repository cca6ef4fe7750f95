/* SPDX-License-Identifier: MIT */
/*
 * around.c - what a session does around each request: a middleware that adds a
 * token and counts, a hook that tells where the time went
 *
 *	$ ./around
 *	start wait dns connect connected send sent first_byte head received end
 *	start wait reused send sent first_byte head received end
 *	2 requests, 2 with a token
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>
#include <errno.h>
#include <stdio.h>

static int with_token(cio_http_call *call, void *count)
{
	static const cio_http_header token[] = {{"X-Token", "secret"}, {0}};
	call->request->headers = token;
	int status = cio_http_call_next(call);
	if (status == 200)
		++*(int *)count;
	return status;
}

static void tell(void *arg, const cio_http_trace *event)
{
	(void)arg;
	printf("%s%c", cio_http_event_name(event->event),
		event->event == CIO_HTTP_EVENT_END ? '\n' : ' ');
}

static int guarded(cio_request *req, cio_response *res)
{
	cio_str token = cio_request_header(req, "X-Token");
	if (!cio_str_equal(token, cio_str_of("secret")))
		return -EACCES; /* 403 */
	return cio_respond(res, 200, "text/plain", "come in");
}

static int ask_twice(int port)
{
	int count = 0, status = 0;
	char base[64];
	snprintf(base, sizeof base, "http://127.0.0.1:%d/", port);
	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
		.base_url = base,
		.middleware = (cio_http_middleware[]){{with_token, &count}, {0}},
		.trace = tell});
	for (int i = 0; i < 2 && http != NULL && status >= 0; i++) {
		cio_buf body = {0};
		status = cio_http_get(http, "/guarded", &body);
		cio_buf_finish(&body);
	}
	printf("2 requests, %d with a token\n", count);
	cio_http_session_close(http);
	return count == 2 ? 0 : -1;
}

static int app(void *arg)
{
	static const cio_route routes[] = {{CIO_GET, "/guarded", guarded}, {0}};
	cio_http_server *server;
	(void)arg;
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	err = ask_twice(cio_http_server_port(server));
	return cio_http_server_close(server, CIO_S(1), NULL) < 0 ? -1 : err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

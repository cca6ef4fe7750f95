/* SPDX-License-Identifier: MIT */
/*
 * download.c - an answer that is read as it comes, in constant memory
 *
 *	$ ./download
 *	1000000 bytes, 200
 *	$ ./download https://example.org/
 */
#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 1000000 };

static int serve(cio_request *req, cio_response *res)
{
	char *body = calloc(1, SIZE);
	(void)req;
	int err = body == NULL ? -1 :
		cio_respond_bytes(res, 200, "text/plain", body, SIZE);
	free(body);
	return err;
}

static int download(const char *url)
{
	char piece[4096];
	ssize_t n;
	cio_http_response response = {0};
	cio_http_reader *in;
	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
		.total_timeout = CIO_S(60), .read_timeout = CIO_S(10)});
	if (http == NULL)
		return -1;
	int status = cio_http_reader_open(&in, http,
		&(cio_http_request_options){.url = url}, &response);
	if (status >= 0) {
		while ((n = cio_http_reader_read(in, piece, sizeof piece)) > 0)
			continue; /* write it somewhere: a slow reader slows the server */
		status = n < 0 ? (int)n : status;
		cio_http_reader_close(in);
	}
	if (status < 0)
		fprintf(stderr, "%s\n", cio_error_text());
	else
		printf("%d bytes, %d\n", (int)response.body_size, status);
	cio_http_response_finish(&response);
	cio_http_session_close(http);
	return status < 0 ? status : 0;
}

static int app(void *url)
{
	static const cio_route routes[] = {{CIO_GET, "/", serve}, {0}};
	cio_http_server *server;
	char own[64];
	if (url != NULL)
		return download(url);
	int err = cio_http_server_open(&server,
		&(cio_http_server_options){.routes = routes});
	if (err < 0)
		return err;
	snprintf(own, sizeof own, "http://127.0.0.1:%d/",
		cio_http_server_port(server));
	err = download(own);
	return cio_http_server_close(server, CIO_S(1), NULL) < 0 ? -1 : err;
}

int main(int argc, char **argv)
{
	return cio_run(app, argc > 1 ? argv[1] : NULL) < 0;
}

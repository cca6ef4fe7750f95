/* SPDX-License-Identifier: MIT */
/*
 * http_server.c - what a request costs the server
 *
 *	http_server PORT
 *
 * Answers GET / with 13 bytes until SIGTERM, then prints the CPU microseconds
 * for each request.
 */
#include <cio.h>
#include <cio/http_server.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static int hello(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond(res, 200, "text/plain", "Hello, World!");
}

static const cio_route routes[] = {
	{CIO_GET, "/", hello},
	{CIO_GET, NULL, NULL},
};

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static int app(void *arg)
{
	char **argv = arg;
	cio_http_server *server;
	cio_signals stop;
	int err = cio_signals_open(&stop, CIO_SIGNAL(SIGTERM));
	if (err < 0)
		return err;
	err = cio_http_server_open(&server, &(cio_http_server_options){
		.port = (uint16_t)atoi(argv[1]), .routes = routes});
	if (err < 0) {
		fprintf(stderr, "http_server: %s\n", cio_error_text());
		return err;
	}
	double cpu = cpu_seconds();
	cio_signals_wait(&stop);
	cio_http_server_figures f = cio_http_server_get_figures(server);
	printf("%.3f %llu\n", (cpu_seconds() - cpu) * 1e6 /
		(double)(f.requests > 0 ? f.requests : 1),
		(unsigned long long)f.requests);
	cio_http_server_close(server, CIO_S(1), NULL);
	cio_signals_close(&stop);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: http_server PORT\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * echo.c - what an echoed message costs the server: streams, a task a connection
 *
 *	echo PORT
 *
 * Sends back what comes until SIGTERM. bench/run measures the process from
 * outside, since the bare loops cannot tell their own CPU time.
 */
#include <cio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int serve(cio_stream *const *stream)
{
	cio_stream *s = *stream;
	ssize_t n;
	while ((n = cio_stream_fill(s)) > 0) {
		cio_str bytes = cio_stream_peek(s);
		n = cio_stream_write(s, bytes.p, bytes.n, NULL);
		if (n < 0)
			break;
		cio_stream_consume(s, bytes.n);
	}
	cio_stream_close(s);
	return 0; /* a peer that went away is no failure here */
}

static int accept_all(cio_listener *const *listener)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		cio_stream *s;
		while ((err = cio_listener_accept(*listener, &s)) == 0) {
			err = cio_group_spawn(&g, serve, &s);
			if (err < 0) {
				cio_stream_close(s);
				break;
			}
		}
	}
	return err;
}

static int app(void *arg)
{
	char **argv = arg;
	cio_signals stop;
	int err = cio_signals_open(&stop, CIO_SIGNAL(SIGTERM));
	if (err < 0)
		return err;
	cio_listener *listener;
	err = cio_tcp_listen(&listener, "127.0.0.1", (uint16_t)atoi(argv[1]),
		NULL);
	if (err == 0) {
		cio_task *t = cio_spawn(accept_all, &listener);
		(void)cio_signals_wait(&stop);
		cio_task_cancel(t, "SIGTERM");
		(void)cio_await(t);
		cio_listener_close(listener);
	} else {
		fprintf(stderr, "echo: %s\n", cio_error_text());
	}
	cio_signals_close(&stop);
	return err;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: echo PORT\n");
		return 2;
	}
	return cio_run(app, argv) < 0;
}

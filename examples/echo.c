/* SPDX-License-Identifier: MIT */
/*
 * echo.c - a TCP server that sends back what it gets, and clients that look:
 * "10 clients, 10 echoes"
 */
#include <cio.h>

#include <stdio.h>

enum { CLIENTS = 10 };

static int echo(cio_stream *s, void *arg)
{
	(void)arg;
	char buf[4096];
	ssize_t n;
	int err = 0;
	while (err == 0 && (n = cio_stream_read(s, buf, sizeof buf)) != 0)
		err = n < 0 ? (int)n : cio_stream_write(s, buf, (size_t)n, NULL);
	return err;
}

struct client {
	uint16_t port;
	int *echoes;
};

static int call(const struct client *c)
{
	cio_stream *s;
	int err = cio_tcp_connect(&s, "127.0.0.1", c->port, NULL);
	if (err < 0)
		return err;
	char sent[] = "a letter", got[sizeof sent];
	err = cio_stream_write(s, sent, sizeof sent, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(s, got, sizeof got, NULL);
	cio_stream_close(s);
	*c->echoes += err == 0 && strcmp(sent, got) == 0;
	return err;
}

static int app(void *arg)
{
	(void)arg;
	cio_stream_server *server;
	int err = cio_stream_server_open(&server, echo, NULL, NULL), echoes = 0;
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		struct client c = {cio_stream_server_port(server), &echoes};
		for (int i = 0; i < CLIENTS && err == 0; i++)
			err = cio_group_spawn(&g, call, &c);
	}
	/* no newcomers; those that are here may finish, for at most a second */
	(void)cio_stream_server_close(server, CIO_S(1));
	printf("%d clients, %d echoes\n", CLIENTS, echoes);
	return err < 0 || echoes < CLIENTS ? -1 : 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

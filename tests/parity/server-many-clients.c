/* SPDX-License-Identifier: MIT */
/* two hundred clients at once, all answered */
/* drivers: epoll uring sim */
#include "parity_net.h"

enum { CLIENTS = 200, REQUESTS = 5 };

static struct server server;
static cio_barrier everyone;

static int handler(cio_stream *s)
{
	char line[64];
	while (read_line(s, line, sizeof line) >= 0) {
		char *rest;
		long a = strtol(line, &rest, 10), b = strtol(rest, NULL, 10);
		(void)send_text(s, "%ld\n", a * b);
	}
	return 0;
}

static int client(int *i)
{
	cio_stream *s = client_open(cio_listener_port(server.listener));
	int good = 0;
	for (int k = 0; k < REQUESTS; k++) {
		char line[64] = "";
		(void)send_text(s, "%d %d\n", *i, k);
		(void)read_line(s, line, sizeof line);
		good += atoi(line) == *i * k && line[0] != 0;
		if (k == 0)
			CHECK(cio_barrier_wait(&everyone) >= 0);
	}
	cio_stream_close(s);
	return good;
}

static int scenario(void *arg)
{
	int items[CLIENTS], results[CLIENTS], sum = 0;
	(void)arg;
	cio_barrier_init(&everyone, CLIENTS);
	server_open(&server, handler);
	for (int i = 0; i < CLIENTS; i++)
		items[i] = i;
	CHECK_INT(cio_map(client, items, CLIENTS, .results = results), 0);
	for (int i = 0; i < CLIENTS; i++)
		sum += results[i];
	say("right answers %d of %d", sum, CLIENTS * REQUESTS);
	server_close(&server);
	say("open at the same time %d | handlers ended %d | open now %d",
		server.peak, server.ended, server.now);
	return 0;
}

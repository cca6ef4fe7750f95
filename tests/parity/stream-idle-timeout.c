/* SPDX-License-Identifier: MIT */
/* a server hangs up on silent clients */
/* drivers: epoll uring sim */
#include "parity_net.h"

static struct server server;
static char log_of[3][64];
static const char *const names[] = {"leaver", "silent", "talker"};

static int handler(cio_stream *s)
{
	char name[32], line[32];
	int lines = 0, err = 0;
	(void)read_line(s, name, sizeof name);
	for (;; lines++) {
		CIO_TIMEOUT (10 * T, &err)
			err = (int)read_line(s, line, sizeof line);
		if (err < 0)
			break;
	}
	if (err == -ETIMEDOUT)
		(void)send_text(s, "too slow\n");
	for (int i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0)
			sprintf(log_of[i], "%d lines, %s", lines,
				err == -ETIMEDOUT ? "timeout" : "hung up");
	return 0;
}

struct client {
	const char *name;
	int pauses[5];
	char answer[32];
};

static int client(struct client *c)
{
	cio_stream *s = client_open(cio_listener_port(server.listener));
	(void)send_text(s, "%s\n", c->name);
	for (const int *ticks = c->pauses; *ticks > 0; ticks++) {
		(void)cio_sleep(*ticks * T);
		(void)send_text(s, "line\n");
	}
	if (strcmp(c->name, "silent") != 0)
		(void)cio_stream_shutdown(s);
	if (read_line(s, c->answer, sizeof c->answer) < 0)
		strcpy(c->answer, "end of stream");
	cio_stream_close(s);
	return 0;
}

static int scenario(void *arg)
{
	struct client c[] = {{"talker", {4, 4, 4, 4, 0}, ""},
		{"leaver", {1, 0}, ""}, {"silent", {2, 0}, ""}};
	(void)arg;
	server_open(&server, handler);
	CHECK_INT(cio_map(client, c, 3), 0);
	say("%s: %s | %s: %s | %s: %s", c[0].name, c[0].answer, c[1].name,
		c[1].answer, c[2].name, c[2].answer);
	for (int i = 0; i < 3; i++)
		say("%s -> %s", names[i], log_of[i]);
	server_close(&server);
	return 0;
}

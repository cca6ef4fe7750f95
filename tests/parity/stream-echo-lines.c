/* SPDX-License-Identifier: MIT */
/* a server of lines and its client */
/* drivers: epoll uring sim */
#include "parity_net.h"

#include <ctype.h>

static int handler(cio_stream *s)
{
	char line[100];
	int count = 0;
	bool ended = false;
	while (!ended && read_line(s, line, sizeof line) >= 0) {
		count++;
		for (char *p = line; *p != 0; p++)
			*p = (char)toupper((unsigned char)*p);
		ended = strcmp(line, "LAST WITHOUT END") == 0;
		(void)send_text(s, "%s%s", line, ended ? "" : "\n");
	}
	return send_text(s, "[%d lines]\n", count);
}

static void reply(cio_stream *s)
{
	char line[100];
	if (read_line(s, line, sizeof line) >= 0)
		say("reply: '%s\\n'", line);
}

static int scenario(void *arg)
{
	struct server server;
	char byte;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	(void)send_text(s, "one\ntwo\n\nthr");
	for (int i = 0; i < 3; i++)
		reply(s);
	(void)send_text(s, "ee\nlast without end");
	reply(s);
	CHECK_INT(cio_stream_shutdown(s), 0);
	reply(s);
	say("empty again: %d %d", (int)cio_stream_fill(s),
		(int)cio_stream_read(s, &byte, 1));
	cio_stream_close(s);
	server_close(&server);
	return 0;
}

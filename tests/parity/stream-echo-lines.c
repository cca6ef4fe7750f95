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

/* The end of the input is a read of 0 bytes, and no flag beside it. */
static bool reply(cio_stream *s)
{
	cio_str line;
	int got = cio_stream_readline(s, &line);
	if (got > 0)
		say("reply: '%.*s\\n'", (int)line.n, line.p);
	return got == 0;
}

static int scenario(void *arg)
{
	struct server server;
	char byte;
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	(void)send_text(s, "one\ntwo\n\nthr");
	bool at_end = false;
	for (int i = 0; i < 3; i++)
		at_end |= reply(s);
	(void)send_text(s, "ee\nlast without end");
	at_end |= reply(s);
	say("at end %d", at_end);
	CHECK_INT(cio_stream_shutdown(s), 0);
	while (!at_end)
		at_end = reply(s);
	add("empty again: '%s'", reply(s) ? "" : "?");
	say(" '%s'", cio_stream_read(s, &byte, 1) == 0 ? "" : "?");
	say("at end %d", at_end);
	cio_stream_close(s);
	server_close(&server);
	return 0;
}

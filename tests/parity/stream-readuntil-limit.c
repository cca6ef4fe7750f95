/* SPDX-License-Identifier: MIT */
/* reading up to a separator, with a limit */
/* drivers: epoll uring sim */
#include "parity_net.h"

static int handler(cio_stream *s)
{
	static const char *const pieces[] = {"aa\r", "\nbb\r\n",
		"cccccccccccccccccccc", "\r\n",
		"dddddddddddddddddddddddddddddddddddddddd", "\r\nee"};
	cio_str line;
	for (int i = 0; i < 6; i++) {
		(void)send_text(s, "%s", pieces[i]);
		if (cio_stream_readline(s, &line) <= 0)
			return -EIO;
	}
	return 0;
}

static void quote(cio_str text)
{
	add("'");
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\r' || text.p[i] == '\n')
			add("\\%c", text.p[i] == '\r' ? 'r' : 'n');
		else
			add("%c", text.p[i]);
	add("'");
}

static void until(cio_stream *s, const char *label)
{
	cio_str piece;
	int got = cio_stream_readuntil(s, cio_str_of("\r\n"), &piece);
	add("%s -> ", label);
	if (got == -CIO_ETOOLARGE)
		add("error: limit, bytes that can be taken %d",
			(int)cio_stream_peek(s).n);
	else if (got == -CIO_EEOF)
		add("error: incomplete, partial ");
	if (got == -CIO_EEOF)
		quote(cio_stream_peek(s));
	else if (got >= 0)
		quote(got > 0 ? piece : (cio_str){"", 0});
	add("\n");
}

static void more(cio_stream *s)
{
	(void)send_text(s, "\n");
	(void)cio_sleep(2 * T);
}

static void take_out(cio_stream *s, size_t n)
{
	char bytes[100];
	CHECK_INT(cio_stream_read_exactly(s, bytes, n, NULL), 0);
	say("taken out: %d", (int)n);
}

static int scenario(void *arg)
{
	struct server server;
	char rest[100];
	(void)arg;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	cio_stream_set_limit(s, 16);
	(void)cio_sleep(2 * T);
	more(s);
	until(s, "separator in two pieces");
	until(s, "short line");
	more(s);
	until(s, "20 bytes, no separator yet");
	more(s);
	until(s, "20 bytes and separator");
	take_out(s, 20);
	until(s, "bare separator");
	more(s);
	until(s, "40 bytes, no separator yet");
	take_out(s, 39);
	more(s);
	more(s);
	size_t n = 0;
	ssize_t got;
	while ((got = cio_stream_read(s, rest + n, sizeof rest - n)) > 0)
		n += (size_t)got;
	add("rest starts ");
	quote((cio_str){rest, 1});
	add(" ends ");
	quote((cio_str){rest + n - 4, 4});
	add("\n");
	until(s, "at the end");
	cio_stream_close(s);
	server_close(&server);
	return 0;
}

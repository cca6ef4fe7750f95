/* SPDX-License-Identifier: MIT */
/* the end of the input, for each kind of read */
/* drivers: epoll uring sim */
#include "parity_net.h"

static const char *data; /* what the server sends before it closes */

static int handler(cio_stream *s)
{
	return send_text(s, "%s", data);
}

/* Each: how many bytes are in `out`, or < 0. */

static int line(cio_stream *s, cio_str *out)
{
	int got = cio_stream_readline(s, out);
	return got;
}

static int until(cio_stream *s, cio_str *out)
{
	return cio_stream_readuntil(s, cio_str_of("--"), out);
}

static char bytes[16];

static int exactly(cio_stream *s, cio_str *out, size_t n)
{
	*out = (cio_str){bytes, n};
	return cio_stream_read_exactly(s, bytes, n, NULL);
}

static int exactly0(cio_stream *s, cio_str *out)
{
	return exactly(s, out, 0);
}

static int exactly1(cio_stream *s, cio_str *out)
{
	return exactly(s, out, 1);
}

static int exactly3(cio_stream *s, cio_str *out)
{
	return exactly(s, out, 3);
}

static int exactly5(cio_stream *s, cio_str *out)
{
	return exactly(s, out, 5);
}

static int read_some(cio_stream *s, cio_str *out)
{
	ssize_t n = cio_stream_read(s, bytes, sizeof bytes);
	*out = (cio_str){bytes, n > 0 ? (size_t)n : 0};
	return (int)n;
}

static void attempt(const char *label, const char *text,
	int (*read)(cio_stream *s, cio_str *out))
{
	struct server server;
	cio_str got = {"", 0};
	data = text;
	server_open(&server, handler);
	cio_stream *s = client_open(cio_listener_port(server.listener));
	int err = read(s, &got);
	if (err == -CIO_EEOF) {
		cio_str kept = cio_stream_peek(s);
		say("%s -> incomplete, kept '%.*s'", label, (int)kept.n,
			kept.n > 0 ? kept.p : "");
	} else {
		/* a line comes without its end */
		bool ended = read == line && err > 0 && text[got.n] == '\n';
		say("%s -> '%.*s%s'", label, (int)got.n, got.p,
			ended ? "\\n" : "");
	}
	cio_stream_close(s);
	server_close(&server);
}

static int scenario(void *arg)
{
	(void)arg;
	attempt("line without its end", "abc", line);
	attempt("line with its end", "abc\n", line);
	attempt("line of nothing", "", line);
	attempt("empty line", "\nx", line);
	attempt("exactly what there is", "abc", exactly3);
	attempt("exactly more", "abc", exactly5);
	attempt("exactly nothing", "", exactly0);
	attempt("exactly, of nothing", "", exactly1);
	attempt("until, without separator", "abc", until);
	attempt("until, half a separator", "abc-", until);
	attempt("until", "abc--d", until);
	attempt("until, separator first", "--d", until);
	attempt("read of nothing", "", read_some);
	return 0;
}

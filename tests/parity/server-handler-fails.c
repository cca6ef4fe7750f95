/* SPDX-License-Identifier: MIT */
/* a handler that fails is reported and hurts nobody else */
/* drivers: epoll uring sim */
#define PARITY_RUNS
#include "parity_net.h"

static void tell_report(void *arg, cio_level level, const char *text)
{
	const char *end = strrchr(text, ':');
	(void)arg;
	if (level >= CIO_LEVEL_WARNING)
		say("reported: %s", end != NULL ? end + 2 : text);
}

static int serve(cio_stream *const *stream)
{
	cio_str line;
	int err = cio_stream_readline(*stream, &line);
	if (err > 0 && cio_str_equal(line, cio_str_of("bad")))
		err = raise_error("handler");
	else if (err > 0)
		err = send_text(*stream, "fine\n");
	cio_stream_close(*stream);
	return err;
}

/* A connection is a task of its own, which nobody waits for. */
static int serve_all(cio_listener *const *listener)
{
	cio_stream *s;
	int err;
	while ((err = cio_listener_accept(*listener, &s)) == 0)
		cio_detach(cio_spawn(serve, &s), NULL);
	return err;
}

static int ask(uint16_t port, const char *word)
{
	cio_stream *s;
	cio_str line = {"", 0};
	int err = cio_tcp_connect(&s, "127.0.0.1", port, NULL);
	if (err < 0)
		return err;
	(void)send_text(s, "%s\n", word);
	err = cio_stream_readline(s, &line);
	say("%s -> '%.*s%s'", word, (int)line.n, line.p, err > 0 ? "\\n" : "");
	cio_stream_close(s);
	return cio_sleep(T);
}

static int app(void *arg)
{
	cio_listener *l;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	(void)arg;
	if (err < 0)
		return err;
	cio_task *server = cio_spawn(serve_all, &l);
	err = ask(cio_listener_port(l), "good");
	if (err == 0)
		err = ask(cio_listener_port(l), "bad");
	if (err == 0)
		err = ask(cio_listener_port(l), "good");
	cio_listener_close(l);
	(void)cio_await(server);
	return err;
}

static void runs(void)
{
	int err = cio_run_with(&(cio_run_options){.report = tell_report}, app,
		NULL);
	assert_int_equal(err, 0);
}

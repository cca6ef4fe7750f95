/* SPDX-License-Identifier: MIT */
/* lines.c - a server on a Unix socket that repeats each line, louder */
#include <cio.h>

#include <stdio.h>
#include <unistd.h>

static int serve(cio_listener *const *listener)
{
	cio_stream *s;
	cio_str line;
	int err = cio_listener_accept(*listener, &s);
	if (err < 0)
		return err;
	while ((err = cio_stream_readline(s, &line)) > 0 &&
		(err = cio_stream_write(s, line.p, line.n, NULL)) == 0 &&
		(err = cio_stream_write(s, "!\n", 2, NULL)) == 0)
		;
	cio_stream_close(s);
	return err;
}

static int ask(cio_stream *s)
{
	cio_str line;
	int err = cio_stream_write(s, "hello\nwho is there\n", 19, NULL);
	int louder = 0;
	(void)cio_stream_shutdown(s); /* its lines end */
	while (err >= 0 && (err = cio_stream_readline(s, &line)) > 0) {
		printf("%.*s\n", (int)line.n, line.p);
		louder += line.n > 1 && line.p[line.n - 1] == '!';
	}
	return err == 0 && louder != 2 ? -CIO_EPROTOCOL : err;
}

static int app(void *name)
{
	cio_listener *l;
	cio_stream *s;
	int err = cio_unix_listen(&l, name, NULL);
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, serve, &l);
		if (err == 0 && (err = cio_unix_connect(&s, name)) == 0) {
			err = ask(s);
			cio_stream_close(s);
		}
	}
	cio_listener_close(l);
	return err;
}

int main(void)
{
	char name[40]; /* abstract: no file */
	snprintf(name, sizeof name, "@cio-lines-%d", (int)getpid());
	return cio_run(app, name) < 0;
}

/* SPDX-License-Identifier: MIT */
/* the same streams over a local socket's path */
/* drivers: epoll uring */
#include "parity_net.h"

static int reverse(cio_stream *s)
{
	cio_str line;
	char back[100];
	int err;
	while ((err = cio_stream_readline(s, &line)) > 0) {
		size_t n = line.n < sizeof back ? line.n : sizeof back - 1;
		for (size_t i = 0; i < n; i++)
			back[i] = line.p[n - 1 - i];
		(void)send_text(s, "%.*s\n", (int)n, back);
	}
	return err;
}

static void ask(const char *path, const char *word)
{
	cio_stream *s;
	cio_str line;
	CHECK_INT(cio_unix_connect(&s, path), 0);
	(void)send_text(s, "%s\n", word);
	CHECK_INT(cio_stream_readline(s, &line), 1);
	say("%.*s", (int)line.n, line.p);
	cio_stream_close(s);
}

static int scenario(void *arg)
{
	char folder[] = "/tmp/cio-parity-XXXXXX", path[sizeof folder + 8];
	struct server server = {.fn = reverse};
	cio_stream *s;
	(void)arg;
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/sock", folder);
	if (cio_unix_connect(&s, path) == -ENOENT)
		say("error: not-found");
	CHECK_INT(cio_unix_listen(&server.listener, path, NULL), 0);
	server.task = cio_spawn(parity_accept, &(struct server *){&server});
	ask(path, "abc");
	ask(path, "xyz");
	server_close(&server);
	int err = cio_unix_connect(&s, path);
	if (err == -ECONNREFUSED || err == -ENOENT)
		say("error: nobody listens");
	CHECK_INT(rmdir(folder), 0);
	return 0;
}

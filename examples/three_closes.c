/* SPDX-License-Identifier: MIT */
/*
 * three_closes.c - a server ends in steps: nobody new, wait for those at work,
 * cut the rest
 */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

/* Echoes a byte; a peer that sends none keeps it. */
static int serve(cio_stream *s, void *arg)
{
	char byte;
	(void)arg;
	ssize_t n = cio_stream_read(s, &byte, 1);
	return n <= 0 ? (int)n : cio_stream_write(s, &byte, 1, NULL);
}

static int talk(cio_stream *quick, cio_stream *silent,
	cio_stream_server *server)
{
	char byte = 'x';
	cio_stream *late;
	int err = cio_sleep(CIO_MS(5)); /* both are being served */

	cio_stream_server_close_listeners(server);
	int refused = cio_tcp_connect(&late, "127.0.0.1",
		cio_stream_server_port(server), NULL);
	if (refused == 0)
		cio_stream_close(late);

	if (err == 0)
		err = cio_stream_write(quick, &byte, 1, NULL);
	int drained = cio_stream_server_drain(server, CIO_MS(20));
	ssize_t answer = cio_stream_read(quick, &byte, 1);
	printf("a late one: %s, the quick one: %d byte, the drain: %s\n",
		cio_strerror(refused), (int)answer, cio_strerror(drained));

	int aborted = cio_stream_server_abort(server);
	ssize_t cut = cio_stream_read(silent, &byte, 1);
	printf("the silent one: %s\n", cio_strerror((int)cut));
	return err < 0 ? err :
		refused < 0 && answer == 1 && drained == -ETIMEDOUT &&
			aborted == 0 && cut == -ECONNRESET ?
			 0 :
			 -1;
}

static int app(void *arg)
{
	(void)arg;
	cio_stream_server *server;
	cio_stream *quick = NULL, *silent = NULL;
	int err = cio_stream_server_open(&server, serve, NULL, NULL);
	if (err < 0)
		return err;
	uint16_t port = cio_stream_server_port(server);
	err = cio_tcp_connect(&quick, "127.0.0.1", port, NULL);
	if (err == 0)
		err = cio_tcp_connect(&silent, "127.0.0.1", port, NULL);
	if (err == 0)
		err = talk(quick, silent, server);
	cio_stream_close(quick);
	cio_stream_close(silent);
	(void)cio_stream_server_close(server,
		0); /* -ETIMEDOUT: some were cut */
	return err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

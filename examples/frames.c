/* SPDX-License-Identifier: MIT */
/* frames.c - messages with their length before them, and fields with a ';' behind */
#include <cio.h>
#include <cio/stream.h>

#include <stdio.h>

static int send_all(cio_stream *const *to)
{
	static const char bytes[] = "\005hello\003cio" "name=ada;lang=c;";
	int err = cio_stream_write(*to, bytes, sizeof bytes - 1, NULL);
	(void)cio_stream_shutdown(*to);
	return err;
}

/* A byte says how many follow. */
static int read_frame(cio_stream *s)
{
	unsigned char size;
	char text[255];
	int err = cio_stream_read_exactly(s, &size, 1, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(s, text, size, NULL);
	if (err == 0)
		printf("frame: %.*s\n", size, text);
	return err;
}

static int read_all(cio_stream *s)
{
	cio_str field;
	int fields = 0, err = 0;
	for (int i = 0; i < 2 && err == 0; i++)
		err = read_frame(s);
	if (err < 0)
		return err;
	while ((err = cio_stream_readuntil(s, cio_str_of(";"), &field)) > 0) {
		printf("field: %.*s\n", (int)field.n - 1, field.p);
		fields++;
	}
	return err < 0 ? err : fields == 2 ? 0 : -CIO_EPROTOCOL;
}

static int app(void *arg)
{
	(void)arg;
	cio_stream *a, *b;
	int err = cio_stream_pair(&a, &b, 0); /* as good as a socket */
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, send_all, &a);
		if (err == 0)
			err = read_all(b);
	}
	cio_stream_close(a);
	cio_stream_close(b);
	return err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

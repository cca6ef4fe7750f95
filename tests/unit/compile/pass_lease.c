/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_lease.c - CIO_LEASE, nested and left on every way, and calls that open */
#include <cio/net.h>
#include <cio/pool.h>
#include <cio/stream_server.h>

int nested(cio_pool *p);
int leave_by_goto(cio_pool *p);
int open_them(void);

int nested(cio_pool *p)
{
	int err;
	for (int i = 0; i < 3; i++) {
		CIO_LEASE(a, &err, p, cio_str_of("a"), NULL) {
			if (i == 1)
				break;
			CIO_LEASE(b, &err, p, cio_str_of("b"), NULL) {
				if (a.item == b.item)
					continue;
				return 1;
			}
		}
	}
	return err;
}

int leave_by_goto(cio_pool *p)
{
	int err;
	CIO_LEASE(a, &err, p, cio_str_of("a"), NULL) {
		if (a.reused)
			goto out;
	}
	err = 1;
out:
	return err;
}

static int handler(cio_stream *s, void *arg)
{
	(void)arg;
	return cio_stream_shutdown(s);
}

int open_them(void)
{
	cio_listener *l;
	cio_stream *s;
	cio_stream_server *server;
	int err = cio_tcp_listen(&l, NULL, 0, NULL);
	if (err == 0)
		err = cio_listener_accept(l, &s);
	if (err == 0)
		err = cio_unix_connect(&s, "@name");
	return err < 0 ? err :
		cio_stream_server_open(&server, handler, NULL, NULL);
}

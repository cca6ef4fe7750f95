/* SPDX-License-Identifier: MIT */
/*
 * server_tls.c - https: a handshake before a connection's first request
 *
 * A connection begins in the clear, idle, like any other; its first bytes give
 * it a task, and the task shakes hands. From then on its stream is the TLS one,
 * which waits idle without a stack as well.
 */
#include <errno.h>

#include "http/server.h"

int cio__server_tls_open(cio_http_server *s)
{
	if (s->o.tls == NULL)
		return 0;
	cio_tls_options o = *s->o.tls;
	s->o.tls = NULL; /* the caller's, and copied */
	if (o.certificate_file == NULL)
		return cio_fail(-EINVAL, "an https server needs "
			"tls.certificate_file and its key");
	if (o.alpn == NULL)
		o.alpn = "http/1.1";
	int err = cio_tls_config_open(&s->tls, &o);
	return err < 0 ? err : cio_tls_config_load(s->tls);
}

int cio__conn_secure(struct conn *c)
{
	cio_http_server *s = c->server;
	if (s->tls == NULL || c->secure)
		return 0;
	cio_stream *made;
	int err = cio__tls_accept(NULL, &made, c->stream, s->tls);
	if (err < 0) {
		s->figures.refused_tls += cio_refused() == 0;
		cio_report(CIO_LEVEL_DEBUG, "http server: %s: %s",
			cio_strerror(err), cio_error_text());
		return err;
	}
	c->stream = made;
	c->secure = true;
	cio__conn_limit(c);
	return 0;
}

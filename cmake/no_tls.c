/* SPDX-License-Identifier: MIT */
/* no_tls.c - stands in for TLS in a build without it */
#include <cio/tls.h>

#include <errno.h>

static int refuse(void)
{
	return cio_fail(-CIO_ETLS, "this build of cio has no TLS: build it with "
		"OpenSSL 3 (libssl-dev) and CIO_TLS on");
}

int cio_tls_config_open(cio_tls_config **out, const cio_tls_options *options)
{
	(void)out;
	(void)options;
	return refuse();
}

int cio_tls_config_load(cio_tls_config *c)
{
	(void)c;
	return refuse();
}

void cio_tls_config_close(cio_tls_config *c)
{
	(void)c;
}

int cio__tls_connect(const char *site, cio_stream **out, cio_stream *inner,
	cio_tls_config *config, const char *server_name,
	const cio_tls_connect_options *options)
{
	(void)site;
	(void)out;
	(void)inner;
	(void)config;
	(void)server_name;
	(void)options;
	return refuse();
}

int cio__tls_accept(const char *site, cio_stream **out, cio_stream *inner,
	cio_tls_config *config)
{
	(void)site;
	(void)out;
	(void)inner;
	(void)config;
	return refuse();
}

int cio_tls_get_info(const cio_stream *s, cio_tls_info *out)
{
	(void)s;
	(void)out;
	return cio_fail(-EINVAL, "this stream is not TLS");
}

/* SPDX-License-Identifier: MIT */
/*
 * ends.h - two ends that speak TLS, and certificates to do it with, for tests
 *
 * Include check.h first.
 */
#ifndef CIO_TESTS_ENDS_H
#define CIO_TESTS_ENDS_H

#include <cio.h>
#include <cio/tls.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "unit/io/pair.h"

/* ---- certificates ---- */

static char certs[64]; /* the folder */

/* The path of a file in it; a few at a time. */
static inline const char *file(const char *name)
{
	static char paths[8][128];
	static unsigned at;
	char *path = paths[at++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", certs, name);
	return path;
}

static inline int shell(const char *command)
{
	int status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Group setup. OpenSSL's own beginnings are made here, outside any count. */
static inline int make_certs(void **state)
{
	char here[] = __FILE__, command[512];
	(void)state;
	snprintf(certs, sizeof certs, "/tmp/cio-certs-XXXXXX");
	if (mkdtemp(certs) == NULL)
		return -1;
	snprintf(command, sizeof command, "%s/certs.sh %s >%s/log 2>&1",
		dirname(here), certs, certs);
	SSL_CTX_free(SSL_CTX_new(TLS_method()));
	int status = shell(command);
	if (status != 0)
		printf("# certs.sh failed: see %s/log\n", certs);
	return status;
}

static inline int remove_certs(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", certs);
	return shell(command);
}

/* ---- configs ---- */

/* A server's, with NAME.pem and NAME.key. */
static inline cio_tls_config *server_with(const char *name, cio_tls_options o)
{
	char pem[64], key[64];
	cio_tls_config *c = NULL;
	snprintf(pem, sizeof pem, "%s.pem", name);
	snprintf(key, sizeof key, "%s.key", name);
	o.certificate_file = file(pem);
	o.key_file = file(key);
	CHECK_INT(cio_tls_config_open(&c, &o), 0);
	return c;
}

/* A client's that trusts the test CA. */
static inline cio_tls_config *client_with(cio_tls_options o)
{
	cio_tls_config *c = NULL;
	if (o.ca_file == NULL && o.ca_path == NULL)
		o.ca_file = file("ca.crt");
	CHECK_INT(cio_tls_config_open(&c, &o), 0);
	return c;
}

/* ---- ends ---- */

struct ends {
	cio_stream *client, *server; /* TLS; NULL where it failed */
	int client_err, server_err;
	char client_text[256], server_text[256];
};

struct accepting {
	cio_stream *inner;
	cio_tls_config *config;
	struct ends *ends;
};

static inline int accept_end(const struct accepting *a)
{
	struct ends *e = a->ends;
	e->server_err = cio_tls_accept(&e->server, a->inner, a->config);
	if (e->server_err < 0) {
		snprintf(e->server_text, sizeof e->server_text, "%s",
			cio_error_text());
		cio_stream_close(a->inner);
	}
	return 0; /* the other end tells its own */
}

/* Both handshakes over these two; what fails is closed. */
static inline int ends_over(struct ends *e, struct pair *p,
	cio_tls_config *client, cio_tls_config *server, const char *name)
{
	int err = 0;
	*e = (struct ends){.server_err = 1};
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, accept_end,
			&(struct accepting){p->b, server, e});
		if (err < 0) {
			cio_stream_close(p->b);
			cio_stream_close(p->a);
			break;
		}
		/* not the group's error: the other end is to go on */
		e->client_err = cio_tls_connect(&e->client, p->a, client, name,
			&(cio_tls_connect_options){.port = 443});
		if (e->client_err < 0) {
			snprintf(e->client_text, sizeof e->client_text, "%s",
				cio_error_text());
			cio_stream_close(p->a);
		}
	}
	*p = (struct pair){0};
	err = err < 0 ? err : e->client_err;
	return err < 0 ? err : e->server_err;
}

static inline void ends_close(struct ends *e)
{
	cio_stream_close(e->client);
	cio_stream_close(e->server);
	e->client = e->server = NULL;
}

static inline int ends_open(struct ends *e, cio_tls_config *client,
	cio_tls_config *server, const char *name)
{
	struct pair p;
	*e = (struct ends){.server_err = 1};
	int err = pair_open(&p);
	return err < 0 ? err : ends_over(e, &p, client, server, name);
}

/* An exchange, so that whatever the server sends by itself has come too. */
static inline int ends_talk(struct ends *e)
{
	char got[8] = "";
	int err = cio_stream_write(e->client, "ping", 4, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(e->server, got, 4, NULL);
	CHECK(err < 0 || strcmp(got, "ping") == 0);
	if (err == 0)
		err = cio_stream_write(e->server, "pong", 4, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(e->client, got, 4, NULL);
	CHECK(err < 0 || strcmp(got, "pong") == 0);
	return err;
}

#endif

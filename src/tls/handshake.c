/* SPDX-License-Identifier: MIT */
/*
 * handshake.c - from a stream to a TLS stream
 *
 * Until the handshake is over nobody else knows the new stream, and the inner
 * one is the caller's: a failure frees the one and leaves the other.
 */
#include <cio/tls.h>

#include <errno.h>
#include <stdio.h>

#include <cio/dns.h>
#include <cio/time.h>
#include <openssl/err.h>

#include "tls/tls.h"

/* The peer is told why (an alert); the text of the error stays as it is. */
static int give_up(struct tls *t, int err)
{
	char text[WHY_BYTES];
	snprintf(text, sizeof text, "%s", cio_error_text());
	(void)cio__tls_flush(t);
	return cio_fail(err, "%s", text);
}

static int shake(struct tls *t)
{
	for (;;) {
		ERR_clear_error();
		int result = SSL_do_handshake(t->ssl);
		int err = result == 1 ? 0 : cio__tls_outcome(t, result);
		if (err < 0 && err != -EAGAIN)
			return give_up(t, err);
		int sent = cio__tls_flush(t);
		if (sent < 0 || result == 1)
			return sent;
		/* a goodbye in the middle: it does not want us */
		err = err == -EAGAIN ? cio__tls_wait_input(t) :
			cio_fail(-CIO_EEOF, "TLS with %s: it closed the "
				"connection during the handshake", t->name);
		if (err < 0)
			return err;
	}
}

static int shake_in_time(struct tls *t)
{
	char why[WHY_BYTES] = "";
	cio_duration limit = t->config->o.handshake_timeout;
	cio_time begun = cio_now();
	cio_scope scope;
	t->why = why;
	cio_scope_begin(&scope, cio_time_after(limit));
	int err = cio_scope_end(&scope, shake(t));
	t->why = NULL;
	t->handshake_time = cio_now() - begun;
	if (err == -ETIMEDOUT && cio_scope_expired(&scope))
		return cio_fail(err, "TLS with %s: no handshake within %lld ms",
			t->name, (long long)(limit / CIO_MS(1)));
	return err < 0 ? err : cio__tls_check_pins(t);
}

/* The stream has the inner one from here on. */
static cio_stream *made(struct tls *t, const char *site)
{
	cio_handle_forget(&t->inner->handle);
	cio__stream_note(&t->base, site);
	return &t->base;
}

static int run(struct tls *t, const char *site, cio_stream **out)
{
	int err = shake_in_time(t);
	if (err == 0)
		*out = made(t, site);
	else
		cio__tls_free(t);
	return err;
}

/* ---- the client's ---- */

static void resume(struct tls *t)
{
	SSL_SESSION *session = cio__tls_sessions_take(&t->config->sessions,
		t->name, t->port);
	if (session == NULL)
		return;
	(void)SSL_set_session(t->ssl, session);
	SSL_SESSION_free(session);
}

int cio__tls_connect(const char *site, cio_stream **out, cio_stream *inner,
	cio_tls_config *config, const char *server_name,
	const cio_tls_connect_options *options)
{
	struct tls *t;
	int err = cio__tls_config_ready(config, !config->o.insecure);
	if (err < 0)
		return err;
	err = cio__tls_new(&t, inner, config,
		server_name != NULL ? server_name : "the server");
	if (err < 0)
		return err;
	t->port = options != NULL ? options->port : 0;
	t->keeps = server_name != NULL && !config->o.no_resumption;
	t->verifies = !config->o.insecure;
	SSL_set_connect_state(t->ssl);
	err = cio__tls_expect_server(t, server_name);
	if (err < 0) {
		cio__tls_free(t);
		return err;
	}
	if (t->keeps)
		resume(t);
	return run(t, site, out);
}

/* ---- the server's ---- */

int cio__tls_accept(const char *site, cio_stream **out, cio_stream *inner,
	cio_tls_config *config)
{
	struct tls *t;
	cio_address from;
	char name[CIO_ADDRESS_TEXT] = "the client";
	if (config->o.certificate_file == NULL)
		return cio_fail(-EINVAL, "a server needs a certificate_file "
			"and its key");
	int err = cio__tls_config_ready(config, config->o.verify_client);
	if (err < 0)
		return err;
	if (cio_stream_peer(inner, &from) == 0)
		cio_address_text(&from, name);
	err = cio__tls_new(&t, inner, config, name);
	if (err < 0)
		return err;
	t->server = true;
	t->verifies = config->o.verify_client;
	SSL_set_accept_state(t->ssl);
	cio__tls_expect_client(t);
	return run(t, site, out);
}

/* SPDX-License-Identifier: MIT */
/*
 * tls.h - TLS: one connection, what many share, and who does what
 *
 * config.c keeps the options, load.c reads the files (in a thread), sessions.c
 * the client's sessions. handshake.c makes a connection, verify.c judges the
 * peer, stream.c carries bytes, engine.c turns OpenSSL's wishes into reads and
 * writes of the inner stream, words.c says what went wrong.
 *
 * OpenSSL is only ever called from start to end without a wait: its BIO takes
 * from the inner stream's buffer and appends to `out`, and neither waits. So
 * one task may read while another writes, though an SSL object can do one thing
 * at a time; what has to wait, waits between two calls.
 */
#ifndef CIO_TLS_PRIVATE_H
#define CIO_TLS_PRIVATE_H

#include <cio/buf.h>
#include <cio/lock.h>
#include <cio/tls.h>

#include <openssl/ssl.h>

#include "base/list.h"

enum { PIN_BYTES = 32, WHY_BYTES = 256 };

/* ---- sessions.c ---- */

/* The youngest first in a row by age; guarded by being of one loop. */
struct sessions {
	cio_link list; /* of struct session, oldest first */
	uint32_t count, most;
};

/* Keep one for this key: true if it was taken over. */
bool cio__tls_sessions_put(struct sessions *s, const char *name, uint16_t port,
	SSL_SESSION *session);
/* The youngest that is still good, the caller's to free; NULL if there is none.
 * A session of TLS 1.3 is used once (RFC 8446 C.4). */
SSL_SESSION *cio__tls_sessions_take(struct sessions *s, const char *name,
	uint16_t port);
void cio__tls_sessions_clear(struct sessions *s);

/* ---- config.c, load.c ---- */

struct cio_tls_config {
	cio_tls_options o; /* what it points to is in `texts` */
	uint32_t holders;  /* the owner and the connections */
	char *texts;
	unsigned char *alpn; /* each with its length before it, RFC 7301 */
	size_t alpn_n;
	unsigned char (*pins)[PIN_BYTES];
	size_t pin_count;
	struct sessions sessions;

	cio_lock loading;
	BIO_METHOD *method; /* with `context` */
	SSL_CTX *context;   /* NULL: not loaded */
	bool trusts;        /* the CAs are in it */
};

/* All that is needed is loaded: 0 or an error. Yields. */
int cio__tls_config_ready(cio_tls_config *c, bool trust);
void cio__tls_config_hold(cio_tls_config *c);

/* What load.c makes in a thread of the options, which nobody changes. */
struct load {
	const cio_tls_config *config;
	bool want_context, want_trust;
	SSL_CTX *context;
	X509_STORE *trust;
	char why[WHY_BYTES];
};
int cio__tls_load(void *load);

/* ---- one connection ---- */

struct tls {
	cio_stream base;
	cio_stream *inner; /* NULL: closed */
	cio_tls_config *config;
	SSL *ssl;
	cio_buf out;       /* encrypted, has not gone out */
	cio_link waiters;  /* for who fills the inner stream's buffer */
	cio_stream_idle *idle;      /* the caller's, while it waits */
	cio_stream_idle inner_idle;
	char *why;                  /* in the handshake: what verify.c found */
	cio_duration handshake_time;
	int failed;        /* nothing works any more: the error */
	int cut;           /* why a write was, until the next call tells it */
	uint64_t gone;     /* bytes that the inner stream took, ever */
	uint16_t port;
	uint8_t first;     /* byte that came */
	bool server;
	bool keeps;        /* sessions, by its name */
	bool verifies;     /* the peer's certificate */
	bool begun;        /* a byte came */
	bool filling, flushing;
	bool input_ended;
	char name[];       /* whom we talk to, for texts; the client's key */
};

static inline struct tls *tls_of(cio_stream *s)
{
	return container_of(s, struct tls, base);
}

/* stream.c */
int cio__tls_new(struct tls **out, cio_stream *inner, cio_tls_config *c,
	const char *name);
/* The SSL object and itself; the inner stream is another's matter. */
void cio__tls_free(struct tls *t);

/* engine.c */

BIO_METHOD *cio__tls_bio_method(void);
/* What OpenSSL's answer means: -EAGAIN (input), 0 (the goodbye has come), or an
 * error, explained; right after the call. */
int cio__tls_outcome(struct tls *t, int result);
/* Wait until there is more input, or it has ended: 0, or why not. */
int cio__tls_wait_input(struct tls *t);
/* Whoever waits for it asks again. */
void cio__tls_wake(struct tls *t);
/* Send all that is encrypted, unless somebody is doing it. What an error or a
 * refusal cut stays to be sent. */
int cio__tls_flush(struct tls *t);

/* verify.c */

/* 0 or -EINVAL. */
int cio__tls_pin_parse(const char *text, unsigned char pin[PIN_BYTES]);
/* Have the handshake refuse all but `name`'s certificates: 0, -EINVAL. */
int cio__tls_expect_server(struct tls *t, const char *name);
void cio__tls_expect_client(struct tls *t);
/* After the handshake: 0, or -CIO_ETLS explained. */
int cio__tls_check_pins(struct tls *t);
/* "CN = example.org", printable whatever the peer sent. */
void cio__tls_subject(X509 *certificate, char *out, size_t room);

/* words.c */

/* -CIO_ETLS, with the text, for what OpenSSL has just said. */
int cio__tls_explain(struct tls *t);
/* OpenSSL's oldest error as a text, of a file. */
void cio__tls_explain_load(char *out, size_t room, const char *option,
	const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * engine.c - between OpenSSL and the inner stream
 *
 * Invariants: whenever OpenSSL asks for input, it has used up all that is in
 * the inner stream's buffer, so a fill never finds its buffer full. One task at
 * a time fills; others that want input wait for it, and ask again. One task at
 * a time sends; it goes on until nothing is left, so whatever others add is
 * sent too, and in order.
 */
#include <errno.h>

#include <openssl/err.h>

#include "base/mem.h"
#include "tls/tls.h"

/* More than the largest write makes. What is added without a writer (alerts)
 * must not grow for ever. */
enum { MOST_OUT = 256 * 1024 };

/* ---- OpenSSL's side ---- */

static cio_str input_of(const struct tls *t)
{
	return t->inner != NULL ? cio_stream_peek(t->inner) : (cio_str){"", 0};
}

static int bio_read(BIO *bio, char *buf, size_t n, size_t *got)
{
	struct tls *t = BIO_get_data(bio);
	cio_str in = input_of(t);
	BIO_clear_retry_flags(bio);
	if (in.n == 0) {
		if (!t->input_ended)
			BIO_set_retry_read(bio);
		return 0;
	}
	if (!t->begun) {
		t->begun = true;
		t->first = (uint8_t)in.p[0];
	}
	*got = n < in.n ? n : in.n;
	memcpy(buf, in.p, *got);
	cio_stream_consume(t->inner, *got);
	return 1;
}

static int bio_write(BIO *bio, const char *p, size_t n, size_t *done)
{
	struct tls *t = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	if (t->out.n > MOST_OUT || cio_buf_append(&t->out, p, n) < 0)
		return 0;
	*done = n;
	return 1;
}

static long bio_control(BIO *bio, int command, long number, void *p)
{
	const struct tls *t = BIO_get_data(bio);
	(void)number;
	(void)p;
	if (command == BIO_CTRL_EOF)
		return t->input_ended && input_of(t).n == 0;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *cio__tls_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "cio stream");
	if (m != NULL && BIO_meth_set_read_ex(m, bio_read) &&
		BIO_meth_set_write_ex(m, bio_write) &&
		BIO_meth_set_ctrl(m, bio_control))
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* ---- its answers ---- */

static int cut(struct tls *t)
{
	if (t->why != NULL)
		return cio_fail(-CIO_EEOF, "TLS with %s: it closed the "
			"connection during the handshake", t->name);
	return cio_fail(-CIO_EEOF, "TLS with %s: closed without close_notify: "
		"what came may be cut", t->name);
}

int cio__tls_outcome(struct tls *t, int result)
{
	int error = SSL_get_error(t->ssl, result);
	if (error == SSL_ERROR_WANT_READ)
		return -EAGAIN;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	unsigned long e = ERR_peek_error();
	bool eof = ERR_GET_LIB(e) == ERR_LIB_SSL &&
		ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
	if (eof || (e == 0 && t->input_ended)) {
		ERR_clear_error();
		t->failed = cut(t);
	} else {
		/* without an error of its own, it is our BIO's */
		t->failed = e != 0 ? cio__tls_explain(t) : -ENOMEM;
	}
	return t->failed;
}

/* ---- the inner stream's side ---- */

void cio__tls_wake(struct tls *t)
{
	cio_waiter *w;
	while ((w = cio_first_waiter(&t->waiters)) != NULL)
		cio_unpark(w);
}

int cio__tls_wait_input(struct tls *t)
{
	if (t->inner == NULL)
		return -ECANCELED;
	if (t->filling || t->idle != NULL) {
		cio_waiter w = {0};
		return cio_park(&w, &t->waiters, "TLS input");
	}
	t->filling = true;
	ssize_t n = cio_stream_fill(t->inner);
	t->filling = false;
	cio__tls_wake(t);
	if (n == 0)
		t->input_ended = true;
	return n < 0 ? (int)n : 0;
}

/* The rest of what was being sent comes before what was added meanwhile. */
static void put_back(struct tls *t, cio_buf *rest, size_t done)
{
	cio_buf_consume(rest, done);
	if (cio_buf_append(rest, t->out.p, t->out.n) < 0)
		t->failed = -ENOMEM;
	cio_buf_finish(&t->out);
	t->out = *rest;
}

int cio__tls_flush(struct tls *t)
{
	if (t->flushing)
		return 0;
	t->flushing = true;
	int err = 0;
	while (err == 0 && t->out.n > 0) {
		if (t->inner == NULL) {
			err = -ECANCELED;
			break;
		}
		cio_buf sending = t->out;
		size_t done;
		t->out = (cio_buf){0};
		err = cio__stream_write_on(t->inner, sending.p, sending.n,
			&done);
		t->gone += done;
		if (err < 0)
			put_back(t, &sending, done);
		else
			cio_buf_finish(&sending);
	}
	t->flushing = false;
	return err;
}

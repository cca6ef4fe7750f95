/* SPDX-License-Identifier: MIT */
/*
 * stream.c - TLS as a carrier of streams
 *
 * Quiet, a connection holds its SSL object and no buffer: OpenSSL gives its own
 * back (SSL_MODE_RELEASE_BUFFERS; one of 16 KiB that it would keep all the same
 * is freed after a read and before an idle wait), `out` is freed once it is sent, and the input
 * is waited for by the inner stream.
 */
#include <errno.h>

#include <openssl/err.h>
#include <sys/uio.h>

#include "base/mem.h"
#include "tls/tls.h"

enum {
	RECORD = 16384,      /* bytes of one at most, RFC 8446 5.1 */
	AT_ONCE = 4 * RECORD, /* encrypted before it is sent */
	GOODBYE_ROOM = 128,
	MOST_DISCARDED = 4,
};
static const cio_duration GOODBYE_TIME = CIO_S(1);

static int failed_before(struct tls *t)
{
	return cio_fail(t->failed, "TLS with %s: it failed before", t->name);
}

static bool shut_down(const struct tls *t)
{
	return (SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN) != 0;
}

/* ---- reading ---- */

/* What there is, without waiting: the count, 0 at the end, -EAGAIN. */
static ssize_t decrypt(struct tls *t, void *buf, size_t n)
{
	size_t got;
	if (t->failed < 0)
		return failed_before(t);
	ERR_clear_error();
	if (SSL_read_ex(t->ssl, buf, n, &got) == 1) {
		/* tickets on the way made one for writing, too */
		(void)SSL_free_buffers(t->ssl); /* not if a record is in */
		return (ssize_t)got;
	}
	return cio__tls_outcome(t, 0);
}

static ssize_t tls_read(cio_stream *s, void *buf, size_t n)
{
	struct tls *t = tls_of(s);
	int err = cio_checkpoint();
	while (err == 0) {
		ssize_t got = decrypt(t, buf, n);
		if (got != -EAGAIN)
			return got;
		err = cio__tls_wait_input(t);
	}
	return err;
}

static ssize_t tls_try_read(cio_stream *s, void *buf, size_t n)
{
	struct tls *t = tls_of(s);
	for (;;) {
		ssize_t got = decrypt(t, buf, n);
		if (got != -EAGAIN || t->filling || t->idle != NULL)
			return got;
		got = cio_stream_try_fill(t->inner);
		if (got == 0)
			t->input_ended = true;
		if (got < 0)
			return got;
	}
}

/* Nothing can come of asking: there is no input. */
static bool quiet(const struct tls *t)
{
	return t->failed == 0 && !t->input_ended &&
		SSL_has_pending(t->ssl) == 0 && t->inner != NULL &&
		cio_stream_peek(t->inner).n == 0;
}

/* The buffer is made once there is something for it. */
static ssize_t tls_fill(cio_stream *s)
{
	struct tls *t = tls_of(s);
	int err = cio_checkpoint();
	while (err == 0) {
		ssize_t n = quiet(t) ? -EAGAIN : cio__stream_try_fill(s);
		if (n != -EAGAIN)
			return n;
		err = cio__tls_wait_input(t);
	}
	return err;
}

/* ---- writing ---- */

/* Several small pieces make one record: its bytes, in `copy` if need be. */
static int gather(struct iovec *iov, int count, struct iovec *out, char **copy)
{
	*copy = NULL;
	*out = iov[0];
	if (out->iov_len > AT_ONCE)
		out->iov_len = AT_ONCE;
	if (count == 1 || iov[0].iov_len >= RECORD)
		return 0;
	size_t total = 0, n = 0;
	for (int i = 0; i < count && total < RECORD; i++)
		total += iov[i].iov_len;
	total = total < RECORD ? total : RECORD;
	*copy = cio__alloc(total);
	if (*copy == NULL)
		return -ENOMEM;
	for (int i = 0; n < total; i++) {
		size_t more = iov[i].iov_len < total - n ? iov[i].iov_len :
							   total - n;
		if (more > 0)
			memcpy(*copy + n, iov[i].iov_base, more);
		n += more;
	}
	*out = (struct iovec){.iov_base = *copy, .iov_len = n};
	return 0;
}

/* Into `out`. It waits only while a message of TLS itself is half here. */
static int encrypt(struct tls *t, const void *p, size_t n)
{
	size_t done, records = n / RECORD + 1;
	int err = cio_buf_reserve(&t->out, n + records * 64);
	while (err == 0) {
		if (t->failed < 0)
			return failed_before(t);
		if (shut_down(t))
			return cio_fail(-EPIPE, "TLS with %s: this end is shut "
				"down already", t->name);
		ERR_clear_error();
		if (SSL_write_ex(t->ssl, p, n, &done) == 1)
			return 0;
		err = cio__tls_outcome(t, 0);
		if (err == -EAGAIN)
			err = cio__tls_wait_input(t);
	}
	return err;
}

/* The bytes of the first record in `out`, 0 if it is not a full one. Those of one
 * write are as long as each other, but for the last. */
static size_t full_record(const struct tls *t)
{
	const unsigned char *p = (const unsigned char *)t->out.p;
	size_t n = t->out.n >= 5 ? (size_t)p[3] << 8 | p[4] : 0;
	return n >= RECORD ? n + 5 : 0;
}

/* Send what is in `out`, n bytes of the caller's. Cut, only records that went out
 * whole are known to have: the peer can read no others. They count, and the
 * error is met by the next call. */
static ssize_t send_out(struct tls *t, size_t n)
{
	uint64_t before = t->gone;
	size_t record = full_record(t);
	int err = cio__tls_flush(t);
	if (err == 0 || t->out.n == 0)
		return err < 0 ? err : (ssize_t)n;
	t->base.torn = true;
	size_t whole = record > 0 ? (size_t)(t->gone - before) / record : 0;
	if (whole == 0)
		return err;
	if (whole * RECORD >= n)
		return (ssize_t)n;
	t->cut = err;
	return (ssize_t)(whole * RECORD);
}

static ssize_t tls_write_some(cio_stream *s, struct iovec *iov, int count)
{
	struct tls *t = tls_of(s);
	struct iovec piece;
	char *copy;
	int err = t->cut;
	t->cut = 0;
	err = err < 0 ? err : cio_checkpoint();
	err = err < 0 ? err : cio__tls_flush(t);
	err = err < 0 ? err : gather(iov, count, &piece, &copy);
	if (err < 0)
		return err;
	size_t n = piece.iov_len;
	err = encrypt(t, piece.iov_base, n);
	cio__free(copy);
	if (err == 0)
		return send_out(t, n);
	s->torn |= t->out.n > 0;
	return err;
}

/* ---- the end ---- */

/* Put the goodbye behind what is left to say (an alert), while it can be said. */
static int add_goodbye(struct tls *t)
{
	if (t->failed < 0 || shut_down(t))
		return 0;
	/* a second SSL_shutdown would read; so the first must succeed */
	if (cio_buf_reserve(&t->out, GOODBYE_ROOM) < 0)
		return -ENOMEM;
	ERR_clear_error();
	(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
	return 0;
}

static int say_goodbye(struct tls *t)
{
	int err = add_goodbye(t);
	return err < 0 ? err : cio__tls_flush(t);
}

/* The same where nothing can wait: if it is not taken at once, the end is a
 * cut. */
static void try_goodbye(struct tls *t)
{
	if (add_goodbye(t) == 0 && t->out.n > 0)
		(void)cio__stream_try_write(t->inner, t->out.p, t->out.n);
}

static int tls_shutdown(cio_stream *s)
{
	struct tls *t = tls_of(s);
	int err = 0;
	CIO_SHIELD(GOODBYE_TIME, &err)
		err = say_goodbye(t);
	return err;
}

/* A socket that is closed with bytes unread resets the connection, and takes
 * with it what the peer has not read yet. These may be tickets. */
static void discard_input(struct tls *t)
{
	for (int i = 0; i < MOST_DISCARDED; i++) {
		if (cio_stream_try_fill(t->inner) <= 0)
			break;
		cio_stream_consume(t->inner, cio_stream_peek(t->inner).n);
	}
}

static void close_inner(struct tls *t, bool abort)
{
	cio_stream *inner = t->inner;
	t->inner = NULL;
	if (abort)
		cio_stream_abort(inner);
	else
		cio_stream_close(inner);
}

/* May the peer believe that this is all? */
static bool ends_well(const struct tls *t)
{
	return !t->base.torn && !t->flushing && cio_refused() == 0;
}

static void tls_close(cio_stream *s, bool abort)
{
	struct tls *t = tls_of(s);
	bool polite = !abort && ends_well(t);
	int err = 0;
	if (polite) {
		CIO_TIMEOUT(GOODBYE_TIME, &err)
			err = say_goodbye(t);
	}
	if (polite && !t->filling && t->idle == NULL)
		discard_input(t);
	close_inner(t, abort);
}

static void tls_drop(cio_stream *s)
{
	struct tls *t = tls_of(s);
	cio_stream *inner = t->inner;
	if (ends_well(t)) {
		try_goodbye(t);
		if (!t->filling && t->idle == NULL)
			discard_input(t);
	}
	t->inner = NULL;
	cio_stream_drop(inner);
	cio_stream_release(s);
}

void cio__tls_free(struct tls *t)
{
	/* its session stays good for resumption, goodbye or not */
	if (t->ssl != NULL && t->failed == 0)
		SSL_set_shutdown(t->ssl,
			SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	cio_buf_finish(&t->out);
	cio_tls_config_close(t->config);
	cio__free(t);
}

static void tls_free(cio_stream *s)
{
	cio__tls_free(tls_of(s));
}

/* ---- its state ---- */

/* What the peer has sent by itself is read, and was either TLS's own (tickets:
 * then there is nothing) or a reason not to use the connection again. */
static bool tls_reusable(cio_stream *s)
{
	const struct tls *t = tls_of(s);
	return t->out.n == 0 && !cio_stream_torn(t->inner) && !shut_down(t) &&
		cio__stream_try_fill(s) == -EAGAIN;
}

static int tls_name(cio_stream *s, cio_address *out, bool peer)
{
	cio_stream *inner = tls_of(s)->inner;
	return peer ? cio_stream_peer(inner, out) :
		      cio_stream_local(inner, out);
}

/* ---- waiting without a stack ---- */

/* Bring what is here into the buffer: 1 (there is something, or the end), 0
 * (wait on), or an error. */
static int bring(struct tls *t)
{
	ssize_t n = quiet(t) ? -EAGAIN : cio__stream_try_fill(&t->base);
	return n == -EAGAIN ? 0 : n < 0 ? (int)n : 1;
}

/* 0: the inner stream waits; else as `bring`. */
static int arm(struct tls *t, cio_stream_idle *idle)
{
	for (;;) {
		int here = bring(t);
		if (here != 0)
			return here;
		t->idle = idle;
		(void)SSL_free_buffers(t->ssl); /* not if half a record is in */
		here = cio_stream_wait_idle(t->inner, &t->inner_idle,
			idle->op.group, idle->op.deadline);
		if (here == 0)
			return 0;
		t->idle = NULL;
		if (here < 0)
			return here;
		if (cio_stream_peek(t->inner).n == 0)
			t->input_ended = true;
	}
}

static void inner_ready(cio_stream_idle *inner_idle, int err)
{
	struct tls *t = container_of(inner_idle, struct tls, inner_idle);
	cio_stream_idle *idle = t->idle;
	t->idle = NULL;
	cio__tls_wake(t);
	if (err == 0) {
		/* bytes, or the end, which a try tells */
		ssize_t n = cio__stream_try_fill(&t->base);
		err = n != -EAGAIN ? (n < 0 ? (int)n : 1) : arm(t, idle);
		if (err == 0)
			return;
	}
	cio_stream_idle_ready(idle, err > 0 ? 0 : err);
}

static int tls_wait_idle(cio_stream *s, cio_stream_idle *idle)
{
	struct tls *t = tls_of(s);
	t->inner_idle.ready = inner_ready;
	return arm(t, idle);
}

/* ---- making one ---- */

static const cio_stream_ops tls_ops = {
	.read = tls_read,
	.write_some = tls_write_some,
	.shutdown = tls_shutdown,
	.close = tls_close,
	.drop = tls_drop,
	.reusable = tls_reusable,
	.wait_idle = tls_wait_idle,
	.name = tls_name,
	.fill = tls_fill,
	.free = tls_free,
	.try_read = tls_try_read,
};

static int attach(struct tls *t)
{
	BIO *bio = BIO_new(t->config->method);
	t->ssl = SSL_new(t->config->context);
	if (bio == NULL || t->ssl == NULL) {
		BIO_free(bio);
		return -ENOMEM;
	}
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t);
	return 0;
}

int cio__tls_new(struct tls **out, cio_stream *inner, cio_tls_config *c,
	const char *name)
{
	size_t n = strlen(name) + 1;
	struct tls *t = cio__zalloc(sizeof *t + n);
	if (t == NULL)
		return -ENOMEM;
	cio_stream_init(&t->base, &tls_ops);
	memcpy(t->name, name, n);
	t->inner = inner;
	t->config = c;
	cio__tls_config_hold(c);
	if (attach(t) < 0) {
		cio__tls_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

/* ---- what is known of it ---- */

int cio_tls_get_info(const cio_stream *s, cio_tls_info *out)
{
	if (s->ops != &tls_ops)
		return cio_fail(-EINVAL, "this stream is not TLS");
	const struct tls *t = container_of(s, struct tls, base);
	X509 *peer = SSL_get0_peer_certificate(t->ssl);
	const unsigned char *alpn;
	unsigned n;
	*out = (cio_tls_info){
		.version = SSL_get_version(t->ssl),
		.cipher = SSL_get_cipher_name(t->ssl),
		.resumed = SSL_session_reused(t->ssl),
		.verified = peer != NULL && t->verifies &&
			SSL_get_verify_result(t->ssl) == X509_V_OK,
		.handshake_time = t->handshake_time,
	};
	SSL_get0_alpn_selected(t->ssl, &alpn, &n);
	if (n > 0 && n < sizeof out->alpn)
		memcpy(out->alpn, alpn, n);
	if (peer != NULL) {
		cio__tls_subject(peer, out->peer_subject,
			sizeof out->peer_subject);
		(void)X509_digest(peer, EVP_sha256(), out->peer_sha256, NULL);
	}
	return 0;
}

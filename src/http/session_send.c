/* SPDX-License-Identifier: MIT */
/*
 * session_send.c - the request, onto a connection
 *
 * A small body goes out with the head in one write, then the answer is read. A
 * larger one, or one that is made while it is sent, goes out in a task beside:
 * the server may answer before it has taken all of it, and then nobody is to be
 * stuck in a write.
 */
#include <errno.h>
#include <sys/uio.h>

#include <cio/event.h>

#include "base/mem.h"
#include "http/session.h"
#include "wire/http1_write.h"

enum {
	OUT_KEPT = 4096,      /* larger heads are not kept as memory */
	AT_ONCE = 32 * 1024,  /* a body that goes out with the head */
	PIECE = 64 * 1024,    /* of one that does not */
};

/* ---- the head ---- */

/* Headers that are for the request's own origin. */
static bool is_private(cio_str name)
{
	static const char *const names[] = {"Authorization", "Cookie",
		"Proxy-Authorization", "Host"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (cio_str_equal_nocase(name, cio_str_of(names[i])))
			return true;
	return false;
}

/* Headers that describe a body, which a redirect may have taken away. */
static bool is_of_body(cio_str name)
{
	static const char prefix[] = "Content-";
	return name.n > sizeof prefix - 1 &&
		cio_str_equal_nocase((cio_str){name.p, sizeof prefix - 1},
			cio_str_of(prefix));
}

static bool wanted(const struct exchange *x, const cio_http_header *h)
{
	cio_str name = cio_str_of(h->name);
	if (x->strange && is_private(name))
		return false;
	if (cio_str_equal_nocase(name, cio_str_of("Cookie")))
		return false; /* session_write_cookies has them */
	return x->body != NULL || x->r->redirects == 0 || !is_of_body(name);
}

static int write_default(const struct exchange *x, cio_buf *b,
	const char *name, const char *value)
{
	if (value == NULL || session_has_header(x, name))
		return 0;
	return cio__http1_write_header(b, cio_str_of(name), cio_str_of(value));
}

static int write_line(const struct exchange *x, cio_buf *b)
{
	int err = cio_buf_puts(b, cio_http_method_name(x->method));
	err = err < 0 ? err : cio_buf_puts(b, " ");
	err = err < 0 ? err : cio__url_write_target(b, &x->url);
	return err < 0 ? err : cio_buf_puts(b, " HTTP/1.1\r\n");
}

static bool overridden(const struct exchange *x, const char *name)
{
	const cio_http_header *h = x->rq->headers;
	for (; h != NULL && h->name != NULL; h++)
		if (cio_str_equal_nocase(cio_str_of(h->name), cio_str_of(name)))
			return true;
	return x->rq->range != NULL &&
		cio_str_equal_nocase(cio_str_of(name), cio_str_of("Range"));
}

static int write_headers(const struct exchange *x, cio_buf *b)
{
	int err = 0;
	const cio_http_header *h = x->s->o.headers;
	for (; err == 0 && h != NULL && h->name != NULL; h++)
		if (!overridden(x, h->name) && wanted(x, h))
			err = cio__http1_write_header(b, cio_str_of(h->name),
				cio_str_of(h->value));
	for (h = x->rq->headers; err == 0 && h != NULL && h->name != NULL; h++)
		if (wanted(x, h))
			err = cio__http1_write_header(b, cio_str_of(h->name),
				cio_str_of(h->value));
	return err;
}

static int write_range(const struct exchange *x, cio_buf *b)
{
	if (x->rq->range == NULL)
		return 0;
	return cio_buf_printf(b, "Range: bytes=%s\r\n", x->rq->range);
}

/* A body announces its length, even an empty one where one is expected. */
static int write_framing(const struct exchange *x, cio_buf *b)
{
	cio_http_method m = x->method;
	if (x->body == NULL && m != CIO_POST && m != CIO_PUT && m != CIO_PATCH)
		return 0;
	if (x->body != NULL && x->body->size < 0)
		return cio__http1_write_chunked(b);
	return cio__http1_write_length(b,
		x->body != NULL ? (uint64_t)x->body->size : 0);
}

static int write_head(struct exchange *x)
{
	cio_buf *b = &x->c->out;
	cio_buf_clear(b);
	int err = write_line(x, b);
	if (err == 0 && (x->strange || !session_has_header(x, "Host")))
		err = cio_buf_append(b, x->c->host.p, x->c->host.n);
	err = err < 0 ? err :
			write_default(x, b, "User-Agent", x->s->o.user_agent);
	err = err < 0 ? err : write_default(x, b, "Accept", "*/*");
	if (!x->s->o.no_decode && !session_asks_range(x))
		err = err < 0 ? err : write_default(x, b, "Accept-Encoding",
					      decoder_accepts());
	err = err < 0 ? err : write_headers(x, b);
	err = err < 0 ? err : session_write_cookies(x, b);
	err = err < 0 ? err : session_write_auth(x, b);
	if (x->body != NULL)
		err = err < 0 ? err :
				write_default(x, b, "Content-Type", x->body->type);
	err = err < 0 ? err : write_range(x, b);
	err = err < 0 ? err : write_framing(x, b);
	if (x->body != NULL && x->rq->expect_continue)
		err = err < 0 ? err :
				cio_buf_puts(b, "Expect: 100-continue\r\n");
	return err < 0 ? err : cio__http1_write_end(b);
}

/* ---- onto the wire ---- */

static int write_out(struct exchange *x, struct iovec *iov, int count)
{
	size_t done = 0;
	int err = cio_stream_writev(x->c->stream, iov, count, &done);
	x->sent += done;
	return err;
}

static void all_sent(struct exchange *x)
{
	if (x->c->out.cap > OUT_KEPT)
		cio_buf_finish(&x->c->out);
	if (x->phase == PHASE_SEND)
		x->phase = PHASE_WAIT;
	x->whole = true;
	session_trace(x, CIO_HTTP_EVENT_SENT);
	if (x->phase < PHASE_BODY) /* else the answer is here already */
		session_limit(x, x->s->o.first_byte_timeout,
			"first_byte_timeout");
}

cio_str session_body_bytes(const struct exchange *x)
{
	if (x->body != &x->bytes)
		return (cio_str){0};
	return (cio_str){x->rq->json != NULL ? x->rq->json : x->rq->body,
		(size_t)x->bytes.size};
}

static bool goes_with_head(const struct exchange *x)
{
	return x->body == NULL ||
		(x->body == &x->bytes && x->bytes.size <= AT_ONCE &&
			!x->rq->expect_continue);
}

/* Has the peer gone? Then its answer, if there is one, says more. */
static bool peer_gone(int err)
{
	return err == -EPIPE || err == -ECONNRESET;
}

static int send_at_once(struct exchange *x)
{
	struct iovec iov[2] = {{x->c->out.p, x->c->out.n}, {0}};
	int pieces = 1;
	if (x->body != NULL && x->bytes.size > 0)
		iov[pieces++] = (struct iovec){
			(void *)(uintptr_t)session_body_bytes(x).p,
			(size_t)x->bytes.size};
	session_limit(x, x->s->o.write_timeout, "write_timeout");
	int err = write_out(x, iov, pieces);
	if (err == 0)
		all_sent(x);
	else if (peer_gone(err))
		x->send_err = err;
	return peer_gone(err) ? 0 : err;
}

/* ---- a body of its own task ---- */

static int write_piece(struct exchange *x, struct iovec *iov, int count)
{
	cio_duration d = x->s->o.write_timeout;
	cio_scope s;
	cio_scope_begin(&s, d > 0 ? cio_time_after(d) : CIO_NEVER);
	int err = cio_scope_end(&s, write_out(x, iov, count));
	if (err == -ETIMEDOUT && cio_scope_expired(&s)) {
		x->write_late = true;
		x->late = "write_timeout";
		x->late_after = d;
	}
	if (peer_gone(err))
		x->send_err = err;
	return err;
}

static int send_bytes(struct exchange *x)
{
	const char *p = session_body_bytes(x).p;
	size_t left = (size_t)x->bytes.size;
	int err = 0;
	while (err == 0 && left > 0) {
		size_t n = left < PIECE ? left : PIECE;
		struct iovec iov = {(void *)(uintptr_t)p, n};
		err = write_piece(x, &iov, 1);
		p += n;
		left -= n;
	}
	return err;
}

/* `buf` has room for a chunk's first line before `at`, and for its end. */
enum { CHUNK_LINE = 20, CHUNK_END = 2 };

static int send_chunk(struct exchange *x, char *buf, size_t n)
{
	cio_buf line = {0};
	int err = n > 0 ? cio__http1_write_chunk_begin(&line, n) :
			  cio__http1_write_last_chunk(&line);
	if (err == 0) {
		char end[] = "\r\n";
		struct iovec iov[] = {{line.p, line.n}, {buf, n}, {end, 2}};
		err = write_piece(x, iov, n > 0 ? 3 : 1);
	}
	cio_buf_finish(&line);
	return err;
}

static int send_read(struct exchange *x, char *buf, size_t n)
{
	struct iovec iov = {buf, n};
	if (x->body->size < 0)
		return send_chunk(x, buf, n);
	return n > 0 ? write_piece(x, &iov, 1) : 0;
}

/* The source kept its word about its size? */
static int check_size(struct exchange *x, uint64_t total, size_t n)
{
	if (x->body->size < 0)
		return 0;
	uint64_t size = (uint64_t)x->body->size;
	if (total > size)
		return session_wrong(x, -EIO, "the body is longer than it said");
	if (n == 0 && total < size)
		return session_wrong(x, -EIO, "the body is shorter than it said");
	return 0;
}

static int send_source(struct exchange *x)
{
	char *buf = cio__alloc(PIECE);
	if (buf == NULL)
		return -ENOMEM;
	uint64_t total = 0;
	ssize_t n;
	int err;
	do {
		x->consumed = true;
		n = x->body->read(x->body, buf, PIECE);
		if (n < 0 && cio_refused() == 0)
			x->wrong = "the body could not be read";
		total += n > 0 ? (uint64_t)n : 0;
		err = n < 0 ? (int)n : check_size(x, total, (size_t)n);
		if (err == 0)
			err = send_read(x, buf, (size_t)n);
	} while (err == 0 && n > 0);
	cio__free(buf);
	return err;
}

static int wait_for_continue(struct exchange *x)
{
	cio_scope s;
	cio_scope_begin(&s, cio_time_after(x->s->o.expect_timeout));
	int err = cio_scope_end(&s, cio_event_wait(&x->go_on));
	return err == -ETIMEDOUT && cio_scope_expired(&s) ? 0 : err;
}

static int send_body(struct exchange *x)
{
	int err = x->rq->expect_continue ? wait_for_continue(x) : 0;
	if (err < 0 || x->drop) /* decided while nothing of the body was taken */
		return err;
	x->continued = true;
	err = x->body == &x->bytes ? send_bytes(x) : send_source(x);
	if (err == 0)
		all_sent(x);
	/* the body's own errors may look the same, but are nobody's answer */
	return x->send_err != 0 ? 0 : err;
}

static const char no_body[] = "the body could not be sent";

/* A task, which may outlive the call of who began it: he may go on as soon as
 * the answer's head is here. */
static int send_beside(struct exchange *const *self)
{
	struct exchange *x = *self;
	cio_scope s;
	cio_scope_begin(&s, x->deadline);
	int err = cio_scope_end(&s, send_body(x));
	if (cio_refused() < 0)
		return 0; /* it was not wanted any more */
	if (err < 0 && x->receiving != NULL)
		cio_scope_cancel(x->receiving, no_body);
	return err;
}

int session_end_upload(struct exchange *x)
{
	cio_task *t = x->upload;
	if (t == NULL)
		return 0;
	x->upload = NULL;
	cio_task_cancel(t, "the rest of the body is for nobody");
	return cio_await(t);
}

/* ---- both directions ---- */

void session_receiving(struct exchange *x, cio_scope *s)
{
	cio_scope_begin(s, CIO_NEVER);
	x->receiving = s;
	if (x->upload != NULL && cio_task_done(x->upload) &&
		cio_task_result(x->upload) < 0)
		cio_scope_cancel(s, no_body);
}

int session_received(struct exchange *x, int err)
{
	cio_scope *s = x->receiving;
	x->receiving = NULL;
	err = cio_scope_end(s, err);
	if (x->upload == NULL || !cio_task_done(x->upload))
		return err;
	/* it stays: whoever reads may be refused just now, and ask again */
	int sent = cio_task_result(x->upload);
	if (sent == -ETIMEDOUT) { /* not the limit of whoever reads */
		x->late = x->write_late ? "write_timeout" : NULL;
		x->late_after = x->s->o.write_timeout;
	}
	return sent < 0 ? sent : err;
}

/* Is what is left of the body for nobody any more? */
static bool answered_early(const struct exchange *x, int err)
{
	return err < 0 || x->r->status >= 300 ||
		(x->rq->expect_continue && !x->continued);
}

static int receive_body(struct exchange *x)
{
	return x->reading && !x->drop ? 0 : session_receive_body(x);
}

static int receive(struct exchange *x)
{
	int err = session_receive_head(x);
	return err < 0 ? err : receive_body(x);
}

static int exchange_beside(struct exchange *x)
{
	struct iovec head = {x->c->out.p, x->c->out.n};
	int err = write_piece(x, &head, 1);
	if (err < 0)
		return peer_gone(err) ? receive(x) : err;

	cio_scope s;
	x->go_on = (cio_event){0};
	x->continued = x->write_late = false;
	x->upload = cio_spawn(send_beside, &(struct exchange *){x});
	if (x->upload == NULL)
		return -ENOMEM;
	session_receiving(x, &s);
	err = session_receive_head(x);
	bool early = answered_early(x, err);
	if (!early)
		err = receive_body(x);
	err = session_received(x, err);
	if (err == 0 && !early && x->reading && !x->drop)
		return 0; /* what is left of it goes out while the answer is read */
	/* a server that has said all it will say may have stopped reading */
	int sent = session_end_upload(x);
	err = err < 0 ? err : sent;
	return err == 0 && early ? receive_body(x) : err;
}

/* A server may refuse a body before it has taken all of it, and close: then its
 * answer is here, and says more than our broken write. */
static int blame(struct exchange *x, int err)
{
	if (x->send_err == 0 || x->phase > PHASE_WAIT || !peer_gone(err))
		return err;
	x->phase = PHASE_SEND;
	return session_wrong(x, x->send_err, NULL);
}

int session_exchange(struct exchange *x)
{
	x->phase = PHASE_SEND;
	x->whole = false;
	session_trace(x, CIO_HTTP_EVENT_SEND);
	int err = write_head(x);
	if (err < 0)
		return err;
	if (!goes_with_head(x))
		return blame(x, exchange_beside(x));
	err = send_at_once(x);
	return err < 0 ? err : blame(x, receive(x));
}

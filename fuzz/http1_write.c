/* SPDX-License-Identifier: MIT */
/*
 * http1_write.c - fuzz the HTTP/1.1 writer: parse(serialise(x)) = x
 *
 * Five lines of input are method, target, header name, header value and, to
 * the end, the body. What the writer accepts, the parser must read back as it
 * was; what it refuses must have left the buf alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/http1.h"
#include "wire/http1_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

static cio_str take_line(cio_str *s)
{
	const char *end = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
	size_t n = end != NULL ? (size_t)(end - s->p) : s->n;
	cio_str line = {s->p, n};

	*s = end != NULL ? (cio_str){s->p + n + 1, s->n - n - 1}
			 : (cio_str){s->p, 0};
	return line;
}

/* Lines end with LF, so a LF within a part stands as 0x01 in the input. */
static void lf(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = p[i] == 1 ? '\n' : p[i];
}

static bool clean(cio_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool accepted(const cio_buf *b, size_t before, int err)
{
	CHECK(err == 0 || (err == -EINVAL && b->n == before));
	return err == 0;
}

static void body(cio_buf *b, cio_str text)
{
	if (text.n % 2 == 0) {
		CHECK(cio__http1_write_length(b, text.n) == 0);
		CHECK(cio__http1_write_end(b) == 0);
		CHECK(cio_buf_append(b, text.p, text.n) == 0);
		return;
	}
	CHECK(cio__http1_write_chunked(b) == 0);
	CHECK(cio__http1_write_end(b) == 0);
	CHECK(cio__http1_write_chunk_begin(b, 0) == -EINVAL);
	CHECK(cio__http1_write_chunk_begin(b, text.n) == 0);
	CHECK(cio_buf_append(b, text.p, text.n) == 0);
	CHECK(cio__http1_write_chunk_end(b) == 0);
	CHECK(cio__http1_write_last_chunk(b) == 0);
}

/* Read b back; the parser is left at the head for comparing. */
static enum http1_event read_back(struct http1_parser *p, const cio_buf *b,
				  cio_str text)
{
	size_t used, at = 0;
	cio_str data;

	enum http1_event e = cio__http1_next(p, b->p, b->n, &used, &data);
	if (e != HTTP1_HEAD)
		return e;
	at = used;
	if (text.n > 0) {
		CHECK(cio__http1_next(p, b->p + at, b->n - at, &used, &data) ==
		      HTTP1_DATA);
		CHECK(cio_str_equal(data, text));
		at += used;
	}
	CHECK(cio__http1_next(p, b->p + at, b->n - at, &used, &data) ==
	      HTTP1_END);
	CHECK(at + used == b->n);
	return HTTP1_HEAD;
}

static void request(cio_str method, cio_str target, cio_str name,
		    cio_str value, cio_str text)
{
	struct http1_header headers[4];
	struct http1_parser p;
	cio_buf b = {0};

	int first = cio__http1_write_request(&b, method, target);
	bool ok = accepted(&b, 0, first);
	if (ok)
		CHECK(clean(method) && clean(target));
	CHECK(cio__http1_write_header(&b, cio_str_of("Host"),
				      cio_str_of("a")) == 0);
	size_t before = b.n;
	int err = cio__http1_write_header(&b, name, value);
	bool ok_header = accepted(&b, before, err);
	if (ok_header)
		CHECK(clean(name) && clean(value));
	body(&b, text);
	cio__http1_init(&p, HTTP1_REQUEST, headers, 4, NULL);
	/* The parser may still refuse what this program said twice, such as
	 * a second Host, or a target that does not fit the method. */
	if (ok && read_back(&p, &b, text) == HTTP1_HEAD) {
		CHECK(cio_str_equal(p.method, method));
		CHECK(cio_str_equal(p.target, target));
		CHECK(p.n_headers == (ok_header ? 3 : 2));
		CHECK(!ok_header || cio_str_equal(p.headers[1].name, name));
		CHECK(!ok_header || cio_str_equal(p.headers[1].value, value));
	} else if (ok && !ok_header) { /* nothing odd but these: */
		CHECK(target.p[0] != '/' ||
		      cio_str_equal(method, cio_str_of("CONNECT")));
	}
	cio_buf_finish(&b);
}

static void response(int status, cio_str reason, cio_str text)
{
	struct http1_header headers[4];
	struct http1_parser p;
	cio_buf b = {0};

	int err = cio__http1_write_status(&b, status, reason);
	if (accepted(&b, 0, err)) {
		CHECK(clean(reason) && status >= 100 && status <= 999);
		if (status < 200 || status == 204 || status == 304) {
			text = (cio_str){0};
			CHECK(cio__http1_write_end(&b) == 0);
		} else {
			body(&b, text);
		}
		cio__http1_init(&p, HTTP1_RESPONSE, headers, 4, NULL);
		CHECK(read_back(&p, &b, text) == HTTP1_HEAD);
		CHECK(p.status == status);
		CHECK(reason.n == 0 || cio_str_equal(p.reason, reason));
	}
	cio_buf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_buf copy = {0};
	CHECK(cio_buf_append(&copy, data, n) == 0);
	cio_str rest = cio_buf_view(&copy);
	cio_str part[4];

	for (int i = 0; i < 4; i++)
		part[i] = take_line(&rest);
	lf(copy.p, n - rest.n);
	request(part[0], part[1], part[2], part[3], rest);
	response(n > 1 ? data[0] * 4 + data[1] % 4 : 200, part[3], rest);
	cio_buf_finish(&copy);
	return 0;
}

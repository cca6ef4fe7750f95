/* SPDX-License-Identifier: MIT */
/*
 * http1.h - a strict, incremental HTTP/1.1 parser for both directions
 *
 *	struct http1_header headers[HTTP1_HEADERS];
 *	struct http1_parser p;
 *	cio__http1_init(&p, HTTP1_REQUEST, headers, HTTP1_HEADERS, NULL);
 *	for (;;) {
 *		size_t used;
 *		cio_str data;
 *		switch (cio__http1_next(&p, in.p, in.n, &used, &data)) {
 *		case HTTP1_MORE: ... consume `used`, then read more into `in`
 *		case HTTP1_HEAD: ... look at p.method, p.headers ..., consume
 *		case HTTP1_DATA: ... take `data`, consume
 *		case HTTP1_END: ... consume; cio__http1_reset(&p) and go on
 *		case HTTP1_ERROR: ... answer p.error_status, p.error; close
 *		}
 *	}
 *
 * The caller owns one contiguous input buffer. After every call it drops the
 * first `used` bytes, whatever the event was, and calls again with what is
 * left; only HTTP1_MORE means that more bytes must be read first. The buffer
 * may move between calls. It must be able to hold the largest head and the
 * longest chunk or trailer line that the limits allow: 16 KiB by default.
 *
 * Any split of the input gives the same events (adjacent DATA joined) and the
 * same error after the same number of used bytes. Time is linear in the input
 * however it is split. Nothing is allocated; nothing outside in[0..n) is read.
 *
 * There is no lenient mode. What is refused and why stands in http1.c, rule
 * by rule. Chunked bodies are undone; trailers are checked and dropped.
 */
#ifndef CIO_WIRE_HTTP1_H
#define CIO_WIRE_HTTP1_H

#include <cio/base.h>

enum {
	HTTP1_HEADERS = 100,          /* defaults of the limits */
	HTTP1_HEAD_BYTES = 16 * 1024,
	HTTP1_TARGET_BYTES = 8 * 1024,
	HTTP1_EXTENSION_BYTES = 4 * 1024,
	HTTP1_TRAILER_BYTES = 8 * 1024,
	HTTP1_METHOD_BYTES = 32,      /* fixed */
};

enum http1_kind { HTTP1_REQUEST, HTTP1_RESPONSE };

enum http1_event {
	HTTP1_MORE,  /* needs more bytes than it was given */
	HTTP1_HEAD,  /* the head is complete: see the parser's public fields */
	HTTP1_DATA,  /* `data` views body bytes, until they are consumed */
	HTTP1_END,   /* the message is complete; repeated until reset */
	HTTP1_ERROR, /* give up the connection; repeated until init */
};

struct http1_header {
	cio_str name, value; /* the value is trimmed; may be empty */
};

/* 0 means the default; `body` 0 means no limit (413 beyond it). */
struct http1_limits {
	size_t head;       /* first line and headers (431) */
	size_t target;     /* 414 */
	size_t extensions; /* chunk extensions of one message, together */
	size_t trailers;   /* trailer section of one message (431) */
	uint64_t body;
};

/* Which request a response answers: it decides whether a body follows. */
enum http1_answers {
	HTTP1_TO_ANY,
	HTTP1_TO_HEAD,    /* never a body */
	HTTP1_TO_CONNECT, /* 2xx: no body, then a tunnel */
};

/*
 * The fields up to `private` are for reading. Views point into `in` as it was
 * when HTTP1_HEAD was returned: valid until the caller consumes those bytes.
 * The rest is valid until reset.
 */
struct http1_parser {
	enum http1_kind kind;

	cio_str method, target; /* request */
	int status;             /* response: 100-999 */
	cio_str reason;         /* response: may be empty */
	int minor;              /* HTTP/1.minor: 0 or 1 */
	struct http1_header *headers;
	size_t n_headers;

	/* What the body will be. `content_length` is what the header said, or
	 * -1; a response to HEAD may have one and yet no body. */
	int64_t content_length;
	bool has_body;        /* DATA may follow before END */
	bool chunked;
	bool until_close;     /* only EOF ends the body (responses) */
	bool keep_alive;      /* a further message may follow on this stream */
	bool expect_continue; /* request: the client waits for a 100 */
	/* Request: asks to upgrade ("Connection: upgrade" and "Upgrade"), or
	 * is CONNECT. Response: 101, or 2xx to CONNECT: what follows END is
	 * no longer HTTP. A request's body, if any, still comes as DATA. */
	bool upgrade;

	/* After HTTP1_ERROR: the status a server should answer, and what was
	 * wrong in a few words (static, never NULL then). */
	int error_status;
	const char *error;

	/* private */
	struct http1_limits limits;
	size_t max_headers;
	enum http1_answers answers;
	int state;
	bool skipped_crlf;
	size_t line;       /* where in `in` the current line starts */
	size_t scanned;    /* no line end before this offset of `in` */
	uint64_t left;     /* of the body, or of the current chunk */
	uint64_t body;     /* DATA bytes so far */
	size_t extensions; /* bytes so far */
	size_t trailers;   /* bytes so far */
};

/* Begin with the first message of a stream. `headers` is the caller's table
 * of `max_headers` places and must outlive the parser's use (more headers than
 * that: 431). `limits` may be NULL, and is copied. */
void cio__http1_init(struct http1_parser *p, enum http1_kind kind,
		     struct http1_header *headers, size_t max_headers,
		     const struct http1_limits *limits);

/* Go on to the next message of the same stream, after HTTP1_END. A response
 * parser expects an answer to the same kind of request until told otherwise,
 * so that 1xx need no further care. */
void cio__http1_reset(struct http1_parser *p);

/* For a response, before its head is parsed. The default is HTTP1_TO_ANY. */
void cio__http1_answers(struct http1_parser *p, enum http1_answers answers);

/* The next event of in[0..n); `in` may be NULL if n is 0. Sets `*used` always
 * and `*data` for HTTP1_DATA only. Until HTTP1_HEAD the head stays in the
 * buffer: nothing is used but one empty line in front of a request. */
enum http1_event cio__http1_next(struct http1_parser *p, const char *in,
				 size_t n, size_t *used, cio_str *data);

/* The stream has ended after everything in the buffer was offered: HTTP1_END
 * if that completes the message, else HTTP1_ERROR (truncated). */
enum http1_event cio__http1_eof(struct http1_parser *p);

/* True while no byte of the next message has been seen, so that EOF is no
 * error of the peer's. */
bool cio__http1_idle(const struct http1_parser *p);

/* The first header of that name (ASCII case ignored), or NULL. */
const struct http1_header *cio__http1_find(const struct http1_header *headers,
					   size_t n, const char *name);

/* Is `token` (case ignored) a whole element of the comma list `value`? */
bool cio__http1_has_token(cio_str value, const char *token);

/* Is it a token (RFC 9110 5.6.2), or text fit for a header value? The writer
 * asks the same questions as the parser. */
bool cio__http1_is_token(cio_str s);
bool cio__http1_is_value(cio_str s);

#endif

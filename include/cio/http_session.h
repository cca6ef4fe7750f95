/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_SESSION_H
#define CIO_HTTP_SESSION_H

#include <cio/http.h>
#include <cio/pool.h>

CIO_BEGIN_DECLS

/*
 * HTTP session: the one shared client object of a program. It reuses and bounds
 * connections, retries, times out, and tells where the time went.
 *
 *	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
 *		.limit_per_host = 20, .timeout = CIO_S(10), .retries = 3,
 *	});
 *	cio_buf body = {0};
 *	int status = cio_http_get(http, "http://127.0.0.1:8080/", &body);
 *	...
 *	cio_buf_finish(&body);
 *	cio_http_session_close(http);
 *
 * HTTP/1.1 over TCP; https is -CIO_ETLS until TLS is built in.
 */
typedef struct cio_http_session cio_http_session;

typedef struct cio_http_session_options {
	uint32_t limit;          /* connections at once; 0: 100 */
	uint32_t limit_per_host; /* of these to one host and port; 0: no own limit */
	cio_duration timeout;    /* one attempt, wait for a place excepted; 0: 300 s */
	cio_duration connect_timeout; /* 0: 30 s */
	cio_duration acquire_timeout; /* wait for a place; 0: no limit */
	cio_duration keep_alive;      /* idle connections are kept; 0: 15 s */
	int retries;                  /* further attempts; 0: none */
	cio_duration backoff;         /* first pause's upper bound; 0: 200 ms */
	cio_duration backoff_max;     /* longest pause; 0: 30 s, Retry-After too */
	size_t max_body;              /* bytes of an answer's body; 0: 64 MiB */
	size_t max_head;              /* bytes of an answer's head; 0: 16 KiB */
	const char *user_agent;       /* NULL: "cio/VERSION" */
} cio_http_session_options;

/* Open a session in the calling loop; NULL options are all defaults. NULL if
 * there is no memory. Strings are copied. Never yields. */
CIO_API cio_http_session *cio_http_session_open(
	const cio_http_session_options *options);

/* Close the idle connections and free. Every request must have ended. NULL is
 * ignored. Never refused. */
CIO_API void cio_http_session_close(cio_http_session *s);

/* Change `limit_per_host` (0: no limit of its own) for requests that acquire
 * their connection from now on. Never yields. */
CIO_API void cio_http_session_set_limit_per_host(cio_http_session *s,
	uint32_t limit);

/* Why a request failed, as `cio fetch` prints it. */
typedef enum cio_http_error {
	CIO_HTTP_OK,
	CIO_HTTP_ERROR_DNS,
	CIO_HTTP_ERROR_CONNECT,
	CIO_HTTP_ERROR_TLS,
	CIO_HTTP_ERROR_TIMEOUT,
	CIO_HTTP_ERROR_RESET,     /* the peer closed or reset before the end */
	CIO_HTTP_ERROR_PROTOCOL,  /* what came is not HTTP, or breaks its rules */
	CIO_HTTP_ERROR_TOO_LARGE, /* max_body or max_head */
	CIO_HTTP_ERROR_STATUS,    /* an answer, but not 2xx or 3xx: "http" */
	CIO_HTTP_ERROR_CANCELLED,
	CIO_HTTP_ERROR_URL,
	CIO_HTTP_ERROR_OTHER,     /* out of memory, descriptors: "other" */
	CIO_HTTP_ERRORS
} cio_http_error;

/* "dns", "connect", ... ; "" for CIO_HTTP_OK. */
CIO_API const char *cio_http_error_name(cio_http_error e);

typedef struct cio_http_request_options {
	cio_http_method method;         /* CIO_GET if zeroed */
	const char *url;                /* absolute */
	const cio_http_header *headers; /* ends with a zeroed one; NULL: none. They
	                                   replace Host, User-Agent, Accept */
	const void *body;               /* sent with Content-Length */
	size_t body_size;
	cio_duration timeout;           /* 0: the session's */
	int retries;                    /* 0: the session's, -1: none */
	bool retry_unsafe; /* POST and PATCH are repeated after a failure too */
} cio_http_request_options;

/* All of it belongs to the caller: start zeroed, `cio_http_response_finish`
 * after, whatever the call returned. */
typedef struct cio_http_response {
	int status;           /* 0: no whole answer came */
	cio_http_error error; /* why not, or CIO_HTTP_ERROR_STATUS for >= 400 */
	int attempts;         /* made, the last one included */
	bool keep_body;       /* in: 1 to collect the body, 0 to count it only */
	cio_buf body;         /* appended to; as it was if no whole answer came */
	uint64_t body_size;   /* bytes of the body as they came */
	cio_buf head;         /* private: what the headers point into */
	size_t header_count;
	struct cio_http_field {
		cio_str name, value;
	} *headers;           /* header_count of them, in the order of arrival */
	/* Of the last attempt, from its start; ns; 0: it did not come so far. */
	cio_duration time_namelookup, time_connect, time_starttransfer;
	cio_duration time_wait;  /* for a connection's place, all attempts */
	cio_duration time_total; /* all attempts and pauses, without time_wait */
	bool reused;             /* it went over a kept connection */
} cio_http_response;

CIO_API void cio_http_response_finish(cio_http_response *r);

/* The first header of this name, {NULL, 0} if there is none. */
CIO_API cio_str cio_http_response_header(const cio_http_response *r,
	const char *name);

/*
 * Make a request and wait for the whole answer. The status (>= 200) if an answer
 * came, whatever it says; else -CIO_EURL (a name and password in it too),
 * -CIO_EDNS, -ECONNREFUSED ..., -ETIMEDOUT, -ECONNRESET (an answer cut short, too),
 * -CIO_EPROTOCOL, -CIO_ETOOLARGE, -CIO_ETLS, -EINVAL (a header with bytes that do
 * not belong there, or one that is the session's to set: Content-Length,
 * Transfer-Encoding, Connection), -ENOMEM, or a refusal; cio_error_text names the
 * URL, the phase and what was wrong. Redirects are not followed.
 *
 * Repeated, up to `retries` times, after errors of the name or the connection,
 * resets, timeouts (but for `acquire_timeout`) and statuses 408 429 500 502 503
 * 504, if the method is idempotent (RFC 9110 §9.2.2) or nothing was sent; with a
 * pause of random length up to backoff * 2^n (full jitter), or what Retry-After
 * asks if that is longer. A request that met a kept connection which the peer had
 * closed is sent again on a new one, once, without counting, under the same
 * condition. During the pause no connection is held. Yields.
 */
CIO_API int cio_http_request_do(cio_http_session *s,
	const cio_http_request_options *request, cio_http_response *response);

/* GET the URL; append the body to `*body`. As cio_http_request_do. */
CIO_API int cio_http_get(cio_http_session *s, const char *url, cio_buf *body);

/* The session's pool of connections, and its requests. */
typedef struct cio_http_session_figures {
	cio_pool_figures connections;
	uint64_t requests, attempts, retries, replays;
} cio_http_session_figures;
CIO_API cio_http_session_figures cio_http_session_get_figures(
	const cio_http_session *s);

CIO_END_DECLS
#endif

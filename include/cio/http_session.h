/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_SESSION_H
#define CIO_HTTP_SESSION_H

#include <cio/cookie_jar.h>
#include <cio/http_request.h>
#include <cio/pool.h>
#include <cio/stream.h>

CIO_BEGIN_DECLS

/*
 * HTTP session: the one shared client object of a program. It reuses and bounds
 * connections, retries, times out, and tells where the time went.
 *
 *	cio_http_session *http = cio_http_session_open(&(cio_http_session_options){
 *		.limit_per_host = 20, .timeout = CIO_S(10), .retries = 3,
 *	});
 *	cio_buf body = {0};
 *	int status = cio_http_get(http, "https://example.org/", &body);
 *	...
 *	cio_buf_finish(&body);
 *	cio_http_session_close(http);
 *
 * HTTP/1.1 over TCP, TLS, a Unix socket, or whatever `dial` brings.
 *
 * A session belongs to one loop. Its connections are its own: what makes one
 * connection different from another (TLS settings, local address, proxy of
 * names) is fixed when the session is opened, and scheme, host, port and server
 * name are the key of its pool. So no request can go out over a connection that
 * was made under other rules.
 */
typedef struct cio_http_session cio_http_session;

/* ---- what happens on the way ---- */

typedef enum cio_http_event {
	CIO_HTTP_EVENT_START,      /* the call has begun */
	CIO_HTTP_EVENT_WAIT,       /* for its turn: rate, adaptive limit, pool */
	CIO_HTTP_EVENT_REUSED,     /* it got a kept connection */
	CIO_HTTP_EVENT_DNS,        /* the name is being asked for */
	CIO_HTTP_EVENT_CONNECT,    /* its addresses are being tried */
	CIO_HTTP_EVENT_TLS,        /* the handshake has begun */
	CIO_HTTP_EVENT_CONNECTED,  /* there is a new connection */
	CIO_HTTP_EVENT_SEND,       /* the request is being sent */
	CIO_HTTP_EVENT_SENT,       /* all of it has gone out */
	CIO_HTTP_EVENT_FIRST_BYTE, /* of the answer */
	CIO_HTTP_EVENT_HEAD,       /* the answer's head is here: `status` */
	CIO_HTTP_EVENT_RECEIVED,   /* the answer is complete */
	CIO_HTTP_EVENT_FAILED,     /* the attempt failed: `err` */
	CIO_HTTP_EVENT_RETRY,      /* there will be another after `pause` */
	CIO_HTTP_EVENT_REDIRECT,   /* the call goes on at `url` */
	CIO_HTTP_EVENT_END,        /* the call is over: `status` or `err` */
	CIO_HTTP_EVENTS            /* how many there are */
} cio_http_event;

/* Valid during the call of the hook. */
typedef struct cio_http_trace {
	cio_http_event event;
	uint64_t call;      /* the same for all events of one call; 1, 2, ... */
	int attempt;        /* 1, 2, ...; 0 before the first */
	cio_time at;
	const char *url;
	const char *method;
	int status, err;    /* where they are known, else 0 */
	cio_duration pause;
} cio_http_trace;

/* "start", "dns" ... */
CIO_API const char *cio_http_event_name(cio_http_event e);

/* ---- around a request ---- */

/*
 * Middleware: a function around each call, the first of the list outermost.
 *
 *	static int timed(cio_http_call *call, void *arg)
 *	{
 *		cio_time begun = cio_now();
 *		int status = cio_http_call_next(call);
 *		observe(arg, call->response->error, cio_now() - begun);
 *		return status;
 *	}
 *
 * It may change `request` (a copy) before, call `cio_http_call_next` never, once
 * or, for answers that are collected, several times (finish the response
 * between; a `source` is rewound, -EINVAL if it cannot be), and fill `response`
 * itself. It returns what the call is to return.
 */
typedef struct cio_http_call {
	cio_http_session *session;
	cio_http_request_options *request;
	cio_http_response *response;
	const void *next; /* private */
	void *state;      /* private */
} cio_http_call;

/* What comes further in. Yields. Returns as cio_http_request_do. */
CIO_API int cio_http_call_next(cio_http_call *call);

typedef struct cio_http_middleware {
	int (*fn)(cio_http_call *call, void *arg); /* NULL ends the list */
	void *arg;
} cio_http_middleware;

/* ---- the session ---- */

/* The answer to "host:port" (port may be "*") is this address literal. */
typedef struct cio_http_resolve {
	const char *name;    /* "example.org:443"; NULL ends the list */
	const char *address; /* "127.0.0.1", "::1"; the port stays */
} cio_http_resolve;

/* When a host's requests fail so often that the next would as well. */
typedef struct cio_http_breaker {
	uint32_t failures;     /* in a row: errors and 5xx; 0: no breaker */
	cio_duration cooldown; /* then one request tries, and only its outcome
	                          closes it; 0: 10 s */
} cio_http_breaker;

struct cio_tls_options;
struct cio_tcp_options;

typedef struct cio_http_session_options {
	/* -- how much at once -- */
	uint32_t limit;          /* connections at once; 0: 100 */
	uint32_t limit_per_host; /* of these to one host and port; 0: no own limit */
	bool adaptive;           /* a limit per host that follows what it can take:
	                            grows by one while answers are quick, halved by
	                            429, 503, timeouts, or twice the usual latency;
	                            between 1 and limit_per_host (or limit) */
	uint32_t rate;           /* requests begun per `rate_per`; 0: no limit */
	cio_duration rate_per;   /* 0: 1 s */
	uint32_t rate_per_host;  /* likewise, of one host and port */
	cio_duration rate_per_host_per; /* 0: rate_per */
	cio_http_breaker breaker;

	/* -- how long -- */
	cio_duration timeout;       /* one attempt, wait for its turn excepted;
	                               0: 300 s */
	cio_duration total_timeout; /* the call with all attempts, waits and pauses;
	                               0: no limit */
	cio_duration acquire_timeout;    /* wait for its turn; 0: no limit */
	cio_duration connect_timeout;    /* name and connection; 0: 30 s */
	cio_duration tls_timeout;        /* handshake; 0: 10 s; or that of `tls`,
	                                    if it is shorter */
	cio_duration first_byte_timeout; /* after the request; 0: no limit */
	cio_duration read_timeout;       /* between two reads; 0: no limit */
	cio_duration write_timeout;      /* between two writes; 0: no limit */
	cio_duration expect_timeout;     /* wait for 100 Continue; 0: 1 s */
	cio_duration keep_alive;         /* idle connections are kept; 0: 15 s */
	cio_duration max_lifetime;       /* of a connection; 0: no limit */

	/* -- again -- */
	int retries;              /* further attempts; 0: none */
	cio_duration retry_max_time; /* no further attempt so long after the first
	                                began; 0: no limit */
	const short *retry_on;    /* statuses, ends with 0; NULL: 408 429 500 502
	                             503 504 */
	unsigned retry_errors;    /* bits 1u << CIO_HTTP_ERROR_...; 0: those of DNS,
	                             CONNECT, RESET, TIMEOUT; 1: none */
	cio_duration backoff;     /* first pause's upper bound; 0: 200 ms */
	cio_duration backoff_max; /* longest pause; 0: 30 s, Retry-After too */
	uint32_t retry_budget;    /* retries per 100 requests, of the whole session,
	                             and ten to begin with; 0: no limit */
	int max_redirects;        /* 0: 10; -1: not followed; -2: an error */

	/* -- how large -- */
	size_t max_body; /* bytes of an answer's body, decoded; 0: 64 MiB */
	size_t max_wire; /* as they came; 0: as max_body */
	size_t max_head; /* bytes of an answer's head; 0: 16 KiB */

	/* -- what is sent with each -- */
	const char *base_url;           /* before URLs that begin with "/"; a name
	                                   and password in it are refused */
	const cio_http_header *headers; /* ends with a zeroed one; a request's own
	                                   of the same name replace them */
	const char *user_agent;         /* NULL: "cio/VERSION" */
	cio_http_auth auth;             /* for `base_url`'s origin alone, which must
	                                   then be given */
	const char *netrc; /* a file of names and passwords by host, for Basic where
	                      no other `auth` holds; read by a thread at the
	                      first use. Who else may read it is not checked, as
	                      curl does not. NULL: none */
	cio_cookie_jar *cookies; /* the caller's: hears every answer, and is asked
	                            for every hop. A Cookie header of the caller's
	                            own comes first on the same line, and its
	                            names are not said twice. NULL: none are kept */
	bool no_decode;                 /* do not ask for compressed answers, and
	                                   give bodies as they come */

	/* -- where to -- */
	const struct cio_tls_options *tls; /* <cio/tls.h>; NULL: verify, TLS 1.2 on */
	bool https_only;                   /* other URLs are -CIO_EURL */
	bool no_private;     /* refuse connections to addresses that are not public,
	                        whatever name or `resolve` led there (against SSRF),
	                        redirects included, and hosts like 0177.1. Not asked
	                        of `unix_socket` and `dial`: no URL chooses these */
	bool no_private_redirects; /* the same once an answer that came from a
	                              public address has led there */
	const cio_http_resolve *resolve; /* ends with a zeroed one */
	const char *local_address;       /* to connect from */
	const char *unix_socket;         /* every connection goes to this path */
	/* Instead of connecting; TLS comes over it if the URL is https. In the
	 * caller's task, may wait. 0 and a stream, or -errno. */
	int (*dial)(void *arg, const char *host, uint16_t port,
		cio_stream **out);
	void *dial_arg;

	/* -- hooks -- */
	const cio_http_middleware *middleware; /* ends with a zeroed one */
	/* Must not wait. */
	void (*trace)(void *arg, const cio_http_trace *event);
	void *trace_arg;
} cio_http_session_options;

/* `cio_http_session *cio_http_session_open(
 * const cio_http_session_options *options)`: open a session in the calling loop;
 * NULL options are all defaults. NULL if there is no memory or an option cannot
 * be (cio_error_text says which). All that the options point to is copied, but
 * for `cookies` and the `arg`s. Never yields. */
#define cio_http_session_open(...) \
	cio__http_session_open(CIO__SITE, __VA_ARGS__)
CIO_API cio_http_session *cio__http_session_open(const char *site,
	const cio_http_session_options *options);

/* Close the idle connections and free. Every request must have ended. NULL is
 * ignored. Never refused. */
CIO_API void cio_http_session_close(cio_http_session *s);

/* Change `limit_per_host` (0: no limit of its own) for requests that acquire
 * their connection from now on. Never yields. */
CIO_API void cio_http_session_set_limit_per_host(cio_http_session *s,
	uint32_t limit);

/* ---- requests ---- */

/*
 * Make a request and wait for the whole answer. The status (>= 200) if an answer
 * came, whatever it says; else
 *   -CIO_EURL        not a URL, or not one that the options allow
 *   -CIO_EDNS        the name, after `retries`
 *   -ECONNREFUSED, -EHOSTUNREACH, -EADDRNOTAVAIL ...: the connection
 *   -CIO_ETLS        the handshake, or the certificate
 *   -ETIMEDOUT       one of the timeouts (the text says which)
 *   -ECONNRESET      also an answer cut short
 *   -CIO_EPROTOCOL   what came is not HTTP as it must be; a coding that is
 *                    unknown or broken
 *   -CIO_ETOOLARGE   max_body, max_wire, max_head
 *   -ELOOP           too many redirects; -CIO_EURL: to where we do not go
 *   -EACCES          no_private refused the address
 *   -EAGAIN          the breaker is open
 *   -CIO_ESTATUS     fail_on_status
 *   -EINVAL          a header with bytes that do not belong there, one that is
 *                    the session's to set (Content-Length, Transfer-Encoding,
 *                    Connection, Expect), a second Host or Range
 *   -ENOMEM, -EMFILE, or a refusal;
 * cio_error_text names the URL, the phase and what was wrong.
 *
 * Repeated, up to `retries` times, after the errors of `retry_errors` (but for
 * `acquire_timeout`) and the statuses of `retry_on`, if
 * the method is idempotent (RFC 9110 §9.2.2) or nothing was sent, and the body
 * can be sent again; with a pause of random length up to backoff * 2^n (full
 * jitter), or what Retry-After asks if that is longer. A request that met a kept
 * connection which the peer had closed is sent again on a new one, once, without
 * counting, under the same condition. So a kept connection may be used unseen
 * within a millisecond of its last answer, but for a request that could not be
 * sent again: then it is always looked at. During the pause no connection is held.
 * What is left of an answer that is for nobody (a redirect, a 401, one before a
 * retry) is read to keep the connection: 64 KiB at most, for 50 ms at most.
 *
 * Redirects (301, 302, 303, 307, 308) are followed to http and https, from https
 * to http not. 303, and 301 and 302 of a POST, go on as GET without a body. On
 * another origin nothing goes along that could be a credential: Authorization,
 * Cookie, Proxy-Authorization and `auth`, from wherever they came; only the jar
 * is asked for that origin's own. Yields.
 */
CIO_API int cio_http_request_do(cio_http_session *s,
	const cio_http_request_options *request, cio_http_response *response);

/* GET the URL; append the body to `*body`. As cio_http_request_do. */
CIO_API int cio_http_get(cio_http_session *s, const char *url, cio_buf *body);

/* ---- an answer that is read as it comes ---- */

/*
 *	cio_http_reader *in;
 *	int status = cio_http_reader_open(&in, http, &request, &response);
 *	if (status < 0)
 *		return status;
 *	while ((n = cio_http_reader_read(in, buf, sizeof buf)) > 0)
 *		...
 *	cio_http_reader_close(in);
 *
 * It holds its connection until the close: nothing is read ahead beyond the
 * stream's buffer, so a slow reader slows the server down. Retries and
 * redirects happen before the open returns. `response`, and what the request points
 * to, must live until the close; keep_body is ignored, and body_size counts what
 * was read.
 *
 * An answer may come while the request's body is going out. A status >= 300 ends
 * that (RFC 9112 9.5); else a task goes on with it while the answer is read, so
 * both may flow at once, and stops at the answer's end. What fails in it, also
 * `source`, fails the next read.
 */
typedef struct cio_http_reader cio_http_reader;

/* `int cio_http_reader_open(cio_http_reader **out, cio_http_session *s, const
 * cio_http_request_options *request, cio_http_response *response)`: as
 * cio_http_request_do up to the answer's head; < 0: there is no reader. */
#define cio_http_reader_open(...) cio__http_reader_open(CIO__SITE, __VA_ARGS__)
CIO_API int cio__http_reader_open(const char *site, cio_http_reader **out,
	cio_http_session *s, const cio_http_request_options *request,
	cio_http_response *response);

/* At least a byte, at most n: the count, 0 at the end of the body, else as
 * cio_http_request_do (and the same again after). Yields. */
CIO_API ssize_t cio_http_reader_read(cio_http_reader *in, void *buf, size_t n);

/* Give the connection back: kept, if the answer was read to its end, else
 * closed. Never refused; waits only for a body that is still going out, which it
 * has refused. NULL is ignored. */
CIO_API void cio_http_reader_close(cio_http_reader *in);

/* ---- figures ---- */

/* The session's pool of connections, and its requests. */
typedef struct cio_http_session_figures {
	cio_pool_figures connections;
	uint64_t requests, attempts, retries, replays, redirects; /* ever */
	uint64_t refused_retries; /* ever: the budget did not allow them */
	uint64_t breaker_open;    /* ever: requests refused by it */
	uint64_t tls_handshakes, tls_resumed; /* ever */
} cio_http_session_figures;
CIO_API cio_http_session_figures cio_http_session_get_figures(
	const cio_http_session *s);

CIO_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
#ifndef CIO_HTTP_REQUEST_H
#define CIO_HTTP_REQUEST_H

#include <cio/address.h>
#include <cio/http.h>
#include <cio/http_body.h>

CIO_BEGIN_DECLS

/*
 * HTTP request: what a session (<cio/http_session.h>) is asked for, and what it
 * answers.
 *
 *	cio_http_response response = {.keep_body = true};
 *	int status = cio_http_request_do(http, &(cio_http_request_options){
 *		.method = CIO_POST, .url = url, .json = "{}"}, &response);
 *	...
 *	cio_http_response_finish(&response);
 */

/* Who we are, in UTF-8. In a request: for the request's origin alone. What an
 * Authorization header says goes before it. */
typedef struct cio_http_auth {
	enum {
		CIO_HTTP_AUTH_NONE,
		CIO_HTTP_AUTH_BASIC,  /* RFC 7617 */
		CIO_HTTP_AUTH_BEARER, /* RFC 6750: `password` is the token */
		/* RFC 7616: a 401 that asks for it is answered within the call,
		 * once (and again if the nonce was stale), by sending all of
		 * the request again; later requests to that origin say it at
		 * once, with the nonce that an answer names for the next.
		 * SHA-256 before MD5, each also as -sess; userhash; qop auth,
		 * else auth-int if the body is bytes. A body that cannot be
		 * rewound leaves the 401 the answer. */
		CIO_HTTP_AUTH_DIGEST
	} kind;
	const char *user, *password; /* NULL is as "" */
} cio_http_auth;

/* ---- a request ---- */

typedef struct cio_http_request_options {
	cio_http_method method;         /* CIO_GET if zeroed */
	const char *url;                /* absolute, or "/..." after base_url */
	const cio_http_header *headers; /* ends with a zeroed one; NULL: none. They
	                                   replace the session's and ours; one Host
	                                   and one Range at most */
	const void *body;               /* sent with Content-Length */
	size_t body_size;
	const char *json;               /* instead: text, sent as application/json */
	cio_http_body *source;          /* instead: made while it is sent */
	bool expect_continue; /* send the body once the server asks for it, or has
	                         said nothing for `expect_timeout` */
	const char *range;    /* "0-499": sets Range; the answer is 206 or whole */
	cio_http_auth auth;
	const char *server_name; /* for SNI and the certificate; NULL: the host */
	cio_duration timeout;    /* 0: the session's */
	cio_duration total_timeout; /* 0: the session's */
	int retries;             /* 0: the session's, -1: none */
	bool retry_unsafe;       /* POST and PATCH are repeated after a failure too */
	int max_redirects;       /* 0: the session's; -1, -2 as there */
	bool fail_on_status;     /* -CIO_ESTATUS for a status >= 400 */
} cio_http_request_options;

/* ---- its answer ---- */

/* Why a request failed, as `cio fetch` prints it. */
typedef enum cio_http_error {
	CIO_HTTP_OK,
	CIO_HTTP_ERROR_DNS,
	CIO_HTTP_ERROR_CONNECT,
	CIO_HTTP_ERROR_TLS,
	CIO_HTTP_ERROR_TIMEOUT,
	CIO_HTTP_ERROR_RESET,     /* the peer closed or reset before the end */
	CIO_HTTP_ERROR_PROTOCOL,  /* what came is not HTTP, or breaks its rules */
	CIO_HTTP_ERROR_TOO_LARGE, /* max_body, max_wire or max_head */
	CIO_HTTP_ERROR_STATUS,    /* an answer, but not 2xx or 3xx: "http" */
	CIO_HTTP_ERROR_CANCELLED,
	CIO_HTTP_ERROR_URL,
	CIO_HTTP_ERROR_OTHER,     /* out of memory, descriptors: "other" */
	CIO_HTTP_ERROR_REDIRECT,  /* too many, or to where we do not go */
	CIO_HTTP_ERROR_BLOCKED,   /* no_private, or the breaker is open */
	CIO_HTTP_ERRORS
} cio_http_error;

/* "dns", "connect", ... ; "" for CIO_HTTP_OK. */
CIO_API const char *cio_http_error_name(cio_http_error e);

/* All of it belongs to the caller: start zeroed, `cio_http_response_finish`
 * after, whatever the call returned. */
typedef struct cio_http_response {
	int status;           /* 0: no whole answer came */
	cio_http_error error; /* why not, or CIO_HTTP_ERROR_STATUS for >= 400 */
	int failed_status;    /* that of an answer which failed after its head, or
	                         was a redirect that was not to be followed */
	int attempts;         /* made, the last one and those of redirects included */
	int redirects;        /* followed */
	bool keep_body;       /* in: 1 to collect the body, 0 to count it only */
	cio_buf body;         /* appended to; as it was if no whole answer came */
	uint64_t body_size;   /* bytes of the body, decoded */
	uint64_t wire_size;   /* as they came */
	cio_buf url;          /* where redirects led; empty: the request's own */
	cio_buf head;         /* private: what the headers point into */
	size_t header_count;
	struct cio_http_field {
		cio_str name, value;
	} *headers;           /* header_count of them, in the order of arrival */
	/* Of the last attempt, from its start; ns; 0: it did not come so far. */
	cio_duration time_namelookup, time_connect, time_appconnect;
	cio_duration time_starttransfer;
	cio_duration time_wait;  /* for its turn, all attempts */
	cio_duration time_total; /* all attempts and pauses, without time_wait */
	cio_address remote;      /* who answered; zeroed if not known */
	bool reused;             /* it went over a kept connection */
} cio_http_response;

CIO_API void cio_http_response_finish(cio_http_response *r);

/* The first header of this name, {NULL, 0} if there is none. */
CIO_API cio_str cio_http_response_header(const cio_http_response *r,
	const char *name);

CIO_END_DECLS
#endif

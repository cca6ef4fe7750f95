/* SPDX-License-Identifier: MIT */
/*
 * session.h - the client: one request on its way, and what it goes over
 *
 * A call is made of hops (redirects), a hop of attempts (retries), an attempt of
 * one exchange over one connection, or two if the first was found dead. Files:
 *
 *	session.c           the object: its options, its figures
 *	session_call.c      the calls: middleware, hops
 *	session_check.c     what is asked for, and whether it can be
 *	session_attempt.c   attempts, replays, pauses
 *	session_redirect.c  from hop to hop
 *	session_dial.c      connections: key, making, checking
 *	session_send.c      the request, onto a connection
 *	session_receive.c   the answer, from it
 *	session_reader.c    an answer that is read as it comes
 *	session_cookies.c   the jar: what goes along, what comes
 *	session_auth.c      who we are: which, and what is sent of it
 *	session_error.c     why it failed, in words
 *	session_trace.c     the hook
 */
#ifndef CIO_HTTP_SESSION_PRIVATE_H
#define CIO_HTTP_SESSION_PRIVATE_H

#include <cio/event.h>
#include <cio/http_session.h>
#include <cio/lock.h>
#include <cio/resolver.h>
#include <cio/stream.h>
#include <cio/time.h>
#include <cio/tls.h>

#include "base/random.h"
#include "coding/coding.h"
#include "http/host.h"
#include "wire/http1.h"
#include "wire/url.h"

struct cio_http_session {
	cio_http_session_options o; /* with the defaults filled in; what it points
	                               to is ours, in `kept` */
	struct kept *kept;
	cio_pool *pool;             /* of struct connection */
	cio_tls_config *tls;
	cio_resolver *names; /* NULL: not needed yet */
	cio_lock opening;    /* of it */
	struct hosts *hosts;        /* NULL: no option needs it */
	struct random random;
	uint64_t budget;            /* retries that may be made, in hundredths */
	uint64_t calls;
	struct url base;            /* of base_url, if there is one */
	cio_buf netrc;              /* its text, once it was read */
	bool netrc_read;
	struct digest *digest;      /* the last challenge; NULL: none yet */
	struct http1_header *table; /* for who parses a head; NULL: in use */
	cio_http_session_figures figures;
	cio_handle handle;
};

/* What the pool keeps. It serves one host, so its Host line is made once. */
struct connection {
	cio_stream *stream;
	cio_address remote;
	cio_buf host; /* "Host: ...\r\n" */
	cio_buf out;  /* the head of a request; its memory is used again */
	struct http1_parser parser;
};

/* How far an attempt came; errors are told by it. */
enum phase {
	PHASE_REQUEST, /* looking at what the caller wants */
	PHASE_PLACE,   /* waiting for one */
	PHASE_CONNECT,
	PHASE_TLS,
	PHASE_SEND,
	PHASE_WAIT, /* no byte of the answer yet */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_PAUSE, /* between two attempts */
};

/* A call on its way, on the stack of its task or in a reader. From `phase` on:
 * of the present attempt. */
struct exchange {
	cio_http_session *s;
	const cio_http_request_options *rq;
	cio_http_response *r;
	uint64_t call;
	cio_time called; /* when the hop's first attempt began */

	/* the hop */
	struct url url;         /* views of `target` */
	const char *target;     /* where to: the request's URL, or `next` */
	cio_buf next;           /* base_url and path, or a redirect's */
	cio_http_method method; /* the request's, until a redirect changes it */
	cio_http_body bytes;    /* the request's body, as a source */
	cio_http_body *body;    /* NULL: none */
	bool strange;           /* another origin than the request's: no credentials */
	cio_http_auth auth;     /* for the request's origin */
	cio_buf netrc_user, netrc_password; /* which `auth` may be */
	struct digest *digest;  /* what we answer with; NULL: nothing yet */
	int challenges;         /* answered */
	bool reading;           /* the body is for a reader */
	bool consumed;          /* bytes of the body were taken from its source */
	bool redirect_failed;   /* what is wrong is where a redirect leads */
	int retries_left, redirects_left;
	bool from_public; /* a public address has led us here */

	/* the attempt */
	enum phase phase;
	const char *wrong; /* in words, static; NULL: the code says it */
	const char *late;  /* the option whose limit runs; NULL: `timeout` */
	cio_duration late_after;
	cio_duration timeout;
	size_t body_at;    /* so many bytes stood in r->body before */
	cio_time begun;    /* it got its turn */
	cio_time deadline; /* 0: not begun */
	cio_scope *limit;  /* open around the exchange */
	struct host_share host;
	cio_lease lease;
	struct connection *c; /* NULL: none is held */
	uint64_t sent;        /* bytes of the request that went out */
	int send_err;         /* why they did not */
	cio_task *upload;     /* who sends the body; NULL: nobody */
	cio_scope *receiving; /* around a wait for the answer meanwhile */
	bool write_late;      /* write_timeout has cut the body */
	bool whole;           /* all of it did */
	bool continued;       /* the server has asked for the body, or it goes out
	                         without that */
	cio_event go_on;      /* likewise, for who sends it */
	bool keep;            /* the connection may serve another request */
	bool drop;            /* the answer's body is not for the caller */
	bool again;           /* because there will be another attempt */
	size_t used;          /* bytes of the stream behind the last view */
	struct decoder *decoder; /* of the body; NULL: it is as it came */
	char *plain;          /* what it made, last; PLAIN_BYTES */
	cio_str raw;          /* what came and was not decoded yet */
	size_t in_turn;       /* bytes decoded since the last yield */
	cio_duration retry_after;
};

enum {
	DROP_MOST = 64 * 1024, /* bytes read to keep a connection */
	PLAIN_BYTES = 16 * 1024,
};
#define DROP_WAIT CIO_MS(50) /* and at most so long waited for them */

/* session_call.c */

/* Prepare and go as far as the answer's head (x->reading) or its end. */
int session_run(struct exchange *x);
int session_call(cio_http_session *s, const cio_http_request_options *rq,
	cio_http_response *r, int (*go)(cio_http_call *call), void *state);
/* The `state` of session_call, in its `go`. */
void *session_inner(const cio_http_call *call);
/* Begin a call; its exchange is finished by session_finish. */
void session_start(struct exchange *x, const cio_http_call *call, bool reading);
void session_finish(struct exchange *x);

/* session_check.c */

/* Parse the URL, see whether the options allow all of it. 0, or < 0 with
 * x->wrong. */
int session_check_request(struct exchange *x);
int session_check_url(struct exchange *x);
/* Does the request, or else the session, set this header itself? */
bool session_has_header(const struct exchange *x, const char *name);
/* Does it ask for a part, which cannot be decoded? */
bool session_asks_range(const struct exchange *x);

/* session_attempt.c: as many attempts as it takes. */
int session_attempts(struct exchange *x);
/* Will the call go on after this answer, so that its body is for nobody? */
bool session_goes_on(struct exchange *x);
/* Is the body in memory, or is there none? */
static inline bool session_has_bytes(const struct exchange *x)
{
	return x->body == NULL || x->body == &x->bytes;
}
/* Could all of it be sent again, whatever has been taken? */
static inline bool session_can_rewind(const struct exchange *x)
{
	return session_has_bytes(x) || x->body->rewind != NULL;
}
/* Have the body begin again, if any of it was taken; < 0: it cannot. Only a
 * redirect asks for that of a source that has no `rewind`. May wait. */
int session_rewind(struct exchange *x);
/* Give the connection back, and the turn at the host. */
void session_release(struct exchange *x, int err);

/* session_redirect.c */

/* Does the answer lead on, and do we follow? */
bool session_redirects(const struct exchange *x);
/* Prepare the next hop; < 0: we do not go there. */
int session_follow(struct exchange *x);

/* session_cookies.c */

/* Those of the answer's head, into the jar. 0 or -ENOMEM. */
int session_take_cookies(struct exchange *x);
/* The Cookie header of this hop, if there is one. 0 or -ENOMEM. */
int session_write_cookies(const struct exchange *x, cio_buf *b);

/* session_auth.c */

/* NULL, or why it cannot be. */
const char *session_auth_wrong(const cio_http_auth *a);
/* Set x->auth. Yields at the first use of a netrc file. */
int session_find_auth(struct exchange *x);
int session_write_auth(struct exchange *x, cio_buf *b);
/* Does the answer ask for a sum that we have not tried? Then prepare it, for
 * another round of attempts. */
bool session_challenged(const struct exchange *x);
int session_answer(struct exchange *x);
/* What the answer says of the sum that the next request is to send. */
int session_take_nonce(struct exchange *x);
void session_end_auth(struct exchange *x);

/* session_dial.c: the pool's calls; `arg` is the session, `how` the exchange. */
int session_connect(void *arg, cio_str key, const void *how, void **item);
/* May the call go to this address? 0 or -EACCES. */
int session_allowed(const struct exchange *x, const cio_address *to);
void session_disconnect(void *arg, void *item);
bool session_reusable(void *arg, void *item);
enum { KEY_BYTES = 2 * URL_HOST_BYTES + 8 };
cio_str session_key(const struct exchange *x, char key[KEY_BYTES]);

/* The attempt has got its turn; a replay goes on with its deadline. */
void session_begin(struct exchange *x);

/* session_send.c */

/* Send the request and receive the answer as far as it is wanted. In the scope
 * x->limit. Yields. A body that a reader's answer has overtaken goes on. */
int session_exchange(struct exchange *x);
/* The body, if all of it is in memory. */
cio_str session_body_bytes(const struct exchange *x);
/* Receive in the scope s, which ends if the body cannot be sent; then what came
 * of it: `err`, or why it could not. */
void session_receiving(struct exchange *x, cio_scope *s);
int session_received(struct exchange *x, int err);
/* Whoever sends the body stops: 0, or why he had stopped before. Waits for his
 * end; never refused. */
int session_end_upload(struct exchange *x);

/* session_receive.c */

/* The answer's head. Then what is to become of its body: all of it into the
 * response, or nowhere. */
int session_receive_head(struct exchange *x);
int session_receive_body(struct exchange *x);
/* The next bytes of the body as they came: 1 and a view, valid until the next
 * call; 0 at its end; < 0. */
int session_next(struct exchange *x, cio_str *data);
/* The same as the caller is to see it: decoded, counted. */
int session_body(struct exchange *x, cio_str *data);
/* The body is over, or given up: free what undid its coding. */
void session_end_body(struct exchange *x);
/* Forget what was received: the head, and the body but for its size. */
void session_forget(struct exchange *x);

/* session_error.c */

/* Set r->error and the error text; returns `err`. */
int session_explain(struct exchange *x, int err);
/* The URL as people may see it: cut, in one line, without a password; in `shown`
 * or, if there is none, in a text of its own. */
enum { SHOWN_URL = 120 };
CIO_MUST_CHECK const char *session_show_url(const char *url, char shown[SHOWN_URL]);
/* What kind of failure err is in this phase. */
cio_http_error session_error_of(const struct exchange *x, int err);

/* session_trace.c */
void session_trace_event(const struct exchange *x, cio_http_event e, int err,
	cio_duration pause);
static inline void session_trace(const struct exchange *x, cio_http_event e)
{
	if (x->s->o.trace != NULL)
		session_trace_event(x, e, 0, 0);
}

/* The deadline, or `d` from now if that is sooner. */
static inline cio_time session_sooner(cio_time deadline, cio_duration d)
{
	cio_time t = cio_time_after(d);
	return t < deadline ? t : deadline;
}

/* Give the step that begins now its own limit, if there is one; at most that of
 * the attempt. */
static inline void session_limit(struct exchange *x, cio_duration d,
	const char *name)
{
	cio_time until = d > 0 ? cio_time_after(d) : CIO_NEVER;
	bool own = until < x->deadline;
	if (own || x->late != NULL)
		(void)cio_scope_reschedule(x->limit, own ? until : x->deadline);
	x->late = own ? name : NULL;
	x->late_after = d;
}

static inline int session_wrong(struct exchange *x, int err, const char *what)
{
	x->wrong = what;
	return err;
}

#endif

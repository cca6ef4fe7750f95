/* SPDX-License-Identifier: MIT */
/*
 * session.c - the client's decisions: attempts, replays, pauses
 *
 * One attempt is one request over one connection. A replay is the second half
 * of an attempt that met a kept connection which the peer had closed meanwhile:
 * on a new connection, once. A retry is another attempt, after a pause in which
 * no connection is held.
 *
 * No connection whose exchange did not end well goes back to the pool, so
 * neither a cancel nor a timeout can leave half an answer to the next request.
 */
#include <cio/http_session.h>

#include <errno.h>

#include <cio/run.h>
#include <cio/time.h>

#include "base/mem.h"
#include "http/session.h"

/* ---- open, close ---- */

static void fill_in(cio_http_session_options *o)
{
	if (o->timeout <= 0)
		o->timeout = CIO_S(300);
	if (o->connect_timeout <= 0)
		o->connect_timeout = CIO_S(30);
	if (o->retries < 0)
		o->retries = 0;
	if (o->backoff <= 0)
		o->backoff = CIO_MS(200);
	if (o->backoff_max <= 0)
		o->backoff_max = CIO_S(30);
	if (o->max_body == 0)
		o->max_body = (size_t)64 * 1024 * 1024;
	if (o->max_head == 0)
		o->max_head = HTTP1_HEAD_BYTES;
	if (o->user_agent == NULL)
		o->user_agent = "cio/" CIO_VERSION;
}

static int open_pool(cio_http_session *s)
{
	return cio_pool_open(&s->pool,
		&(cio_pool_options){.limit = s->o.limit,
			.limit_per_key = s->o.limit_per_host,
			.idle_timeout = s->o.keep_alive,
			.acquire_timeout = s->o.acquire_timeout,
			.open = session_connect,
			.close = session_disconnect,
			.check = session_check,
			.arg = s});
}

static char *copy_of(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = cio__alloc(n);
	return copy != NULL ? memcpy(copy, text, n) : NULL;
}

cio_http_session *cio_http_session_open(const cio_http_session_options *options)
{
	cio_http_session *s = cio__zalloc(sizeof *s);
	if (s == NULL)
		return NULL;
	if (options != NULL)
		s->o = *options;
	fill_in(&s->o);
	/* a simulated run is to be the same each time */
	bool sim = strcmp(cio_driver_name(), "sim") == 0;
	s->random.state = sim ? 1 : cio__random_seed();
	s->user_agent = copy_of(s->o.user_agent);
	if (s->user_agent == NULL || open_pool(s) < 0) {
		cio__free(s->user_agent);
		cio__free(s);
		return NULL;
	}
	s->o.user_agent = s->user_agent;
	return s;
}

void cio_http_session_close(cio_http_session *s)
{
	if (s == NULL)
		return;
	if (cio_pool_close(s->pool) < 0) {
		cio_report(CIO_LEVEL_ERROR,
			"an HTTP session was closed while "
			"requests were running, and is left open: await them first");
		return;
	}
	cio__free(s->user_agent);
	cio__free(s);
}

cio_http_session_figures cio_http_session_get_figures(const cio_http_session *s)
{
	return (cio_http_session_figures){
		.connections = cio_pool_get_figures(s->pool),
		.requests = s->requests,
		.attempts = s->attempts,
		.retries = s->retries,
		.replays = s->replays,
	};
}

/* ---- what is asked for ---- */

static int refuse_request(struct exchange *x, int err, const char *why)
{
	x->wrong = why;
	return err;
}

static int check_header(struct exchange *x, const cio_http_header *h)
{
	static const char *const ours[] = {"Content-Length",
		"Transfer-Encoding", "Connection"};
	cio_str name = cio_str_of(h->name);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (cio_str_equal_nocase(name, cio_str_of(ours[i])))
			return refuse_request(x, -EINVAL,
				"Content-Length, "
				"Transfer-Encoding and Connection are set by the "
				"session: leave them out");
	if (!cio__http1_is_token(name))
		return refuse_request(x, -EINVAL,
			"a header's name has bytes "
			"that no name may have");
	if (h->value == NULL || !cio__http1_is_value(cio_str_of(h->value)))
		return refuse_request(x, -EINVAL,
			"a header's value has control "
			"bytes or blanks at an end");
	return 0;
}

static int check_request(struct exchange *x)
{
	const char *url = x->rq->url != NULL ? x->rq->url : "";
	int err = cio__url_parse(&x->url, cio_str_of(url), &x->wrong);
	if (err < 0)
		return err;
	if (x->url.tls)
		return refuse_request(x, -CIO_ETLS,
			"https needs TLS, which is not built in yet");
	if (x->url.userinfo.n > 0)
		return refuse_request(x, -CIO_EURL,
			"a name and password in the "
			"URL are not sent: use an Authorization header");
	if ((unsigned)x->rq->method >= CIO_METHODS)
		return refuse_request(x, -EINVAL, "unknown method");
	if (!cio__http1_is_value(cio_str_of(x->s->user_agent)))
		return refuse_request(x, -EINVAL,
			"the session's user_agent has "
			"control bytes or blanks at an end");
	const cio_http_header *h = x->rq->headers;
	for (; err == 0 && h != NULL && h->name != NULL; h++)
		err = check_header(x, h);
	return err;
}

/* ---- one attempt ---- */

/* All that tells connections apart. */
static cio_str key_of(const struct url *u, char key[URL_HOST_BYTES + 4])
{
	size_t n = strlen(u->host);
	key[0] = u->tls ? 's' : 'p';
	key[1] = (char)(u->port >> 8);
	key[2] = (char)(u->port & 0xff);
	memcpy(key + 3, u->host, n);
	return (cio_str){key, n + 3};
}

static void start_over(struct exchange *x)
{
	cio_http_response *r = x->r;
	session_forget(x);
	r->body_size = 0;
	r->time_namelookup = r->time_connect = r->time_starttransfer = 0;
	r->reused = false;
	x->phase = PHASE_PLACE;
	x->wrong = NULL;
	x->sent = 0;
	x->keep = false;
	x->retry_after = 0;
	x->begun = 0;
}

static int send_once(struct exchange *x, bool fresh)
{
	char bytes[URL_HOST_BYTES + 4];
	cio_str key = key_of(&x->url, bytes);
	cio_pool *pool = x->s->pool;
	cio_lease lease = {0};
	start_over(x);
	cio_time asked = cio_now();
	int err = fresh ? cio_pool_acquire_new(pool, key, &x, &lease) :
			  cio_pool_acquire(pool, key, &x, &lease);
	x->r->time_wait += (x->begun != 0 ? x->begun : cio_now()) - asked;
	if (err < 0)
		return err;

	if (lease.reused)
		session_begin(x);
	x->r->reused = lease.reused;
	cio_scope limit;
	cio_scope_begin(&limit, x->deadline);
	err = cio_scope_end(&limit, session_exchange(x, lease.item));
	cio_pool_release(pool, &lease, err == 0 && x->keep);
	return err;
}

/* RFC 9110 9.2.2: what may be repeated without harm. */
static bool repeatable(const struct exchange *x)
{
	cio_http_method m = x->rq->method;
	return (m != CIO_POST && m != CIO_PATCH) || x->rq->retry_unsafe ||
		x->sent == 0;
}

/* Did the peer close the kept connection while, or before, we wrote? */
static bool was_dead(const struct exchange *x, int err)
{
	return x->r->reused && x->phase >= PHASE_SEND &&
		x->phase <= PHASE_WAIT && repeatable(x) &&
		(err == -ECONNRESET || err == -EPIPE) && cio_refused() == 0;
}

static int attempt(struct exchange *x)
{
	x->s->attempts++;
	x->r->attempts++;
	x->deadline = 0;
	int err = send_once(x, false);
	if (was_dead(x, err)) {
		x->s->replays++;
		err = send_once(x, true);
	}
	return err;
}

/* ---- and another ---- */

static bool status_may_pass(int status)
{
	static const short passing[] = {408, 429, 500, 502, 503, 504};
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		if (status == passing[i])
			return true;
	return false;
}

/* Could another attempt end better? Not if we are not wanted any more. */
static bool worth_another(const struct exchange *x, int err)
{
	if (!repeatable(x) || cio_refused() < 0)
		return false;
	if (err == 0)
		return status_may_pass(x->r->status);
	switch (-err) {
	case ENOMEM:
	case EMFILE:
	case ENFILE: return false;
	case ETIMEDOUT:
	case ECONNRESET:
	case EPIPE: return x->phase > PHASE_PLACE;
	default: return x->phase == PHASE_CONNECT;
	}
}

/* Full jitter: anything up to backoff * 2^n. Retry-After, if that is longer. */
static cio_duration pause_before(struct exchange *x, int n)
{
	cio_duration most = x->s->o.backoff_max;
	cio_duration bound = x->s->o.backoff;
	for (int i = 0; i < n && bound < most; i++)
		bound = bound > most / 2 ? most : bound * 2;
	if (bound > most)
		bound = most;
	cio_duration d = (cio_duration)cio__random_below(&x->s->random,
		(uint64_t)bound + 1);
	if (d < x->retry_after)
		d = x->retry_after < most ? x->retry_after : most;
	return d;
}

static int attempts(struct exchange *x)
{
	int retries = x->rq->retries == 0 ? x->s->o.retries : x->rq->retries;
	int err = attempt(x);
	for (int n = 0; n < retries && worth_another(x, err); n++) {
		x->phase = PHASE_PAUSE;
		err = cio_sleep(pause_before(x, n));
		if (err < 0)
			break;
		x->s->retries++;
		err = attempt(x);
	}
	return err;
}

int cio_http_request_do(cio_http_session *s,
	const cio_http_request_options *request, cio_http_response *response)
{
	struct exchange x = {.s = s,
		.rq = request,
		.r = response,
		.body_at = response->body.n,
		.timeout = request->timeout > 0 ? request->timeout :
						  s->o.timeout};
	cio_time began = cio_now();
	s->requests++;
	start_over(&x);
	x.phase = PHASE_REQUEST;
	response->error = CIO_HTTP_OK;
	response->attempts = 0;
	response->time_wait = 0;
	int err = check_request(&x);
	if (err == 0)
		err = attempts(&x);
	response->time_total = cio_now() - began - response->time_wait;
	return session_explain(&x, err);
}

int cio_http_get(cio_http_session *s, const char *url, cio_buf *body)
{
	cio_http_response r = {.keep_body = true, .body = *body};
	int status = cio_http_request_do(s,
		&(cio_http_request_options){.url = url}, &r);
	*body = r.body;
	r.body = (cio_buf){0};
	cio_http_response_finish(&r);
	return status;
}

/* ---- the answer ---- */

void cio_http_response_finish(cio_http_response *r)
{
	cio_buf_finish(&r->body);
	cio_buf_finish(&r->head);
	*r = (cio_http_response){0};
}

cio_str cio_http_response_header(const cio_http_response *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (cio_str_equal_nocase(r->headers[i].name, cio_str_of(name)))
			return r->headers[i].value;
	return (cio_str){0};
}

void cio_http_session_set_limit_per_host(cio_http_session *s, uint32_t limit)
{
	cio_pool_set_limit_per_key(s->pool, limit);
}

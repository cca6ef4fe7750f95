/* SPDX-License-Identifier: MIT */
/*
 * session_attempt.c - attempts, replays, pauses
 *
 * One attempt is one request over one connection. A replay is the second half
 * of an attempt that met a kept connection which the peer had closed meanwhile:
 * on a new connection, once. A retry is another attempt, after a pause in which
 * no connection is held.
 */
#include <errno.h>

#include "http/session.h"

/* ---- one ---- */

static void start_over(struct exchange *x)
{
	cio_http_response *r = x->r;
	session_forget(x);
	r->body_size = r->wire_size = 0;
	r->time_namelookup = r->time_connect = r->time_appconnect = 0;
	r->time_starttransfer = 0;
	r->reused = false;
	x->phase = PHASE_PLACE;
	x->wrong = x->late = NULL;
	x->sent = 0;
	x->send_err = 0;
	x->whole = x->keep = x->drop = x->again = false;
	x->used = 0;
	x->retry_after = 0;
	x->begun = 0;
}

static void leave_host(struct exchange *x, int err)
{
	struct host_share share = x->host;
	if (share.host == NULL)
		return;
	if (err == -ECANCELED && x->r->status != 0)
		err = 0; /* not wanted to its end, but an answer */
	x->host = (struct host_share){0};
	host_leave(x->s->hosts, &share,
		&(struct host_outcome){.status = x->r->status,
			.err = err,
			.begun = x->begun,
			.latency = x->r->time_starttransfer});
}

void session_release(struct exchange *x, int err)
{
	(void)session_end_upload(x);
	session_end_body(x);
	leave_host(x, err);
	if (x->c == NULL)
		return;
	x->c = NULL;
	cio_pool_release(x->s->pool, &x->lease, err == 0 && x->keep);
}

/* The wait for a turn is as limited as that for a connection. */
static int enter_host(struct exchange *x, cio_str key)
{
	cio_duration d = x->s->o.acquire_timeout;
	if (x->s->hosts == NULL)
		return 0;
	if (d <= 0)
		return host_enter(x->s->hosts, key, &x->host);
	cio_scope s;
	cio_scope_begin(&s, cio_time_after(d));
	return cio_scope_end(&s, host_enter(x->s->hosts, key, &x->host));
}

/* Does it do no harm if it arrives twice? RFC 9110 9.2.2. */
static bool is_idempotent(const struct exchange *x)
{
	return (x->method != CIO_POST && x->method != CIO_PATCH) ||
		x->rq->retry_unsafe;
}

/* Could all of it be sent again, whatever has gone out? */
static bool replayable(const struct exchange *x)
{
	return is_idempotent(x) && session_can_rewind(x);
}

/* The pool's check may know of a socket that it was empty a moment ago, in the
 * same turn, and not look again: an end that came since is met by the replay.
 * Where there can be none we look at the socket itself. A carrier that cannot
 * be looked at has answered the check. */
static bool is_alive(const struct exchange *x)
{
	if (replayable(x))
		return true;
	ssize_t n = cio_stream_try_fill(x->c->stream);
	return n == -EAGAIN || n == -EOPNOTSUPP;
}

static int take_connection(struct exchange *x, cio_str key, bool fresh)
{
	cio_pool *pool = x->s->pool;
	int err = cio__pool_acquire(NULL, fresh, pool, key, &x, &x->lease);
	x->c = err < 0 ? NULL : x->lease.item;
	if (err < 0 || !x->lease.reused || is_alive(x))
		return err;
	x->c = NULL;
	cio_pool_release(pool, &x->lease, false);
	return take_connection(x, key, true);
}

static int acquire(struct exchange *x, bool fresh)
{
	char bytes[KEY_BYTES];
	cio_str key = session_key(x, bytes);
	session_trace(x, CIO_HTTP_EVENT_WAIT);
	cio_time asked = cio_now();
	int err = enter_host(x, key);
	if (err == 0)
		err = take_connection(x, key, fresh);
	x->r->time_wait += (x->begun != 0 ? x->begun : cio_now()) - asked;
	if (err < 0) {
		leave_host(x, err);
		return err;
	}
	x->r->reused = x->lease.reused;
	x->r->remote = x->c->remote;
	if (x->lease.reused) {
		x->phase = PHASE_CONNECT;
		err = session_allowed(x, &x->c->remote);
		if (err < 0)
			return err; /* who called releases it */
		session_begin(x);
		session_trace(x, CIO_HTTP_EVENT_REUSED);
	}
	return 0;
}

/* Now, that is: with what has gone out so far. */
static bool repeatable(const struct exchange *x)
{
	if (x->consumed && !session_can_rewind(x))
		return false;
	return is_idempotent(x) || x->sent == 0;
}

/* Did the peer close the kept connection while, or before, we wrote? */
static bool was_dead(const struct exchange *x, int err)
{
	return x->r->reused && x->phase >= PHASE_SEND &&
		x->phase <= PHASE_WAIT && repeatable(x) &&
		(err == -ECONNRESET || err == -EPIPE) && cio_refused() == 0;
}

/* What an attempt met: to the host, and to who watches, a limit further out says
 * the same as one of the attempt's own. */
static int met(int err)
{
	return err == -ECANCELED && cio_refused() == -ETIMEDOUT ? -ETIMEDOUT :
								  err;
}

static int send_once(struct exchange *x, bool fresh)
{
	start_over(x);
	int err = acquire(x, fresh);
	if (err < 0) {
		session_release(x, err);
		return err;
	}
	cio_scope limit;
	cio_scope_begin(&limit, x->deadline);
	x->limit = &limit;
	err = session_exchange(x);
	x->limit = NULL;
	err = cio_scope_end(&limit, err);
	/* a connection that had been closed says nothing of the host */
	if (err < 0 || !x->reading || x->drop)
		session_release(x, was_dead(x, err) ? -ECANCELED : met(err));
	return err;
}

int session_rewind(struct exchange *x)
{
	if (!x->consumed || x->body == NULL)
		return 0;
	if (x->body->rewind == NULL)
		return session_wrong(x, -CIO_EURL,
			"a redirect asks for the body again, which cannot be "
			"sent twice");
	x->consumed = false;
	return x->body->rewind(x->body);
}

static int attempt(struct exchange *x)
{
	x->s->figures.attempts++;
	x->r->attempts++;
	x->deadline = 0;
	int err = send_once(x, false);
	if (was_dead(x, err)) {
		x->s->figures.replays++;
		err = session_rewind(x);
		err = err < 0 ? err : send_once(x, true);
	}
	if (err < 0)
		session_trace_event(x, CIO_HTTP_EVENT_FAILED, met(err), 0);
	return err;
}

/* ---- and another ---- */

static bool status_may_pass(const struct exchange *x)
{
	for (const short *s = x->s->o.retry_on; *s != 0; s++)
		if (x->r->status == *s)
			return true;
	return false;
}

/* Could another attempt end better? Not if we are not wanted any more. */
static bool worth_another(const struct exchange *x, int err)
{
	if (x->retries_left <= 0 || !repeatable(x) || cio_refused() < 0)
		return false;
	if (err == 0)
		return status_may_pass(x) && !session_challenged(x);
	return err != -EACCES && x->phase > PHASE_PLACE &&
		(x->s->o.retry_errors >> session_error_of(x, err) & 1) != 0;
}

static bool in_time(const struct exchange *x)
{
	cio_duration most = x->s->o.retry_max_time;
	return most <= 0 || cio_now() - x->called < most;
}

/* So that a server which fails them all is not asked twice as often: of a
 * hundred requests only so many may be repeated. */
static bool within_budget(const struct exchange *x)
{
	return x->s->o.retry_budget == 0 || x->s->budget >= 100;
}

static void earn(cio_http_session *s)
{
	s->budget += s->o.retry_budget;
	if (s->budget > 1000)
		s->budget = 1000;
}

static bool may_repeat(struct exchange *x, int err)
{
	if (!worth_another(x, err) || !in_time(x))
		return false;
	if (!within_budget(x)) {
		x->s->figures.refused_retries++;
		return false;
	}
	if (x->s->o.retry_budget > 0)
		x->s->budget -= 100;
	x->retries_left--;
	return true;
}

/* Decided once, when the head is here: what is dropped for another attempt cannot
 * be had after all. */
bool session_goes_on(struct exchange *x)
{
	if (session_challenged(x) || session_redirects(x))
		return true;
	x->again = may_repeat(x, 0);
	return x->again;
}

static bool go_on(struct exchange *x, int err)
{
	/* a refusal is met by the pause: half an answer is none */
	return x->again || (err < 0 && may_repeat(x, err));
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

int session_attempts(struct exchange *x)
{
	earn(x->s);
	x->called = cio_now();
	int err = attempt(x);
	for (int n = 0; go_on(x, err); n++) {
		cio_duration d = pause_before(x, n);
		session_trace_event(x, CIO_HTTP_EVENT_RETRY, 0, d);
		x->phase = PHASE_PAUSE;
		err = cio_sleep(d);
		err = err < 0 ? err : session_rewind(x);
		if (err < 0)
			break;
		x->s->figures.retries++;
		err = attempt(x);
	}
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * session_auth.c - who we are: which of several sources, and what is sent of it
 *
 * An Authorization header of the caller's own goes before all else, then come
 * the request's `auth`, the session's, the netrc file. Found out once a call, for
 * the origin of the request, and sent there alone.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <cio/run.h>

#include "base/mem.h"
#include "http/auth.h"
#include "http/session.h"
#include "http/whole_file.h"
#include "wire/base64.h"
#include "wire/chars.h"

/* ---- can it be? ---- */

static cio_str bytes_of(const char *text)
{
	return cio_str_of(text != NULL ? text : "");
}

static bool has_controls(cio_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static const char *check_names(cio_http_auth a)
{
	cio_str user = bytes_of(a.user);
	if (has_controls(user) || has_controls(bytes_of(a.password)))
		return "auth: a name or password with control bytes";
	if (a.kind == CIO_HTTP_AUTH_BASIC && user.n > 0 &&
		memchr(user.p, ':', user.n) != NULL)
		return "auth: a name with a colon cannot be told by Basic";
	return NULL;
}

const char *session_auth_wrong(const cio_http_auth *a)
{
	cio_str token = bytes_of(a->password);
	switch (a->kind) {
	case CIO_HTTP_AUTH_NONE: return NULL;
	case CIO_HTTP_AUTH_BASIC:
	case CIO_HTTP_AUTH_DIGEST: return check_names(*a);
	case CIO_HTTP_AUTH_BEARER:
		return token.n > 0 && cio__all(token, CHAR_TARGET) ? NULL :
			"auth: a bearer's token is in `password`, and has "
			"neither blanks nor control bytes";
	}
	return "auth: unknown kind";
}

/* ---- which ---- */

/* The text is ours: nobody sets another before it is shown. */
static int read_netrc(struct exchange *x)
{
	cio_http_session *s = x->s;
	cio_buf text = {0};
	if (s->netrc_read)
		return 0;
	int err = whole_file_read(s->o.netrc, &text);
	if (err < 0) {
		cio_buf_finish(&text);
		return err == -ENOMEM || cio_refused() < 0 ? err :
			session_wrong(x, err, cio_error_text());
	}
	cio_buf_finish(&s->netrc); /* another call may have been as quick */
	s->netrc = text;
	s->netrc_read = true;
	return 0;
}

static int find_in_netrc(struct exchange *x)
{
	int err = read_netrc(x);
	if (err < 0)
		return err;
	int found = netrc_find(cio_buf_view(&x->s->netrc), x->url.host,
		&x->netrc_user, &x->netrc_password);
	if (found == -EINVAL)
		return session_wrong(x, -EINVAL,
			"the session's netrc file is not as it must be: "
			"machine NAME login NAME password PASSWORD");
	if (found <= 0)
		return found;
	x->auth = (cio_http_auth){.kind = CIO_HTTP_AUTH_BASIC,
		.user = x->netrc_user.p,
		.password = x->netrc_password.p};
	const char *why = session_auth_wrong(&x->auth);
	return why != NULL ? session_wrong(x, -EINVAL, why) : 0;
}

int session_find_auth(struct exchange *x)
{
	cio_http_session *s = x->s;
	const char *why = session_auth_wrong(&x->rq->auth);
	if (why != NULL)
		return session_wrong(x, -EINVAL, why);
	if (session_has_header(x, "Authorization"))
		return 0;
	if (x->rq->auth.kind != CIO_HTTP_AUTH_NONE)
		x->auth = x->rq->auth;
	else if (s->o.auth.kind != CIO_HTTP_AUTH_NONE &&
		cio__url_same_origin(&x->url, &s->base))
		x->auth = s->o.auth;
	else if (s->o.netrc != NULL)
		return find_in_netrc(x);
	return 0;
}

/* ---- what is sent ---- */

static int write_basic(const cio_http_auth *a, cio_buf *b)
{
	cio_buf pair = {0};
	int err = cio_buf_printf(&pair, "%s:%s", bytes_of(a->user).p,
		bytes_of(a->password).p);
	err = err < 0 ? err : cio_buf_puts(b, "Basic ");
	err = err < 0 ? err : cio__base64_write(b, cio_buf_view(&pair));
	cio_buf_finish(&pair);
	return err;
}

/* Unlike a nonce it must not be foreseen by the server; sim is to be the same
 * each time. */
static uint64_t some_bits(cio_http_session *s)
{
	return strcmp(cio_driver_name(), "sim") == 0 ?
		cio__random_next(&s->random) : cio__random_seed();
}

static int write_digest(struct exchange *x, cio_buf *b)
{
	char cnonce[33];
	cio_buf target = {0};
	(void)snprintf(cnonce, sizeof cnonce, "%016" PRIx64 "%016" PRIx64,
		some_bits(x->s), some_bits(x->s));
	int err = cio__url_write_target(&target, &x->url);
	if (err == 0)
		err = digest_write(x->digest, b,
			&(struct digest_request){
				.method = cio_str_of(
					cio_http_method_name(x->method)),
				.target = cio_buf_view(&target),
				.user = bytes_of(x->auth.user),
				.password = bytes_of(x->auth.password),
				.body = session_body_bytes(x),
				.cnonce = cnonce});
	cio_buf_finish(&target);
	return err;
}

/* A challenge of this origin that another call has met spares us the 401. */
static void use_known(struct exchange *x)
{
	struct digest *known = x->s->digest;
	if (x->digest == NULL && known != NULL &&
		(session_has_bytes(x) || !known->integrity) &&
		cio__url_same_origin(&known->origin, &x->url))
		x->digest = digest_ref(known);
}

int session_write_auth(struct exchange *x, cio_buf *b)
{
	const cio_http_auth *a = &x->auth;
	if (x->strange || a->kind == CIO_HTTP_AUTH_NONE)
		return 0;
	if (a->kind == CIO_HTTP_AUTH_DIGEST)
		use_known(x);
	if (a->kind == CIO_HTTP_AUTH_DIGEST && x->digest == NULL)
		return 0;
	int err = cio_buf_puts(b, "Authorization: ");
	if (err < 0)
		return err;
	if (a->kind == CIO_HTTP_AUTH_BASIC)
		err = write_basic(a, b);
	else if (a->kind == CIO_HTTP_AUTH_BEARER)
		err = cio_buf_printf(b, "Bearer %s", a->password);
	else
		err = write_digest(x, b);
	return err < 0 ? err : cio_buf_puts(b, "\r\n");
}

/* ---- a challenge ---- */

/* One answer a call, and another if its nonce was too old: a name or password
 * that is wrong is not told again and again. */
bool session_challenged(const struct exchange *x)
{
	struct challenge c;
	if (x->r->status != 401 || x->strange ||
		x->auth.kind != CIO_HTTP_AUTH_DIGEST || x->challenges >= 2)
		return false;
	if (!session_can_rewind(x))
		return false;
	return digest_choose(x->r, session_has_bytes(x), &c) &&
		(x->challenges == 0 || digest_is_stale(&c));
}

int session_take_nonce(struct exchange *x)
{
	return x->strange || x->digest == NULL ? 0 :
						 digest_renew(x->digest, x->r);
}

int session_answer(struct exchange *x)
{
	struct challenge c;
	x->phase = PHASE_REQUEST;
	if (!digest_choose(x->r, session_has_bytes(x), &c))
		return session_wrong(x, -CIO_EPROTOCOL, "no challenge");
	struct digest *d = digest_new(&c, &x->url);
	if (d == NULL)
		return -ENOMEM;
	x->challenges++;
	digest_unref(x->digest);
	digest_unref(x->s->digest);
	x->digest = d;
	x->s->digest = digest_ref(d);
	return session_rewind(x);
}

void session_end_auth(struct exchange *x)
{
	digest_unref(x->digest);
	cio_buf_finish(&x->netrc_user);
	cio_buf_finish(&x->netrc_password);
	x->digest = NULL;
}

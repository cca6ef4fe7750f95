/* SPDX-License-Identifier: MIT */
/*
 * session_error.c - why a request failed, for programs and for people
 *
 * The line says which input (method and URL), where it went wrong (the phase)
 * and what to do where that is not plain. A URL is somebody else's text: it is
 * shown cut, without control bytes and without a password. Of an answer only
 * the parser's words about it are shown, never its bytes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <cio/impl.h>

#include "base/option_name.h"
#include "http/session.h"

enum { DETAIL = 200 };

const char *cio_http_error_name(cio_http_error e)
{
	static const char *const names[CIO_HTTP_ERRORS] = {
		[CIO_HTTP_OK] = "",
		[CIO_HTTP_ERROR_DNS] = "dns",
		[CIO_HTTP_ERROR_CONNECT] = "connect",
		[CIO_HTTP_ERROR_TLS] = "tls",
		[CIO_HTTP_ERROR_TIMEOUT] = "timeout",
		[CIO_HTTP_ERROR_RESET] = "reset",
		[CIO_HTTP_ERROR_PROTOCOL] = "protocol",
		[CIO_HTTP_ERROR_TOO_LARGE] = "too_large",
		[CIO_HTTP_ERROR_STATUS] = "http",
		[CIO_HTTP_ERROR_CANCELLED] = "cancelled",
		[CIO_HTTP_ERROR_URL] = "url",
		[CIO_HTTP_ERROR_OTHER] = "other",
		[CIO_HTTP_ERROR_REDIRECT] = "redirect",
		[CIO_HTTP_ERROR_BLOCKED] = "blocked",
	};
	return (unsigned)e < CIO_HTTP_ERRORS ? names[e] : "other";
}

cio_http_error session_error_of(const struct exchange *x, int err)
{
	if (x->redirect_failed)
		return CIO_HTTP_ERROR_REDIRECT;
	switch (-err) {
	case ELOOP: return CIO_HTTP_ERROR_REDIRECT;
	case EACCES:
		return x->phase == PHASE_CONNECT &&
			(x->s->o.no_private || x->from_public) ?
			CIO_HTTP_ERROR_BLOCKED : CIO_HTTP_ERROR_CONNECT;
	case EAGAIN:
		return x->phase == PHASE_PLACE ? CIO_HTTP_ERROR_BLOCKED :
						 CIO_HTTP_ERROR_OTHER;
	case CIO_EURL: return CIO_HTTP_ERROR_URL;
	case CIO_EDNS: return CIO_HTTP_ERROR_DNS;
	case CIO_ETLS: return CIO_HTTP_ERROR_TLS;
	case ETIMEDOUT: return CIO_HTTP_ERROR_TIMEOUT;
	case ECANCELED: return CIO_HTTP_ERROR_CANCELLED;
	case CIO_EPROTOCOL: return CIO_HTTP_ERROR_PROTOCOL;
	case CIO_ETOOLARGE: return CIO_HTTP_ERROR_TOO_LARGE;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EINVAL: return CIO_HTTP_ERROR_OTHER;
	case CIO_EEOF: /* within the handshake, or of a body */
	case ECONNRESET:
	case EPIPE:
		return x->phase == PHASE_CONNECT ? CIO_HTTP_ERROR_CONNECT :
						   CIO_HTTP_ERROR_RESET;
	default:
		return x->phase == PHASE_CONNECT ? CIO_HTTP_ERROR_CONNECT :
						   CIO_HTTP_ERROR_OTHER;
	}
}

/* ---- the line ---- */

static const char *past_last_at(const char *text, size_t n)
{
	for (; n > 0; n--)
		if (text[n - 1] == '@')
			return text + n;
	return text;
}

/* Is what should be a port none? */
static bool has_bad_port(const char *authority, size_t n)
{
	const char *colon = memchr(authority, ':', n);
	if (colon == NULL || authority[0] == '[')
		return false;
	return colon + 1 + strspn(colon + 1, "0123456789") < authority + n;
}

/* Where "name:password@" ends, or at what it was given. A slash in a password
 * cuts it in two: then it is no URL, and all up to the last "@" may be secret. */
static const char *past_userinfo(const char *authority)
{
	size_t n = strcspn(authority, "/?#");
	const char *host = past_last_at(authority, n);
	return host == authority && has_bad_port(authority, n) ?
		past_last_at(authority, strlen(authority)) : host;
}

const char *session_show_url(const char *url, char shown[SHOWN_URL])
{
	if (url == NULL || url[0] == '\0')
		return "(no URL)";
	const char *from = strstr(url, "://");
	size_t n = from != NULL ? (size_t)(from - url) + 3 : 0;
	if (n > 16) /* no scheme, but something further inside */
		n = 0;
	memcpy(shown, url, n);
	from = past_userinfo(url + n);
	size_t rest = strlen(from), room = SHOWN_URL - 4 - n;
	memcpy(shown + n, from, rest < room ? rest : room);
	n += rest < room ? rest : room;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)shown[i] < 0x20 || shown[i] == 0x7f)
			shown[i] = '?';
	memcpy(shown + n, rest > room ? "..." : "", rest > room ? 4 : 1);
	return shown;
}

static void say(char to[DETAIL], const char *format, ...) CIO_PRINTF(2, 3);
static void say(char to[DETAIL], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(to, DETAIL, format, args);
	va_end(args);
}

static const char *show_time(cio_duration d, char text[32])
{
	if (d >= CIO_S(1) && d % CIO_S(1) == 0)
		(void)snprintf(text, 32, "%lld s", (long long)(d / CIO_S(1)));
	else
		(void)snprintf(text, 32, "%lld ms", (long long)(d / CIO_MS(1)));
	return text;
}

static const char *doing(enum phase phase)
{
	static const char *const names[] = {
		[PHASE_REQUEST] = "request",
		[PHASE_PLACE] = "waiting for a connection",
		[PHASE_CONNECT] = "connect",
		[PHASE_TLS] = "TLS",
		[PHASE_SEND] = "sending the request",
		[PHASE_WAIT] = "waiting for the answer",
		[PHASE_HEAD] = "reading the answer's head",
		[PHASE_BODY] = "reading the answer's body",
		[PHASE_PAUSE] = "pause before another attempt",
	};
	return names[phase];
}

static void explain_late(const struct exchange *x, char *to)
{
	char limit[32];
	if (x->phase == PHASE_PLACE && x->late == NULL)
		say(to,
			"none was free within %s: raise the "
			"session's limits or its acquire_timeout",
			show_time(x->s->o.acquire_timeout, limit));
	else
		say(to, "not done within the %s of %s",
			cio__option_name(x->late != NULL ? x->late : "timeout"),
			show_time(x->late != NULL ? x->late_after : x->timeout,
				limit));
}

static bool by_wire(const struct exchange *x)
{
	return x->wrong != NULL && strcmp(x->wrong, "max_wire") == 0 &&
		x->s->o.max_wire != x->s->o.max_body;
}

static void explain_large(const struct exchange *x, char *to)
{
	char hint[OPTION_HINT];
	if (x->phase == PHASE_BODY)
		say(to, "larger than %zu bytes%s",
			by_wire(x) ? x->s->o.max_wire : x->s->o.max_body,
			cio__option_hint(hint,
				by_wire(x) ? "max_wire" : "max_body"));
	else
		say(to,
			"%s: at most %d headers of %zu bytes%s",
			x->wrong, HTTP1_HEADERS, x->s->o.max_head,
			cio__option_hint(hint, "max_head"));
}

static void explain_reset(const struct exchange *x, char *to)
{
	const char *what = x->wrong != NULL ? x->wrong :
					      "the server reset the connection";
	if (x->phase == PHASE_SEND)
		say(to, "%s after %llu bytes", what,
			(unsigned long long)x->sent);
	else if (x->phase == PHASE_BODY)
		say(to, "%s after %llu bytes", what,
			(unsigned long long)x->r->wire_size);
	else if (x->phase == PHASE_WAIT)
		say(to, "%s without one", what);
	else
		say(to, "%s", what);
}

/* What is wrong, without saying where. */
static void explain(const struct exchange *x, int err, char *to)
{
	if ((err == -ECANCELED || err == -ETIMEDOUT) && cio_refused() < 0)
		say(to, "%s: %s", cio_strerror(err), cio_cancel_reason());
	else if (err == -ETIMEDOUT &&
		(x->phase == PHASE_TLS || x->late != NULL))
		explain_late(x, to);
	else if (err == -EAGAIN && x->phase == PHASE_PLACE)
		say(to, "%s", cio_error_text());
	else if ((x->phase == PHASE_CONNECT || x->phase == PHASE_TLS ||
			 err == -CIO_ETLS) &&
		cio_error_text()[0] != '\0')
		say(to, "%s", cio_error_text());
	else if (err == -ETIMEDOUT)
		explain_late(x, to);
	else if (err == -CIO_ETOOLARGE && x->phase >= PHASE_SEND)
		explain_large(x, to);
	else if (err == -ECONNRESET)
		explain_reset(x, to);
	else if (err == -CIO_EPROTOCOL && x->wrong != NULL)
		say(to, "not HTTP as it must be: %s", x->wrong);
	else
		say(to, "%s", x->wrong != NULL ? x->wrong : cio_strerror(err));
}

static int explain_failure(struct exchange *x, int err)
{
	char room[SHOWN_URL], detail[DETAIL];
	const char *method = cio_http_method_name(x->method);
	const char *url = session_show_url(x->target, room);
	explain(x, err, detail);
	if (x->phase == PHASE_REQUEST)
		return cio_fail(err, "%s %s: %s", method, url, detail);
	return cio_fail(err, "%s %s: %s: %s", method, url, doing(x->phase),
		detail);
}

int session_explain(struct exchange *x, int err)
{
	int status = x->r->status;
	if (err == -EPIPE || err == -CIO_EEOF)
		err = -ECONNRESET;
	if (err < 0) {
		x->r->error = session_error_of(x, err);
		x->r->failed_status = status;
		explain_failure(x, err);
		session_forget(x); /* no answer is better than half of one */
		return err;
	}
	if (status < 400)
		return status;
	char url[SHOWN_URL];
	x->r->error = CIO_HTTP_ERROR_STATUS;
	err = x->rq->fail_on_status ? -CIO_ESTATUS : 0;
	cio_fail(err, "%s %s: %d %s", cio_http_method_name(x->method),
		session_show_url(x->target, url), status, cio_http_reason(status));
	return err < 0 ? err : status;
}

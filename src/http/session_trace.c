/* SPDX-License-Identifier: MIT */
/*
 * session_trace.c - what the session tells of each call on its way
 */
#include "http/session.h"

const char *cio_http_event_name(cio_http_event e)
{
	static const char *const names[CIO_HTTP_EVENTS] = {
		[CIO_HTTP_EVENT_START] = "start",
		[CIO_HTTP_EVENT_WAIT] = "wait",
		[CIO_HTTP_EVENT_REUSED] = "reused",
		[CIO_HTTP_EVENT_DNS] = "dns",
		[CIO_HTTP_EVENT_CONNECT] = "connect",
		[CIO_HTTP_EVENT_TLS] = "tls",
		[CIO_HTTP_EVENT_CONNECTED] = "connected",
		[CIO_HTTP_EVENT_SEND] = "send",
		[CIO_HTTP_EVENT_SENT] = "sent",
		[CIO_HTTP_EVENT_FIRST_BYTE] = "first_byte",
		[CIO_HTTP_EVENT_HEAD] = "head",
		[CIO_HTTP_EVENT_RECEIVED] = "received",
		[CIO_HTTP_EVENT_FAILED] = "failed",
		[CIO_HTTP_EVENT_RETRY] = "retry",
		[CIO_HTTP_EVENT_REDIRECT] = "redirect",
		[CIO_HTTP_EVENT_END] = "end",
	};
	return (unsigned)e < CIO_HTTP_EVENTS ? names[e] : "";
}

void session_trace_event(const struct exchange *x, cio_http_event e, int err,
	cio_duration pause)
{
	const cio_http_session_options *o = &x->s->o;
	if (o->trace == NULL)
		return;
	o->trace(o->trace_arg,
		&(cio_http_trace){.event = e,
			.call = x->call,
			.attempt = x->r->attempts,
			.at = cio_now(),
			.url = x->target,
			.method = cio_http_method_name(x->method),
			.status = x->r->status,
			.err = err,
			.pause = pause});
}

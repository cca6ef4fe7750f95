/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_http.c - client and server, whole requests, disturbed everywhere
 *
 * Both run in one loop. An answer is the right one or there is none, each place
 * in the session's pool comes back, the server drains, and both serve the next.
 */
#include "disturb.h"

#include <errno.h>

#include <cio.h>
#include <cio/http_server.h>
#include <cio/http_session.h>

enum { ASKERS = 3, BODY = 40 };

struct site {
	cio_http_server *server;
	cio_http_session *session;
	char url[64];
	int answered;
};

/* ---- the server ---- */

static int echo(cio_request *req, cio_response *res)
{
	cio_str body;
	int err = cio_request_body(req, &body);
	if (err == 0)
		err = cio_response_header(res, "X-Seen", "yes");
	if (err < 0)
		return err;
	return cio_respond_bytes(res, 200, "text/plain", body.p, body.n);
}

static int slow(cio_request *req, cio_response *res)
{
	int err = cio_sleep(CIO_US(5));
	if (err < 0)
		return err;
	return cio_respond_format(res, 200, NULL, "%lld",
		(long long)cio_path_int(req, "n") * 2);
}

static const cio_route routes[] = {
	{CIO_POST, "/echo", echo},
	{CIO_GET, "/slow/{n:int}", slow},
	{0},
};

/* ---- the client ---- */

/* What may become of a request that is disturbed. */
static bool may_be(int status)
{
	static const int codes[] = {-ECANCELED, -ETIMEDOUT, -ENOMEM,
		-ECONNRESET, -EPIPE, -CIO_EEOF, -ENOBUFS, -EMFILE, -ENFILE,
		-ECONNREFUSED, 400, 408, 500, 503, 504};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i] == status)
			return disturb_way() != 0;
	return false;
}

static void check_answer(struct site *s, int status, const cio_http_response *r,
	const char *p, size_t n)
{
	if (status != 200) {
		if (!may_be(status))
			CHECK_INT(status, 200);
		return;
	}
	s->answered++;
	CHECK_INT(r->status, 200);
	CHECK_INT(r->body.n, n);
	if (r->body.n == n)
		CHECK(memcmp(r->body.p, p, n) == 0);
}

static int post(struct site *s, int i)
{
	char url[96], body[BODY];
	cio_http_response r = {.keep_body = true};
	memset(body, 'a' + i, sizeof body);
	snprintf(url, sizeof url, "%s/echo", s->url);
	int status = cio_http_request_do(s->session,
		&(cio_http_request_options){.method = CIO_POST,
			.url = url, .body = body, .body_size = sizeof body},
		&r);
	check_answer(s, status, &r, body, sizeof body);
	cio_http_response_finish(&r);
	return status < 0 ? status : 0;
}

static int get(struct site *s, int i)
{
	char url[96], want[16];
	cio_http_response r = {.keep_body = true};
	snprintf(url, sizeof url, "%s/slow/%d", s->url, i);
	int n = snprintf(want, sizeof want, "%d", 2 * i);
	int status = cio_http_request_do(s->session,
		&(cio_http_request_options){.url = url}, &r);
	check_answer(s, status, &r, want, (size_t)n);
	cio_http_response_finish(&r);
	return status < 0 ? status : 0;
}

struct asker {
	struct site *s;
	int i;
};

/* One that fails does not hinder the others. */
static int asks(const struct asker *a)
{
	int first = a->i % 2 == 0 ? post(a->s, a->i) : get(a->s, a->i);
	int second = a->i % 2 == 0 ? get(a->s, a->i) : post(a->s, a->i);
	return first < 0 ? first : second;
}

/* ---- both ---- */

static int open_site(struct site *s, int retries)
{
	int slow = check_wrapped() ? 20 : 1;
	int err = cio_http_server_open(&s->server, &(cio_http_server_options){
		.routes = routes, .state = s, .head_timeout = slow * CIO_MS(50),
		.body_timeout = slow * CIO_MS(50)});
	if (err < 0) {
		s->server = NULL;
		return err;
	}
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u",
		cio_http_server_port(s->server));
	s->session = cio_http_session_open(&(cio_http_session_options){
		.limit = 2, .timeout = slow * CIO_MS(100), .retries = retries,
		.backoff = CIO_US(10), .backoff_max = CIO_MS(1)});
	return s->session == NULL ? -ENOMEM : 0;
}

/* A cancel of one task may have met the server's own, which then ends it. */
static void ask_again(struct site *s)
{
	bool alone = (disturb_way() & (DISTURB_ONE | DISTURB_NEXT)) != 0;
	if ((disturb_way() & (DISTURB_DESCRIPTORS | DISTURB_FAULTS)) != 0)
		CHECK_INT(cio_sleep(CIO_S(5)), 0); /* it accepts again by then */
	int err = get(s, 21), before = s->answered;
	if (alone && err == -ECONNREFUSED)
		return;
	CHECK_INT(err, 0);
	CHECK_INT(post(s, 3), 0);
	CHECK_INT(s->answered, before + 1);
}

static int day(int retries)
{
	struct site s = {.answered = 0};
	int err = open_site(&s, retries);
	if (err == 0) {
		CIO_GROUP (g, &err, .errors = CIO_COLLECT) {
			for (int i = 0; i < ASKERS && err == 0; i++)
				err = cio_group_spawn(&g, asks,
					&(struct asker){&s, i});
		}
	}
	CALM() {
		if (s.session != NULL) {
			cio_http_session_figures f =
				cio_http_session_get_figures(s.session);
			CHECK_INT(f.connections.in_use, 0);
			CHECK_INT(f.connections.waiting, 0);
			ask_again(&s);
		}
		if (disturb_way() == 0)
			CHECK_INT(s.answered, 2 * ASKERS + 2);
	}
	cio_http_session_close(s.session);
	(void)cio_http_server_close(s.server, CIO_S(1), NULL);
	/* what each got has been looked at */
	return err == -ENOMEM || err == -ECANCELED ? err
		: may_be(err) ? 0 : err;
}

static int without_retries(void)
{
	return day(0);
}

/* A body that comes in many pieces, both ways, over a connection kept. */
static int large_bodies(void)
{
	static char body[20000];
	char url[96];
	struct site s = {.answered = 0};
	memset(body, 'b', sizeof body);
	int err = open_site(&s, 1);
	for (int i = 0; i < 3 && err >= 0; i++) {
		cio_http_response r = {.keep_body = true};
		snprintf(url, sizeof url, "%s/echo", s.url);
		body[i] = 'a'; /* each is another */
		err = cio_http_request_do(s.session,
			&(cio_http_request_options){.method = CIO_POST,
				.url = url, .body = body,
				.body_size = sizeof body - (size_t)i},
			&r);
		check_answer(&s, err, &r, body, sizeof body - (size_t)i);
		cio_http_response_finish(&r);
	}
	CALM() {
		if (s.session != NULL)
			ask_again(&s);
		if (disturb_way() == 0)
			CHECK_INT(s.answered, 5);
	}
	cio_http_session_close(s.session);
	(void)cio_http_server_close(s.server, CIO_S(1), NULL);
	return err == -ENOMEM || err == -ECANCELED ? err
		: may_be(err) ? 0 : err;
}

static int with_retries(void)
{
	return day(3);
}

static const struct scenario scenarios[] = {
	{"http", without_retries, DISTURB_ALL},
	{"http_with_retries", with_retries, DISTURB_ALL},
	{"http_large", large_bodies, DISTURB_ALL},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}

/* SPDX-License-Identifier: MIT */
/*
 * site.h - a server that others have written, and the client's session
 *
 * Include check.h first.
 */
#ifndef CIO_TESTS_SITE_H
#define CIO_TESTS_SITE_H

#include <cio/http_session.h>

#include "e2e/program.h"
#include "unit/tls/ends.h"

struct site {
	char base[64], secure[64]; /* "http://127.0.0.1:80" */
	cio_http_session *http;
};

static inline int get(struct site *t, const char *url, const char *path,
	cio_http_response *r)
{
	char whole[128];
	snprintf(whole, sizeof whole, "%s%s", url, path);
	cio_http_response_finish(r);
	r->keep_body = true;
	return cio_http_request_do(t->http,
		&(cio_http_request_options){.url = whole}, r);
}

static inline bool body_is(const cio_buf *b, const char *text)
{
	return b->n == strlen(text) && memcmp(b->p, text, b->n) == 0;
}

static inline bool has(const cio_http_response *r, const char *name, const char *value)
{
	return cio_str_equal(cio_http_response_header(r, name),
		cio_str_of(value));
}

struct with {
	struct site *t;
	cio_http_session_options o;
	int (*client)(struct site *t);
};

static inline int with_session(void *arg)
{
	struct with *w = arg;
	w->o.tls = &(cio_tls_options){.ca_file = file("ca.crt")};
	w->t->http = cio_http_session_open(&w->o);
	if (w->t->http == NULL)
		return -ENOMEM;
	int err = w->client(w->t);
	cio_http_session_figures f = cio_http_session_get_figures(w->t->http);
	CHECK_INT(f.connections.in_use, 0);
	CHECK_INT(f.connections.waiting, 0);
	cio_http_session_close(w->t->http);
	return err;
}

static inline void run_with(struct site *t, cio_http_session_options o,
	int (*client)(struct site *t), struct program *p)
{
	struct with w = {t, o, client};
	int err = check_run(with_session, &w);
	program_stop(p);
	assert_int_equal(err, 0);
}

struct job {
	struct site *t;
	const char *url;
	int status;
};

static inline int one_of_many(struct job *j)
{
	cio_http_response r = {0};
	j->status = get(j->t, j->url, "/hello", &r);
	if (j->status == 200)
		CHECK(body_is(&r.body, "hello\n"));
	cio_http_response_finish(&r);
	return 0;
}

static inline int many(struct site *t, const char *url, uint32_t at_once)
{
	enum { MANY = 500 };
	struct job jobs[MANY];
	for (int i = 0; i < MANY; i++)
		jobs[i] = (struct job){t, url, 0};
	int err = cio_map(one_of_many, jobs, MANY, .limit = at_once);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(jobs[i].status, 200);
	return err;
}

#endif

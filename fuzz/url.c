/* SPDX-License-Identifier: MIT */
/*
 * url.c - fuzz the URL parser
 *
 * The first line is a URL, the second a reference to resolve against it.
 * Properties: an accepted URL gives a target and a Host that the HTTP parser
 * accepts; printed in canonical form it is parsed to the same parts; what a
 * reference resolves to is stable when resolved again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/http1.h"
#include "wire/http1_write.h"
#include "wire/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%d: %s\n", __LINE__, #what);          \
			abort();                                               \
		}                                                              \
	} while (0)

/* A request for this URL must be one that our own server would take. */
static void check_request(cio_str target, cio_str host)
{
	struct http1_header headers[2];
	struct http1_limits limits = {.head = 65536, .target = 32768};
	struct http1_parser p;
	cio_buf b = {0};
	cio_str body;
	size_t used;

	CHECK(cio__http1_write_request(&b, cio_str_of("GET"), target) == 0);
	CHECK(cio__http1_write_header(&b, cio_str_of("Host"), host) == 0);
	CHECK(cio__http1_write_end(&b) == 0);
	cio__http1_init(&p, HTTP1_REQUEST, headers, 2, &limits);
	CHECK(cio__http1_next(&p, b.p, b.n, &used, &body) == HTTP1_HEAD);
	CHECK(cio_str_equal(p.target, target));
	cio_buf_finish(&b);
}

static void check_canonical(const struct url *u, cio_str target, cio_str host)
{
	const char *why;
	struct url again;
	cio_buf b = {0}, target2 = {0};

	CHECK(cio_buf_puts(&b, u->tls ? "https://" : "http://") == 0);
	CHECK(cio_buf_append(&b, host.p, host.n) == 0);
	CHECK(cio_buf_append(&b, target.p, target.n) == 0);
	if (b.n <= URL_BYTES) {
		CHECK(cio__url_parse(&again, cio_buf_view(&b), &why) == 0);
		CHECK(cio__url_same_origin(u, &again));
		CHECK(u->host_kind == again.host_kind);
		CHECK(cio__url_write_target(&target2, &again) == 0);
		CHECK(cio_str_equal(target, cio_buf_view(&target2)));
	}
	cio_buf_finish(&b);
	cio_buf_finish(&target2);
}

static bool check_url(struct url *u, cio_str text)
{
	const char *why = NULL;
	cio_buf target = {0}, host = {0};

	if (cio__url_parse(u, text, &why) < 0) {
		CHECK(why != NULL && why[0] != '\0');
		return false;
	}
	CHECK(why == NULL && u->port > 0 && u->host[0] != '\0');
	CHECK(cio__url_write_target(&target, u) == 0);
	CHECK(cio__url_write_host(&host, u) == 0);
	check_request(cio_buf_view(&target), cio_buf_view(&host));
	check_canonical(u, cio_buf_view(&target), cio_buf_view(&host));
	cio_buf_finish(&target);
	cio_buf_finish(&host);
	return true;
}

static void check_reference(const struct url *base, cio_str reference)
{
	const char *why;
	struct url u;
	cio_buf once = {0}, twice = {0};

	int err = cio__url_resolve(&once, base, reference, &why);
	if (err == 0 && check_url(&u, cio_buf_view(&once))) {
		CHECK(cio__url_resolve(&twice, base, cio_buf_view(&once),
				       &why) == 0);
		CHECK(cio_str_equal(cio_buf_view(&once), cio_buf_view(&twice)));
	}
	cio_buf_finish(&once);
	cio_buf_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	cio_str text = {(const char *)data, n}, reference = {0};
	const char *end = n > 0 ? memchr(text.p, '\n', n) : NULL;
	struct url u;

	if (end != NULL) {
		text.n = (size_t)(end - text.p);
		reference = (cio_str){end + 1, n - text.n - 1};
	}
	if (check_url(&u, text) && end != NULL)
		check_reference(&u, reference);
	return 0;
}

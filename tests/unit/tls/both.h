/* SPDX-License-Identifier: MIT */
/*
 * both.h - two ends of one TLS connection for each test, and much to say
 *
 * Include check.h first.
 */
#ifndef CIO_TESTS_BOTH_H
#define CIO_TESTS_BOTH_H

#include <cio/sim.h>

#include "tls/tls.h"
#include "unit/tls/ends.h"

/* ---- a pair of its own for each test ---- */

static inline int with_ends_as(int (*fn)(struct ends *e), cio_tls_version most)
{
	struct ends e = {0};
	cio_tls_config *client = NULL, *server = NULL;
	int err = cio_tls_config_open(&client, &(cio_tls_options){
		.ca_file = file("ca.crt"), .max_version = most});
	if (err == 0)
		err = cio_tls_config_open(&server, &(cio_tls_options){
			.certificate_file = file("good.pem"),
			.key_file = file("good.key")});
	if (err == 0)
		err = ends_open(&e, client, server, "good.test");
	if (err == 0)
		err = fn(&e);
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return err;
}

static inline int with_ends(void *arg)
{
	int (**fn)(struct ends *e) = arg;
	return with_ends_as(*fn, CIO_TLS_DEFAULT);
}

static inline int with_ends_1_2(void *arg)
{
	int (**fn)(struct ends *e) = arg;
	return with_ends_as(*fn, CIO_TLS_1_2);
}

/* TLS 1.3, then 1.2. */
static inline void runs(int (*fn)(struct ends *e))
{
	assert_int_equal(run_closing(with_ends, &fn), 0);
	assert_string_equal(check_reports(), "");
	assert_int_equal(run_closing(with_ends_1_2, &fn), 0);
	assert_string_equal(check_reports(), "");
}

static inline bool says(const char *part)
{
	if (strstr(cio_error_text(), part) != NULL)
		return true;
	printf("# \"%s\" does not say \"%s\"\n", cio_error_text(), part);
	return false;
}

/* ---- much, both ways at once ---- */

static inline char pattern(size_t i)
{
	return (char)(i * 7 + (i >> 11));
}

struct half {
	cio_stream *s;
	size_t total;
};

static inline int send_much(const struct half *h)
{
	size_t most = 50000;
	char *block = malloc(most);
	int err = 0;
	for (size_t at = 0, n; at < h->total && err == 0; at += n) {
		n = 1 + at % most;
		n = n < h->total - at ? n : h->total - at;
		for (size_t i = 0; i < n; i++)
			block[i] = pattern(at + i);
		err = cio_stream_write(h->s, block, n, NULL);
	}
	free(block);
	return err < 0 ? err : cio_stream_shutdown(h->s);
}

static inline int receive_much(const struct half *h)
{
	char *block = malloc(30000);
	size_t at = 0, wrong = 0;
	ssize_t n;
	while ((n = cio_stream_read(h->s, block, 100 + at % 29000)) > 0) {
		for (size_t i = 0; i < (size_t)n; i++)
			wrong += block[i] != pattern(at + i);
		at += (size_t)n;
	}
	free(block);
	CHECK_INT(wrong, 0);
	if (n == 0)
		CHECK_INT(at, h->total);
	return (int)n;
}

static inline int both_ways(struct ends *e, size_t total)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		struct half a = {e->client, total}, b = {e->server, total};
		err = cio_group_spawn(&g, send_much, &a);
		if (err == 0)
			err = cio_group_spawn(&g, send_much, &b);
		if (err == 0)
			err = cio_group_spawn(&g, receive_much, &a);
		if (err == 0)
			err = receive_much(&b);
	}
	return err;
}

#endif

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream_end.c - every way in which a TLS stream ends, or is cut
 */
#include "check.h"

#include <sys/uio.h>

#include "unit/tls/both.h"

/* ---- ends ---- */

static int half_close(struct ends *e)
{
	char buf[16];
	CHECK_INT(cio_stream_write(e->client, "question", 8, NULL), 0);
	CHECK_INT(cio_stream_shutdown(e->client), 0);
	CHECK_INT(cio_stream_shutdown(e->client), 0);
	CHECK_INT(cio_stream_write(e->client, "x", 1, NULL), -EPIPE);
	CHECK(!cio_stream_reusable(e->client));
	CHECK_INT(cio_stream_read_exactly(e->server, buf, 8, NULL), 0);
	CHECK_INT(cio_stream_read(e->server, buf, sizeof buf), 0);
	CHECK_INT(cio_stream_read(e->server, buf, sizeof buf), 0);
	CHECK_INT(cio_stream_write(e->server, "answer", 6, NULL), 0);
	cio_stream_close(e->server);
	e->server = NULL;
	CHECK_INT(cio_stream_read_exactly(e->client, buf, 6, NULL), 0);
	CHECK_INT(cio_stream_read(e->client, buf, sizeof buf), 0);
	return 0;
}

static void half_can_close(void **state)
{
	(void)state;
	runs(half_close);
}

/* How an end can end, and what the other reads then. */
static int cut_as(struct ends *e, int how)
{
	char buf[16];
	CHECK_INT(ends_talk(e), 0);
	CHECK_INT(cio_stream_write(e->server, "half an an", 10, NULL), 0);
	int err = 0;
	switch (how) {
	case 0:
		CHECK_INT(cio_stream_shutdown(tls_of(e->server)->inner), 0);
		break;
	case 1:
		CIO_TIMEOUT(0, &err) /* in a scope that is over */
			cio_stream_close(e->server);
		e->server = NULL;
		break;
	case 2:
		CIO_TIMEOUT(0, &err)
			cio_stream_drop(e->server);
		e->server = NULL;
		break;
	default:
		CHECK_INT(cio_stream_write(tls_of(e->server)->inner,
			"\x17\x03\x03\x00\x05hello", 10, NULL), 0);
	}
	CHECK_INT(cio_stream_read_exactly(e->client, buf, 10, NULL), 0);
	ssize_t n = cio_stream_read(e->client, buf, sizeof buf);
	CHECK_INT(n, how < 3 ? -CIO_EEOF : -CIO_ETLS);
	CHECK(says(how < 3 ? "closed without close_notify: what came may be cut" :
			     "TLS with good.test: "));
	/* and again, and for all that uses it */
	CHECK_INT(cio_stream_read(e->client, buf, sizeof buf), n);
	CHECK_INT(cio_stream_fill(e->client), n);
	CHECK(!cio_stream_reusable(e->client));
	return 0;
}

static int cut_0(struct ends *e)
{
	return cut_as(e, 0);
}

static int cut_1(struct ends *e)
{
	return cut_as(e, 1);
}

static int cut_2(struct ends *e)
{
	return cut_as(e, 2);
}

static int cut_3(struct ends *e)
{
	return cut_as(e, 3);
}

static int reset(struct ends *e)
{
	char buf[16];
	CHECK_INT(ends_talk(e), 0);
	cio_stream_abort(e->server);
	e->server = NULL;
	ssize_t n = cio_stream_read(e->client, buf, sizeof buf);
	CHECK(n == -ECONNRESET || n == -CIO_EEOF);
	return 0;
}

static int altered(struct ends *e)
{
	char buf[16];
	/* a record of the right form with the wrong contents */
	char record[5 + 40] = "\x17\x03\x03\x00\x28";
	CHECK_INT(ends_talk(e), 0);
	CHECK_INT(cio_stream_write(tls_of(e->server)->inner, record,
		sizeof record, NULL), 0);
	CHECK_INT(cio_stream_read(e->client, buf, sizeof buf), -CIO_ETLS);
	CHECK(says("changed or damaged on the way"));
	/* whose fault it was, the other end is told by the close */
	cio_stream_close(e->client);
	e->client = NULL;
	CHECK_INT(cio_stream_read(e->server, buf, sizeof buf), -CIO_ETLS);
	CHECK(says("alert 20"));
	return 0;
}

static void cuts_are_seen(void **state)
{
	(void)state;
	runs(cut_0);
	runs(cut_1);
	runs(cut_2);
	runs(cut_3);
	runs(reset);
	runs(altered);
}

/* ---- dropped ---- */

static int dropped(struct ends *e)
{
	char buf[16];
	CHECK_INT(ends_talk(e), 0);
	CHECK_INT(cio_stream_write(e->server, "an answer", 9, NULL), 0);
	cio_stream_drop(e->server);
	e->server = NULL;
	CHECK_INT(cio_stream_read_exactly(e->client, buf, 9, NULL), 0);
	CHECK_INT(cio_stream_read(e->client, buf, sizeof buf), 0);
	return 0;
}

/* With bytes unread the socket would be reset, and the goodbye lost. */
static int dropped_unread(struct ends *e)
{
	char buf[16];
	CHECK_INT(ends_talk(e), 0);
	CHECK_INT(cio_stream_write(e->client, "one more", 8, NULL), 0);
	CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	while (cio_stream_reusable(tls_of(e->server)->inner))
		CHECK_INT(cio_yield(), 0); /* until it is there */
	cio_stream_drop(e->server);
	e->server = NULL;
	CHECK_INT(cio_stream_read(e->client, buf, sizeof buf), 0);
	return 0;
}

/* No room for the goodbye: it is not waited for. */
static int dropped_full(struct ends *e)
{
	static const char junk[65536];
	char buf[16];
	ssize_t n;
	cio_stream *inner = tls_of(e->server)->inner;
	CHECK_INT(ends_talk(e), 0);
	while ((n = cio__stream_try_write(inner, junk, sizeof junk)) > 0)
		continue;
	CHECK_INT(n, -EAGAIN);
	cio_stream_drop(e->server);
	e->server = NULL;
	CHECK(cio_stream_read(e->client, buf, sizeof buf) < 0);
	return 0;
}

static void drops_say_goodbye(void **state)
{
	(void)state;
	runs(dropped);
	runs(dropped_unread);
	runs(dropped_full);
}

/* ---- a write that is cut ---- */

static int torn_write(struct ends *e)
{
	size_t total = 32 << 20, done = 0;
	char *all = malloc(total), *got = malloc(65536), last = 0;
	int err = 0;
	for (size_t i = 0; i < total; i++)
		all[i] = (char)(pattern(i) & 0x7f);
	CIO_TIMEOUT(CIO_MS(20), &err)
		err = cio_stream_write(e->client, all, total, &done);
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(done < total);
	CHECK(cio_stream_torn(e->client));
	CHECK(!cio_stream_reusable(e->client));
	CHECK_INT(cio_stream_write(e->client, "x", 1, &(size_t){0}), -EPIPE);
	CHECK(says("would stand behind a hole"));
	/* What was encrypted is sent in order before anything else: the peer
	 * sees whole records, none twice and none left out. */
	size_t at = 0, wrong = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, send_much, &(struct half){e->client, 0});
		ssize_t n;
		while ((n = cio_stream_read(e->server, got, 65536)) > 0)
			for (ssize_t i = 0; i < n; i++, at++) {
				wrong += got[i] != all[at];
				last = got[i];
			}
		CHECK_INT(n, 0);
	}
	CHECK_INT(wrong, 0);
	CHECK(at >= done && at <= done + 65536);
	CHECK(last == all[at - 1]);
	free(all);
	free(got);
	return 0;
}

static int expect_cut(const struct half *h)
{
	char *got = malloc(65536);
	ssize_t n;
	while ((n = cio_stream_read(h->s, got, 65536)) > 0)
		;
	CHECK(n == -CIO_EEOF || n == -ECONNRESET);
	free(got);
	return 0;
}

/* What is said to have gone out is what the peer can read, record by record;
 * over streams in memory, where it is plain how much fits. */
static int counted_write(struct ends *e)
{
	static const size_t rooms[] = {1000, 16384, 20000, 40000, 50000, 70000};
	char *all = calloc(1, 1 << 20), *got = malloc(65536);
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		struct pair p = {0};
		cio_tls_config *mine = tls_of(e->client)->config;
		cio_tls_config *its = tls_of(e->server)->config;
		struct ends small;
		CHECK_INT(cio_stream_pair(&p.a, &p.b, rooms[i]), 0);
		if (!CHECK_INT(ends_over(&small, &p, mine, its, "good.test"), 0))
			break;
		CHECK_INT(ends_talk(&small), 0);
		size_t done = 1, at = 0;
		ssize_t n = 1;
		int err = 0;
		CIO_TIMEOUT(CIO_MS(5), &err)
			err = cio_stream_write(small.client, all, 1 << 20, &done);
		CHECK_INT(err, -ETIMEDOUT);
		CHECK(cio_stream_torn(small.client));
		err = 0;
		CIO_TIMEOUT(CIO_MS(5), &err)
			while ((n = cio_stream_read(small.server, got, 65536)) > 0)
				at += (size_t)n;
		CHECK_INT(done, at);
		CHECK_INT(done, rooms[i] / 16450 * 16384);
		ends_close(&small);
	}
	free(all);
	free(got);
	return 0;
}

/* Closed instead, the peer sees the cut, also if it takes all that comes. */
static int torn_close(struct ends *e)
{
	size_t total = 32 << 20;
	char *all = calloc(1, total);
	int err = 0;
	CIO_TIMEOUT(CIO_MS(20), &err)
		err = cio_stream_write(e->client, all, total, NULL);
	CHECK_INT(err, -ETIMEDOUT);
	err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, expect_cut,
			&(struct half){e->server, 0});
		cio_stream_close(e->client);
		e->client = NULL;
	}
	free(all);
	return err;
}

static void a_cut_write_tears(void **state)
{
	(void)state;
	runs(torn_write);
	runs(counted_write);
	runs(torn_close);
}

/* ---- an end in the middle of a write ---- */

static int write_until_shut(const struct half *h)
{
	static char much[100000];
	int err;
	while ((err = cio_stream_write(h->s, much, sizeof much, NULL)) == 0)
		;
	CHECK_INT(err, -EPIPE);
	return 0;
}

static int shutdown_under(struct ends *e)
{
	char *got = malloc(65536);
	int err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, write_until_shut,
			&(struct half){e->client, 0});
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
		CHECK_INT(cio_stream_shutdown(e->client), 0);
		ssize_t n;
		while ((n = cio_stream_read(e->server, got, 65536)) > 0)
			;
		CHECK_INT(n, 0);
	}
	free(got);
	return err;
}

static void shutdown_waits_its_turn(void **state)
{
	(void)state;
	runs(shutdown_under);
}

/* ---- closed with something unread ---- */

/* What was written before must not be lost for it. */
static int unread(struct ends *e)
{
	enum { TOTAL = 400000 };
	char *all = calloc(1, TOTAL);
	int err = 0;
	CHECK_INT(cio_stream_write(e->server, "unread", 6, NULL), 0);
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_group_spawn(&g, receive_much,
			&(struct half){e->server, TOTAL}), 0);
		for (size_t i = 0; i < TOTAL; i++)
			all[i] = pattern(i);
		CHECK_INT(cio_stream_write(e->client, all, TOTAL, NULL), 0);
		cio_stream_close(e->client);
		e->client = NULL;
	}
	free(all);
	return err;
}

static void closed_with_input_unread(void **state)
{
	(void)state;
	runs(unread);
}

/* ---- closed under a reader and a writer ---- */

static int read_on(const struct half *h)
{
	char buf[100];
	ssize_t n;
	while ((n = cio_stream_read(h->s, buf, sizeof buf)) > 0)
		;
	CHECK_INT(n, -ECANCELED);
	return 0;
}

static int write_on(const struct half *h)
{
	static char much[100000];
	int err;
	while ((err = cio_stream_write(h->s, much, sizeof much, NULL)) == 0)
		;
	CHECK_INT(err, -ECANCELED);
	return 0;
}

static int closed_under(struct ends *e)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_group_spawn(&g, read_on,
			&(struct half){e->client, 0}), 0);
		CHECK_INT(cio_group_spawn(&g, write_on,
			&(struct half){e->client, 0}), 0);
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
		cio_stream_close(e->client);
		e->client = NULL;
	}
	return err;
}

static void closed_under_others(void **state)
{
	(void)state;
	runs(closed_under);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_can_close),
		cmocka_unit_test(cuts_are_seen),
		cmocka_unit_test(drops_say_goodbye),
		cmocka_unit_test(a_cut_write_tears),
		cmocka_unit_test(shutdown_waits_its_turn),
		cmocka_unit_test(closed_with_input_unread),
		cmocka_unit_test(closed_under_others),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream.c - bytes over TLS: both ways at once, and every way to end
 */
#include "check.h"

#include <cio/sim.h>
#include <sys/uio.h>

#include "tls/tls.h"
#include "unit/tls/ends.h"

/* ---- a pair of its own for each test ---- */

static int with_ends_as(int (*fn)(struct ends *e), cio_tls_version most)
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

static int with_ends(void *arg)
{
	int (**fn)(struct ends *e) = arg;
	return with_ends_as(*fn, CIO_TLS_DEFAULT);
}

static int with_ends_1_2(void *arg)
{
	int (**fn)(struct ends *e) = arg;
	return with_ends_as(*fn, CIO_TLS_1_2);
}

/* TLS 1.3, then 1.2. */
static void runs(int (*fn)(struct ends *e))
{
	assert_int_equal(run_closing(with_ends, &fn), 0);
	assert_string_equal(check_reports(), "");
	assert_int_equal(run_closing(with_ends_1_2, &fn), 0);
	assert_string_equal(check_reports(), "");
}

static bool says(const char *part)
{
	if (strstr(cio_error_text(), part) != NULL)
		return true;
	printf("# \"%s\" does not say \"%s\"\n", cio_error_text(), part);
	return false;
}

/* ---- much, both ways at once ---- */

static char pattern(size_t i)
{
	return (char)(i * 7 + (i >> 11));
}

struct half {
	cio_stream *s;
	size_t total;
};

static int send_much(const struct half *h)
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

static int receive_much(const struct half *h)
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

static int both_ways(struct ends *e, size_t total)
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

static int megabyte(struct ends *e)
{
	return both_ways(e, 1 << 20);
}

static int less(struct ends *e)
{
	return both_ways(e, 150000);
}

static int less_in_bits(struct ends *e)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){.max_transfer = 7});
	return both_ways(e, 9000);
}

static void much_both_ways(void **state)
{
	(void)state;
	runs(megabyte);
	runs(less_in_bits);
}

static void much_disturbed(void **state)
{
	int (*fn)(struct ends *e) = less;
	(void)state;
	disturb(with_ends, &fn, "both ways");
	disturb(with_ends_1_2, &fn, "both ways, TLS 1.2");
}

/* ---- keys change meanwhile ---- */

static int update_keys(const struct half *h)
{
	for (int i = 0; i < 20; i++) {
		(void)SSL_key_update(tls_of(h->s)->ssl, i % 2 ?
			SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
		int err = cio_yield();
		if (err < 0)
			return err;
	}
	return 0;
}

static int much_with_updates(struct ends *e)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, update_keys, &(struct half){e->client, 0});
		if (err == 0)
			err = cio_group_spawn(&g, update_keys,
				&(struct half){e->server, 0});
		if (err == 0)
			err = both_ways(e, 1 << 19);
	}
	return err;
}

static void keys_change(void **state)
{
	int (*fn)(struct ends *e) = much_with_updates;
	(void)state;
	assert_int_equal(run_closing(with_ends, &fn), 0);
}

/* ---- pieces ---- */

static int pieces(struct ends *e)
{
	static char large[40000];
	char small[20000];
	struct iovec iov[7] = {{NULL, 0}, {"ab", 2}, {NULL, 0}, {"cd", 2},
		{small, sizeof small}, {large, sizeof large}, {"z", 1}};
	size_t done = 0, total = 4 + sizeof small + sizeof large + 1;
	char *got = malloc(total);
	memset(small, 's', sizeof small);
	memset(large, 'l', sizeof large);
	int err = cio_stream_writev(e->client, iov, 7, &done);
	CHECK_INT(done, total);
	if (err == 0)
		err = cio_stream_read_exactly(e->server, got, total, NULL);
	CHECK(memcmp(got, "abcdssss", 8) == 0);
	CHECK(got[4 + sizeof small - 1] == 's' && got[4 + sizeof small] == 'l');
	CHECK(got[total - 2] == 'l' && got[total - 1] == 'z');
	free(got);
	cio_address a, b;
	CHECK_INT(cio_stream_peer(e->client, &a), 0);
	CHECK_INT(cio_stream_local(e->server, &b), 0);
	CHECK(a.len == b.len && memcmp(&a.storage, &b.storage, a.len) == 0);
	cio_tls_info info;
	CHECK_INT(cio_tls_get_info(tls_of(e->client)->inner, &info), -EINVAL);
	/* a line and the state of the buffer, as on any stream */
	cio_str line;
	if (err == 0)
		err = cio_stream_write(e->server, "one\r\ntwo", 8, NULL);
	if (err == 0)
		CHECK_INT(cio_stream_readline(e->client, &line), 1);
	CHECK(err < 0 || cio_str_equal(line, cio_str_of("one")));
	CHECK_INT(cio_stream_peek(e->client).n, 3);
	CHECK(!cio_stream_reusable(e->client));
	return err;
}

static void pieces_become_records(void **state)
{
	(void)state;
	runs(pieces);
}

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

/* ---- a message of TLS that is half here when we write ---- */

static int read_one(const struct half *h)
{
	char got[8];
	CHECK_INT(cio_stream_read_exactly(h->s, got, 4, NULL), 0);
	return 0;
}

struct waiting {
	cio_stream_idle idle;
	int calls, err;
	size_t bytes;
	bool drop;
};

static void on_ready(cio_stream_idle *idle, int err)
{
	struct waiting *w = container_of(idle, struct waiting, idle);
	w->calls++;
	w->err = err;
	w->bytes = cio_stream_peek(idle->stream).n;
	if (w->drop)
		cio_stream_drop(idle->stream);
}

static int until_called(const struct waiting *w)
{
	int err = 0;
	while (w->calls == 0 && err == 0)
		err = cio_sleep(CIO_US(100));
	return err;
}

struct relay {
	cio_stream *from, *to;
};

static int trickle(const struct relay *r)
{
	char buf[50];
	ssize_t n;
	while ((n = cio_stream_read(r->from, buf, sizeof buf)) > 0) {
		int err = cio_stream_write(r->to, buf, (size_t)n, NULL);
		if (err == 0)
			err = cio_sleep(CIO_US(20));
		if (err < 0)
			return 0;
	}
	return 0;
}

/* The rest comes by a reader, or by an idle wait. */
static int talk_meanwhile(struct ends *e, bool idle)
{
	struct waiting w = {.idle.ready = on_ready};
	int err = 0, halves = 0;
	CIO_GROUP(g, &err) {
		if (idle)
			CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g,
				0), 0);
		else
			CHECK_INT(cio_group_spawn(&g, read_one,
				&(struct half){e->client, 0}), 0);
		for (int i = 0; i < 1000; i++) {
			halves += SSL_in_init(tls_of(e->client)->ssl) != 0;
			CHECK_INT(cio_stream_write(e->client, "x", 1, NULL), 0);
			CHECK_INT(cio_sleep(CIO_US(10)), 0);
		}
		CHECK_INT(cio_stream_write(e->server, "done", 4, NULL), 0);
		if (idle)
			CHECK_INT(until_called(&w), 0);
	}
	CHECK_INT(w.bytes, idle ? 4 : 0);
	CHECK(halves > 0);
	return err;
}

static int half_ticket(void *arg)
{
	const bool *idle = arg;
	struct ends e;
	struct pair left, right;
	cio_tls_config *client = client_with((cio_tls_options){
		.certificate_file = file("large.pem"),
		.key_file = file("large.key")});
	cio_tls_config *server = server_with("good", (cio_tls_options){
		.verify_client = true, .ca_file = file("ca.crt")});
	CHECK_INT(cio_tls_config_load(server), 0);
	/* a ticket has the client's certificate in it: it takes two records */
	CHECK(SSL_CTX_set_max_send_fragment(server->context, 512));
	CHECK_INT(pair_open(&left), 0);
	CHECK_INT(pair_open(&right), 0);
	int err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_group_spawn(&g, trickle,
			&(struct relay){left.b, right.a}), 0);
		CHECK_INT(cio_group_spawn(&g, trickle,
			&(struct relay){right.a, left.b}), 0);
		struct pair p = {left.a, right.b};
		CHECK_INT(ends_over(&e, &p, client, server, "good.test"), 0);
		err = talk_meanwhile(&e, *idle);
		cio_group_cancel(&g, "over");
	}
	ends_close(&e);
	cio_stream_close(left.b);
	cio_stream_close(right.a);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return err;
}

static void a_writer_waits_for_the_rest(void **state)
{
	(void)state;
	for (int idle = 0; idle < 2; idle++)
		assert_int_equal(run_closing(half_ticket, &(bool){idle}), 0);
}

static void a_cut_write_tears(void **state)
{
	(void)state;
	runs(torn_write);
	runs(torn_close);
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

/* ---- used again ---- */

static int used_again(struct ends *e)
{
	/* the client has not read the tickets: they are not bytes */
	CHECK(cio_stream_reusable(e->client));
	CHECK(cio_stream_reusable(e->client));
	CHECK(cio_stream_reusable(e->server));
	CHECK_INT(ends_talk(e), 0);
	CHECK(cio_stream_reusable(e->client));
	CHECK_INT(cio_stream_write(e->server, "408", 3, NULL), 0);
	CHECK(!cio_stream_reusable(e->client));
	CHECK_INT(cio_stream_peek(e->client).n, 3);
	cio_stream_consume(e->client, 3);
	CHECK(cio_stream_reusable(e->client));
	CHECK_INT(ends_talk(e), 0);
	cio_stream_close(e->server);
	e->server = NULL;
	CHECK(!cio_stream_reusable(e->client));
	return 0;
}

static void tickets_are_no_bytes(void **state)
{
	(void)state;
	runs(used_again);
}

/* ---- idle ---- */

static int turns(void)
{
	int err = 0;
	for (int i = 0; i < 50 && err == 0; i++)
		err = cio_sleep(CIO_US(100));
	return err;
}

/* TLS 1.3: now, and not with the next write. */
static void send_new_key(cio_stream *s)
{
	struct tls *t = tls_of(s);
	if (SSL_key_update(t->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
		CHECK_INT(SSL_do_handshake(t->ssl), 1);
	ERR_clear_error();
	CHECK_INT(cio__tls_flush(t), 0);
}

static int idles(struct ends *e)
{
	struct waiting w = {.idle.ready = on_ready};
	int err = 0;
	CIO_GROUP(g, &err) {
		/* tickets come, and a new key: nobody is called */
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 0);
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), -EBUSY);
		send_new_key(e->server);
		CHECK_INT(turns(), 0);
		CHECK_INT(w.calls, 0);
		/* and it can write meanwhile */
		char got[8];
		CHECK_INT(cio_stream_write(e->client, "abc", 3, NULL), 0);
		CHECK_INT(cio_stream_read_exactly(e->server, got, 3, NULL), 0);
		CHECK_INT(w.calls, 0);
		CHECK_INT(cio_stream_write(e->server, "hello", 5, NULL), 0);
		CHECK_INT(until_called(&w), 0);
		CHECK_INT(w.err, 0);
		CHECK_INT(w.bytes, 5);
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 1);
		cio_stream_consume(e->client, 5);
		/* here already when it begins to wait: two records in one read */
		CHECK_INT(cio_stream_write(e->server, "one", 3, NULL), 0);
		CHECK_INT(cio_stream_write(e->server, "two", 3, NULL), 0);
		CHECK_INT(turns(), 0);
		CHECK_INT(cio_stream_read(e->client, got, 8), 3);
		w.calls = 0;
		int here = cio_stream_wait_idle(e->client, &w.idle, &g, 0);
		CHECK(here == 1 || here == 0);
		if (here == 0)
			CHECK_INT(until_called(&w), 0);
		CHECK_INT(cio_stream_peek(e->client).n, 3);
		cio_stream_consume(e->client, 3);
		/* the deadline */
		w.calls = 0;
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g,
			cio_now() + CIO_MS(1)), 0);
		CHECK_INT(until_called(&w), 0);
		CHECK_INT(w.err, -ETIMEDOUT);
		CHECK_INT(ends_talk(e), 0);
		/* the goodbye */
		w.calls = 0;
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 0);
		CHECK_INT(cio_stream_shutdown(e->server), 0);
		CHECK_INT(until_called(&w), 0);
		CHECK_INT(w.err, 0);
		CHECK_INT(cio_stream_read(e->client, got, 8), 0);
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 1);
		/* the group */
		w.calls = 0;
		CHECK_INT(cio_stream_wait_idle(e->server, &w.idle, &g, 0), 0);
		cio_group_cancel(&g, "enough");
	}
	CHECK_INT(err, 0);
	CHECK_INT(w.calls, 1);
	CHECK_INT(w.err, -ECANCELED);
	return 0;
}

/* Closed, cut or broken while it waits. */
static int idle_ends(struct ends *e)
{
	struct waiting w = {.idle.ready = on_ready}, v = {.idle.ready = on_ready,
		.drop = true};
	int err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(ends_talk(e), 0);
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 0);
		CHECK_INT(cio_stream_wait_idle(e->server, &v.idle, &g, 0), 0);
		cio_stream_abort(e->client);
		e->client = NULL;
		CHECK_INT(w.calls, 1);
		CHECK_INT(w.err, -ECANCELED);
		CHECK_INT(until_called(&v), 0);
		e->server = NULL; /* it dropped itself */
		CHECK(v.err == -CIO_EEOF || v.err == -ECONNRESET);
	}
	return err;
}

static int idle_broken(struct ends *e)
{
	struct waiting w = {.idle.ready = on_ready};
	int err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(ends_talk(e), 0);
		CHECK_INT(cio_stream_wait_idle(e->client, &w.idle, &g, 0), 0);
		CHECK_INT(cio_stream_write(tls_of(e->server)->inner, "what?", 5,
			NULL), 0);
		CHECK_INT(until_called(&w), 0);
		CHECK_INT(w.err, -CIO_ETLS);
	}
	return err;
}

static void idle_costs_no_stack(void **state)
{
	(void)state;
	runs(idles);
	runs(idle_ends);
	runs(idle_broken);
}

/* ---- TLS in TLS ---- */

static int nested(struct ends *outer)
{
	struct ends e;
	struct waiting w = {.idle.ready = on_ready};
	cio_tls_config *client = client_with((cio_tls_options){0});
	cio_tls_config *server = server_with("chained", (cio_tls_options){0});
	struct pair p = {outer->client, outer->server};
	CHECK_INT(ends_over(&e, &p, client, server, "localhost"), 0);
	outer->client = outer->server = NULL;
	CHECK(cio_stream_reusable(e.client));
	CHECK_INT(ends_talk(&e), 0);
	int err = 0;
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_stream_wait_idle(e.client, &w.idle, &g, 0), 0);
		CHECK_INT(cio_stream_write(e.server, "hello", 5, NULL), 0);
		CHECK_INT(until_called(&w), 0);
		CHECK_INT(w.bytes, 5);
		cio_stream_consume(e.client, 5);
	}
	CHECK_INT(both_ways(&e, 300000), 0);
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static void tls_carries_tls(void **state)
{
	(void)state;
	runs(nested);
}

/* ---- forgotten ---- */

static int forget(void *arg)
{
	(void)arg;
	struct ends e;
	cio_tls_config *client = client_with((cio_tls_options){0});
	cio_tls_config *server = server_with("good", (cio_tls_options){0});
	CHECK_INT(ends_open(&e, client, server, "good.test"), 0);
	cio_stream_close(e.server);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static void a_forgotten_one_is_named_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(forget, NULL), 0);
	const char *first = strstr(check_reports(), "still open");
	assert_non_null(first);
	assert_null(strstr(first + 1, "still open"));
	assert_non_null(strstr(check_reports(), "ends.h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(much_both_ways),
		cmocka_unit_test(much_disturbed),
		cmocka_unit_test(keys_change),
		cmocka_unit_test(pieces_become_records),
		cmocka_unit_test(half_can_close),
		cmocka_unit_test(cuts_are_seen),
		cmocka_unit_test(drops_say_goodbye),
		cmocka_unit_test(a_cut_write_tears),
		cmocka_unit_test(shutdown_waits_its_turn),
		cmocka_unit_test(closed_with_input_unread),
		cmocka_unit_test(a_writer_waits_for_the_rest),
		cmocka_unit_test(closed_under_others),
		cmocka_unit_test(tickets_are_no_bytes),
		cmocka_unit_test(idle_costs_no_stack),
		cmocka_unit_test(tls_carries_tls),
		cmocka_unit_test(a_forgotten_one_is_named_once),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream_idle.c - a TLS stream at rest: what only looks like bytes, and who waits
 */
#include "check.h"

#include <sys/uio.h>

#include "unit/tls/both.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_writer_waits_for_the_rest),
		cmocka_unit_test(tickets_are_no_bytes),
		cmocka_unit_test(idle_costs_no_stack),
		cmocka_unit_test(tls_carries_tls),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * race.c - several addresses of one name
 *
 * The addresses are given by `resolve`. A silent one is a listener whose backlog
 * is full. Under sim the clock says who was tried when.
 */
#include "check.h"

#include <cio/sim.h>
#include <errno.h>
#include <stdlib.h>

#include "unit/io/pair.h"

enum { MOST = 4 };

struct course {
	const char *to[MOST];  /* what the name resolves to */
	int n;
	const char *forbidden; /* what `allow` refuses */
	char tried[MOST][CIO_ADDRESS_TEXT];
	cio_time at[MOST];
	int tries;
	cio_duration pause;    /* before the first attempt */
	cio_listener *silent, *open; /* on 127.0.0.2 and 127.0.0.3 */
	cio_stream *full[2];
	uint16_t port;
};

static bool is_sim(void)
{
	return strcmp(cio_driver_name(), "sim") == 0;
}

static int resolve(void *arg, const char *host, uint16_t port, cio_address *out,
	int max)
{
	const struct course *c = arg;
	CHECK(strcmp(host, "many.test") == 0);
	CHECK(max >= c->n);
	for (int i = 0; i < c->n; i++)
		CHECK_INT(cio_address_parse(c->to[i], port, &out[i]), 0);
	return c->n;
}

static int allow(void *arg, const cio_address *to)
{
	struct course *c = arg;
	char text[CIO_ADDRESS_TEXT];
	cio_address_text(to, text);
	if (c->tries < MOST) {
		strcpy(c->tried[c->tries], text);
		c->at[c->tries] = cio_now();
	}
	c->tries++;
	if (c->tries == 1 && c->pause > 0)
		CHECK_INT(cio_sleep(c->pause), 0);
	if (c->forbidden != NULL &&
		strncmp(text, c->forbidden, strlen(c->forbidden)) == 0)
		return cio_fail(-EACCES, "%s is forbidden", text);
	return 0;
}

static int open_course(struct course *c)
{
	*c = (struct course){0};
	int err = cio_tcp_listen(&c->silent, "127.0.0.2", 0,
		&(cio_listen_options){.backlog = 1});
	if (err < 0)
		return err;
	c->port = cio_listener_port(c->silent);
	err = cio_tcp_listen(&c->open, "127.0.0.3", c->port, NULL);
	for (int i = 0; i < 2 && err == 0; i++)
		err = cio_tcp_connect(&c->full[i], "127.0.0.2", c->port, NULL);
	return err;
}

static void close_course(struct course *c)
{
	cio_stream_close(c->full[0]);
	cio_stream_close(c->full[1]);
	cio_listener_close(c->silent);
	cio_listener_close(c->open);
}

static int run_with(struct course *c, cio_tcp_options o, cio_stream **out)
{
	c->tries = 0;
	o.resolve = resolve;
	o.allow = allow;
	o.arg = c;
	return cio_tcp_connect(out, "many.test", c->port, &o);
}

/* Who has won is told by its address. */
static void wins(struct course *c, cio_tcp_options o, const char *want)
{
	cio_stream *s = NULL;
	cio_address a;
	char text[CIO_ADDRESS_TEXT];
	if (!CHECK_INT(run_with(c, o, &s), 0)) {
		print_error("%s\n", cio_error_text());
		return;
	}
	CHECK_INT(cio_stream_peer(s, &a), 0);
	if (!CHECK(strncmp(cio_address_text(&a, text), want, strlen(want)) == 0))
		print_error("%s, not %s\n", text, want);
	cio_stream_close(s);
}

static void loses(struct course *c, cio_tcp_options o, int want, const char *why)
{
	cio_stream *s = NULL;
	CHECK_INT(run_with(c, o, &s), want);
	CHECK(s == NULL);
	if (!CHECK(strstr(cio_error_text(), why) != NULL))
		print_error("\"%s\", not \"%s\"\n", cio_error_text(), why);
}

/* ---- who wins ---- */

static int winners(void *arg)
{
	(void)arg;
	struct course c;
	cio_tcp_options o = {0}, quick = {.attempt_delay = CIO_MS(5)};
	if (!CHECK_INT(open_course(&c), 0))
		goto out;
	c.n = 2;
	c.to[0] = "127.0.0.3"; /* answers */
	c.to[1] = "127.0.0.2";
	wins(&c, o, "127.0.0.3:");
	CHECK_INT(c.tries, 1);

	c.to[0] = "127.0.0.1"; /* refuses at once */
	c.to[1] = "127.0.0.3";
	wins(&c, (cio_tcp_options){.attempt_delay = CIO_S(1000)}, "127.0.0.3:");
	CHECK_INT(c.tries, 2);
	if (is_sim())
		CHECK_INT(c.at[1], c.at[0]);

	c.to[0] = "127.0.0.2"; /* is silent */
	wins(&c, is_sim() ? o : quick, "127.0.0.3:");
	CHECK_INT(c.tries, 2);
	if (is_sim())
		CHECK_INT(c.at[1] - c.at[0], CIO_MS(250));

	c.n = 4;
	c.to[1] = "127.0.0.2";
	c.to[2] = "127.0.0.1";
	c.to[3] = "127.0.0.3";
	wins(&c, quick, "127.0.0.3:");
	CHECK_INT(c.tries, 4);
	if (is_sim()) {
		CHECK_INT(c.at[1] - c.at[0], CIO_MS(5));
		CHECK_INT(c.at[2] - c.at[1], CIO_MS(5));
		CHECK_INT(c.at[3] - c.at[2], 0);
	}
	/* a very long delay is none */
	c.n = 2;
	c.to[0] = "127.0.0.3";
	wins(&c, (cio_tcp_options){.attempt_delay = CIO_NEVER}, "127.0.0.3:");
out:
	close_course(&c);
	return 0;
}

static int losers(void *arg)
{
	(void)arg;
	struct course c;
	cio_tcp_options o = {.attempt_delay = CIO_MS(5)};
	if (!CHECK_INT(open_course(&c), 0))
		goto out;
	c.n = 2;
	c.to[0] = "127.0.0.1";
	c.to[1] = "127.0.0.4";
	loses(&c, o, -ECONNREFUSED, "127.0.0.4:");
	CHECK(strstr(cio_error_text(), "refused") != NULL);
	c.to[1] = "127.0.0.2";
	o.connect_timeout = CIO_MS(30);
	loses(&c, o, -ETIMEDOUT, "no connection within 30 ms");
	c.to[0] = "127.0.0.2"; /* both silent */
	loses(&c, o, -ETIMEDOUT, "no connection within 30 ms");
	int err = 0;
	CIO_TIMEOUT(CIO_MS(20), &err) {
		cio_stream *s;
		o.connect_timeout = 0;
		err = run_with(&c, o, &s);
	}
	CHECK_INT(err, -ETIMEDOUT);
	c.n = 0;
	loses(&c, o, -CIO_EDNS, "many.test: it has no address");
out:
	close_course(&c);
	return 0;
}

/* Two connections in one and the same turn: one is taken, the other closed. */
static int photo_finish(void *arg)
{
	struct course c;
	cio_stream *s = NULL, *t = NULL;
	int *both = arg;
	if (!CHECK_INT(open_course(&c), 0))
		return -1;
	(void)cio_sim_set_faults(&(cio_sim_faults){.latency_us = 1});
	c.n = 2;
	c.to[0] = "127.0.0.3";
	c.to[1] = "127.0.0.3";
	c.pause = CIO_US(1);
	CHECK_INT(run_with(&c, (cio_tcp_options){.attempt_delay = CIO_US(1)}, &s),
		0);
	int err = cio_listener_accept(c.open, &t);
	cio_stream_close(t);
	CIO_TIMEOUT(CIO_MS(1), &err) {
		err = cio_listener_accept(c.open, &t);
		if (err == 0) {
			(*both)++;
			cio_stream_close(t);
		}
	}
	cio_stream_close(s);
	close_course(&c);
	return 0;
}

/* ---- who may run ---- */

static int forbidden(void *arg)
{
	(void)arg;
	struct course c;
	cio_tcp_options o = {.attempt_delay = CIO_S(1000)};
	if (!CHECK_INT(open_course(&c), 0))
		goto out;
	c.forbidden = "127.0.0.2:";
	c.n = 2;
	c.to[0] = "127.0.0.2";
	c.to[1] = "127.0.0.3";
	wins(&c, o, "127.0.0.3:");
	CHECK_INT(c.tries, 2);
	c.to[1] = "127.0.0.2";
	loses(&c, o, -EACCES, "is forbidden");
	c.n = 1;
	loses(&c, o, -EACCES, "is forbidden");
	CHECK_INT(c.tries, 1);
	c.n = 2;
	c.to[1] = "127.0.0.1"; /* the last to fail is told */
	loses(&c, o, -ECONNREFUSED, "127.0.0.1:");
out:
	close_course(&c);
	return 0;
}

static int families(void *arg)
{
	(void)arg;
	static const char *const want[] = {"127.0.0.5:", "[::1]:", "127.0.0.6:",
		"127.0.0.7:"};
	struct course c = {.n = 4, .port = 1, .to = {"127.0.0.5", "127.0.0.6",
		"127.0.0.7", "::1"}, .forbidden = ""};
	loses(&c, (cio_tcp_options){0}, -EACCES, "127.0.0.7:1 is forbidden");
	CHECK_INT(c.tries, 4);
	for (int i = 0; i < 4; i++)
		CHECK(strncmp(c.tried[i], want[i], strlen(want[i])) == 0);
	return 0;
}

static int from_here(void *arg)
{
	(void)arg;
	struct course c;
	cio_tcp_options o = {.local_address = "127.0.0.9"};
	cio_stream *s = NULL, *t = NULL;
	cio_address a;
	char text[CIO_ADDRESS_TEXT];
	if (!CHECK_INT(open_course(&c), 0))
		goto out;
	c.n = 2;
	c.to[0] = "::1"; /* cannot be reached from there: not tried */
	c.to[1] = "127.0.0.3";
	CHECK_INT(run_with(&c, o, &s), 0);
	CHECK_INT(c.tries, 1);
	CHECK_INT(cio_listener_accept(c.open, &t), 0);
	CHECK_INT(cio_stream_peer(t, &a), 0);
	CHECK(strncmp(cio_address_text(&a, text), "127.0.0.9:", 10) == 0);
	cio_stream_close(s);
	cio_stream_close(t);

	o.local_address = "::1";
	c.to[0] = "127.0.0.3";
	loses(&c, o, -EADDRNOTAVAIL, "many.test has no address of local_address "
		"::1's kind");
	CHECK_INT(c.tries, 0);
	o.local_address = "here";
	loses(&c, o, -EINVAL, "local_address here: no address");
	if (!is_sim()) { /* there every address is our own */
		o.local_address = "192.0.2.1";
		loses(&c, o, -EADDRNOTAVAIL, "local_address 192.0.2.1:0: this "
			"machine has no such address");
	}
out:
	close_course(&c);
	return 0;
}

/* ---- disturbed ---- */

/* Refused, silent, and open, in this order; every part is a task's own. */
static int whole(void *arg)
{
	(void)arg;
	struct course c;
	cio_stream *s = NULL;
	int err = open_course(&c);
	c.n = 3;
	c.to[0] = "127.0.0.1";
	c.to[1] = "127.0.0.2";
	c.to[2] = "127.0.0.3";
	if (err == 0)
		err = run_with(&c, (cio_tcp_options){
			.attempt_delay = CIO_MS(1)}, &s);
	cio_stream_close(s);
	close_course(&c);
	return err;
}

#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(fn, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(first_to_answer_wins, winners)
RUNS(last_to_fail_is_told, losers)
RUNS(allow_is_asked, forbidden)
RUNS(families_take_turns, families)
RUNS(local_address, from_here)

static void both_at_once(void **state)
{
	(void)state;
	int both = 0;
	if (strcmp(check_driver(), "sim") != 0)
		check_skip("it takes sim's clock");
	for (uint64_t seed = 1; seed <= 20; seed++) {
		assert_int_equal(check_run_as(photo_finish, &both, seed, "race"), 0);
		assert_string_equal(check_reports(), ""); /* none left open */
	}
	assert_true(both > 0);
}

static void disturbed(void **state)
{
	(void)state;
	disturb(whole, NULL, "race");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_to_answer_wins),
		cmocka_unit_test(last_to_fail_is_told),
		cmocka_unit_test(allow_is_asked),
		cmocka_unit_test(families_take_turns),
		cmocka_unit_test(local_address),
		cmocka_unit_test(both_at_once),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

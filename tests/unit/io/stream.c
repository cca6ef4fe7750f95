/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream.c - streams over sockets: bytes, ends, cuts, closes
 */
#include "check.h"

#include <cio/sim.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "unit/io/pair.h"

/* Under sim, every transfer moves one byte; elsewhere nothing happens. */
static void one_byte_transfers(void)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){.max_transfer = 1});
}

/* ---- echo, with every way to end it ---- */

struct half {
	cio_stream *s;
};

static int echo(const struct half *h)
{
	char buf[64];
	ssize_t n;
	int err = 0;
	while (err == 0 && (n = cio_stream_read(h->s, buf, sizeof buf)) != 0)
		err = n < 0 ? (int)n : cio_stream_write(h->s, buf, (size_t)n, NULL);
	return err;
}

static int ask_echo(cio_stream *s)
{
	char got[12] = "";
	int err = cio_stream_write(s, "hello, echo", 11, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(s, got, 11, NULL);
	if (err == 0)
		CHECK(strcmp(got, "hello, echo") == 0);
	return err;
}

static int echo_pair(void *arg)
{
	bool *slow = arg;
	if (*slow)
		one_byte_transfers();
	struct pair p;
	int err = pair_open(&p);
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, echo, &(struct half){p.b});
		for (int i = 0; i < 3 && err == 0; i++)
			err = ask_echo(p.a);
		(void)cio_stream_shutdown(p.a);
	}
	pair_close(&p);
	return err;
}

static void echo_echoes(void **state)
{
	(void)state;
	for (int slow = 0; slow < 2; slow++) {
		assert_int_equal(run_closing(echo_pair, &(bool){slow}), 0);
		assert_string_equal(check_reports(), "");
	}
}

static void echo_disturbed(void **state)
{
	(void)state;
	disturb(echo_pair, &(bool){false}, "echo");
	disturb(echo_pair, &(bool){true}, "slow echo");
}

/* ---- much, both ways, with a reader that takes its time ---- */

enum { MUCH = 3 << 20 };

static char pattern(size_t i)
{
	return (char)(i * 7 + (i >> 11));
}

static int send_much(const struct half *h)
{
	char *block = malloc(50000);
	int err = 0;
	for (size_t at = 0; at < MUCH && err == 0;) {
		size_t n = MUCH - at < 50000 ? MUCH - at : 50000, done;
		for (size_t i = 0; i < n; i++)
			block[i] = pattern(at + i);
		err = cio_stream_write(h->s, block, n, &done);
		CHECK(err < 0 || done == n);
		at += n;
	}
	free(block);
	return err < 0 ? err : cio_stream_shutdown(h->s);
}

static int receive_much(const struct half *h)
{
	char *block = malloc(30000);
	size_t at = 0, wrong = 0, rounds = 0;
	ssize_t n;
	/* Of different sizes: some go through the buffer, some past it. */
	while ((n = cio_stream_read(h->s, block, 100 + at % 29000)) > 0) {
		for (size_t i = 0; i < (size_t)n; i++)
			wrong += block[i] != pattern(at + i);
		at += (size_t)n;
		if (++rounds % 20 == 0)
			(void)cio_sleep(CIO_US(100));
	}
	CHECK_INT(n, 0);
	CHECK_INT(at, MUCH);
	CHECK_INT(wrong, 0);
	free(block);
	return 0;
}

static int much(void *arg)
{
	(void)arg;
	struct pair p;
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		struct half a = {p.a}, b = {p.b};
		CHECK_INT(cio_group_spawn(&g, send_much, &a), 0);
		CHECK_INT(cio_group_spawn(&g, send_much, &b), 0);
		CHECK_INT(cio_group_spawn(&g, receive_much, &a), 0);
		CHECK_INT(cio_group_spawn(&g, receive_much, &b), 0);
	}
	CHECK_INT(err, 0);
	pair_close(&p);
	return 0;
}

static void much_flows_both_ways(void **state)
{
	(void)state;
	assert_int_equal(run_closing(much, NULL), 0);
}

/* ---- ends ---- */

static int half_close(void *arg)
{
	(void)arg;
	struct pair p;
	char buf[16] = "";
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(cio_stream_write(p.a, "ask", 3, NULL), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	CHECK_INT(cio_stream_write(p.a, "x", 1, NULL), -EPIPE);
	CHECK(!cio_stream_torn(p.a)); /* not a byte of it went out */
	CHECK_INT(cio_stream_read_exactly(p.b, buf, 3, NULL), 0);
	CHECK_INT(cio_stream_read(p.b, buf, sizeof buf), 0);
	CHECK_INT(cio_stream_read(p.b, buf, sizeof buf), 0); /* and again */
	CHECK_INT(cio_stream_fill(p.b), 0);
	CHECK_INT(cio_stream_write(p.b, "answer", 6, NULL), 0);
	CHECK_INT(cio_stream_read_exactly(p.a, buf, 6, NULL), 0);
	CHECK(strcmp(buf, "answer") == 0);
	pair_close(&p);
	return 0;
}

static void half_closed_still_answers(void **state)
{
	(void)state;
	assert_int_equal(run_closing(half_close, NULL), 0);
}

static int early_end(void *arg)
{
	(void)arg;
	struct pair p;
	char buf[70000];
	size_t done = 99;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(cio_stream_write(p.a, "abc", 3, NULL), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	CHECK_INT(cio_stream_read_exactly(p.b, buf, 8, &done), -CIO_EEOF);
	CHECK_INT(done, 0);
	CHECK(strcmp(cio_error_text(), "the stream ended after 3 of 8 bytes") == 0);
	/* Nothing has happened to the three. */
	CHECK(cio_str_equal(cio_stream_peek(p.b), cio_str_of("abc")));
	/* More than the buffer may hold is read past it. */
	CHECK_INT(cio_stream_read_exactly(p.b, buf, sizeof buf, &done),
		-CIO_EEOF);
	CHECK_INT(done, 3);
	CHECK(memcmp(buf, "abc", 3) == 0);
	CHECK_INT(cio_stream_peek(p.b).n, 0);
	pair_close(&p);
	return 0;
}

static void early_end_keeps_the_bytes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(early_end, NULL), 0);
}

static int reset(void *arg)
{
	(void)arg;
	struct pair p;
	char buf[8];
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	cio_stream_abort(p.a);
	CHECK_INT(cio_stream_read(p.b, buf, sizeof buf), -ECONNRESET);
	int err = cio_stream_write(p.b, "x", 1, NULL);
	CHECK(err == -EPIPE || err == -ECONNRESET);
	CHECK(!cio_stream_reusable(p.b));
	cio_stream_close(p.b);
	return 0;
}

static void abort_resets(void **state)
{
	(void)state;
	assert_int_equal(run_closing(reset, NULL), 0);
}

/* ---- cuts ---- */

static int cut_read(void *arg)
{
	bool *slow = arg;
	struct pair p;
	char buf[9] = "";
	size_t done = 99;
	int err = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	if (*slow)
		one_byte_transfers();
	CHECK_INT(cio_stream_write(p.a, "abc", 3, NULL), 0);
	CIO_TIMEOUT(CIO_MS(20), &err) {
		err = cio_stream_read_exactly(p.b, buf, 8, &done);
		CHECK_INT(err, -ETIMEDOUT);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 0);
	CHECK(cio_str_equal(cio_stream_peek(p.b), cio_str_of("abc")));
	CHECK_INT(cio_stream_write(p.a, "defgh", 5, NULL), 0);
	CHECK_INT(cio_stream_read_exactly(p.b, buf, 8, &done), 0);
	CHECK_INT(done, 8);
	CHECK(strcmp(buf, "abcdefgh") == 0);
	pair_close(&p);
	return 0;
}

static void cut_read_keeps_the_bytes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(cut_read, &(bool){false}), 0);
	assert_int_equal(run_closing(cut_read, &(bool){true}), 0);
}

static int cut_large_read(void *arg)
{
	(void)arg;
	struct pair p;
	static char buf[70000];
	size_t done = 0;
	int err = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(cio_stream_write(p.a, "abc", 3, NULL), 0);
	CIO_TIMEOUT(CIO_MS(20), &err) {
		err = cio_stream_read_exactly(p.b, buf, sizeof buf, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 3);
	pair_close(&p);
	return 0;
}

static void cut_large_read_says_how_far(void **state)
{
	(void)state;
	assert_int_equal(run_closing(cut_large_read, NULL), 0);
}

static int cut_write(void *arg)
{
	(void)arg;
	struct pair p;
	size_t n = 64 << 20, done = 0;
	char *block = calloc(1, n);
	int err = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CIO_TIMEOUT(0, &err) {
		err = cio_stream_write(p.a, "x", 1, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 0);
	CHECK(!cio_stream_torn(p.a)); /* refused before the first byte */
	CIO_TIMEOUT(CIO_MS(50), &err) {
		err = cio_stream_write(p.a, block, n, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(done > 0 && done < n);
	CHECK(cio_stream_torn(p.a));
	CHECK(!cio_stream_reusable(p.a));
	CHECK_INT(cio_stream_write(p.a, "x", 1, &done), -EPIPE);
	CHECK(strstr(cio_error_text(), "behind a hole") != NULL);
	CHECK_INT(done, 0);
	free(block);
	pair_close(&p);
	return 0;
}

static void cut_write_tears(void **state)
{
	(void)state;
	assert_int_equal(run_closing(cut_write, NULL), 0);
}

/* ---- two tasks, one stream ---- */

struct user {
	cio_stream *s;
	long long *result;
	int what;
};

static int use(const struct user *u)
{
	char buf[70000];
	static char block[32 << 20];
	if (u->what == 0)
		*u->result = cio_stream_read(u->s, buf, 10);
	else if (u->what == 1)
		*u->result = cio_stream_read_exactly(u->s, buf, 20, NULL);
	else if (u->what == 2)
		*u->result = cio_stream_read_exactly(u->s, buf, sizeof buf, NULL);
	else if (u->what == 3)
		*u->result = cio_stream_fill(u->s);
	else if (u->what == 4)
		*u->result = cio_stream_read(u->s, buf, sizeof buf);
	else
		*u->result = cio_stream_write(u->s, block, sizeof block, NULL);
	return 0;
}

static int closed_meanwhile(void *arg)
{
	int *how = arg;
	for (int what = 0; what < 6; what++) {
		struct pair p;
		long long result = 0;
		if (!CHECK_INT(pair_open(&p), 0))
			return -1;
		struct user u = {p.a, &result, what};
		cio_task *t = cio_spawn(use, &u);
		CHECK_INT(cio_yield(), 0);
		if (*how == 0)
			cio_stream_close(p.a);
		else if (*how == 1)
			cio_stream_abort(p.a);
		else
			cio_stream_drop(p.a);
		CHECK_INT(cio_await(t), 0);
		CHECK_INT(result, -ECANCELED);
		cio_stream_close(p.b);
	}
	return 0;
}

static void close_ends_calls(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++)
		assert_int_equal(run_closing(closed_meanwhile, &how), 0);
}

static int two_of_a_kind(void *arg)
{
	(void)arg;
	struct pair p;
	char c;
	long long read_result = 0, write_result = 0;
	size_t done = 99;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	cio_task *r = cio_spawn(use, &(struct user){p.a, &read_result, 0});
	cio_task *w = cio_spawn(use, &(struct user){p.a, &write_result, 5});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_stream_read(p.a, &c, 1), -EBUSY);
	CHECK_INT(cio_stream_fill(p.a), -EBUSY);
	CHECK_INT(cio_stream_read_exactly(p.a, &c, 1, NULL), -EBUSY);
	CHECK_INT(cio_stream_write(p.a, "x", 1, &done), -EBUSY);
	CHECK_INT(done, 0);
	CHECK(!cio_stream_reusable(p.a));
	cio_stream_idle idle = {0};
	CHECK_INT(cio_stream_wait_idle(p.a, &idle, NULL, 0), -EBUSY);
	CHECK_INT(cio_stream_write(p.b, "y", 1, NULL), 0);
	CHECK_INT(cio_await(r), 0);
	CHECK_INT(read_result, 1); /* the first reader was not disturbed */
	cio_stream_close(p.a);
	CHECK_INT(cio_await(w), 0);
	CHECK_INT(write_result, -ECANCELED);
	cio_stream_close(p.b);
	return 0;
}

static void second_of_a_kind_is_busy(void **state)
{
	(void)state;
	assert_int_equal(run_closing(two_of_a_kind, NULL), 0);
}

/* ---- the buffer ---- */

static int fill_to_limit(void *arg)
{
	(void)arg;
	struct pair p;
	static char block[100000];
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = pattern(i);
	cio_task *t = cio_spawn(send_much, &(struct half){p.a});
	cio_stream_set_limit(p.b, 50000);
	ssize_t n;
	size_t sum = 0;
	while ((n = cio_stream_fill(p.b)) > 0)
		sum += (size_t)n;
	CHECK_INT(n, -CIO_ETOOLARGE);
	CHECK_INT(sum, 50000);
	CHECK_INT(cio_stream_peek(p.b).n, 50000);
	CHECK(memcmp(cio_stream_peek(p.b).p, block, 50000) == 0);
	/* Room at the front becomes room at the back, in one piece. */
	cio_stream_consume(p.b, 49000);
	for (sum = 1000; sum < 50000; sum += (size_t)n) {
		n = cio_stream_fill(p.b);
		if (!CHECK(n > 0))
			break;
	}
	CHECK_INT(sum, 50000);
	CHECK(memcmp(cio_stream_peek(p.b).p, block + 49000, 50000) == 0);
	cio_stream_consume(p.b, 50000);
	CHECK_INT(cio_stream_peek(p.b).n, 0);
	/* A small limit holds from the first byte on. */
	cio_stream_set_limit(p.b, 100);
	for (sum = 0; sum < 100; sum += (size_t)n) {
		n = cio_stream_fill(p.b);
		if (!CHECK(n > 0))
			break;
	}
	CHECK_INT(sum, 100);
	CHECK_INT(cio_stream_fill(p.b), -CIO_ETOOLARGE);
	cio_task_cancel(t, "enough");
	(void)cio_await(t); /* the kernel may have taken all of it */
	pair_close(&p);
	return 0;
}

static void buffer_keeps_its_limit(void **state)
{
	(void)state;
	assert_int_equal(run_closing(fill_to_limit, NULL), 0);
}

static int no_buffer_while_waiting(void *arg)
{
	(void)arg;
	struct pair p;
	long long result = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	cio_task *t = cio_spawn(use, &(struct user){p.a, &result, 3});
	CHECK_INT(cio_yield(), 0);
	CHECK(p.a->input == NULL);
	CHECK_INT(cio_stream_write(p.b, "z", 1, NULL), 0);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(result, 1);
	CHECK(p.a->input != NULL);
	cio_stream_consume(p.a, 1);
	CHECK(p.a->input == NULL);
	pair_close(&p);
	return 0;
}

static void waiting_costs_no_buffer(void **state)
{
	(void)state;
	assert_int_equal(run_closing(no_buffer_while_waiting, NULL), 0);
}

/* ---- pieces ---- */

enum { PIECES = 2500 };

static int send_pieces(const struct half *h)
{
	struct iovec iov[PIECES];
	static char bytes[PIECES];
	size_t done = 0;
	for (size_t i = 0; i < PIECES; i++) {
		bytes[i] = pattern(i);
		iov[i] = (struct iovec){&bytes[i], i % 3 == 0 ? 0 : 1};
	}
	int err = cio_stream_writev(h->s, iov, PIECES, &done);
	CHECK_INT(done, PIECES - (PIECES + 2) / 3);
	return err < 0 ? err : cio_stream_shutdown(h->s);
}

static int pieces(void *arg)
{
	bool *slow = arg;
	struct pair p;
	char c;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	if (*slow)
		one_byte_transfers();
	struct iovec none[2] = {{0}, {0}};
	CHECK_INT(cio_stream_writev(p.a, none, 2, NULL), 0);
	CHECK_INT(cio_stream_writev(p.a, NULL, 0, NULL), 0);
	CHECK_INT(cio_stream_write(p.a, NULL, 0, NULL), 0);
	CHECK_INT(cio_stream_read(p.a, &c, 0), 0);
	cio_task *t = cio_spawn(send_pieces, &(struct half){p.a});
	for (size_t i = 0; i < PIECES; i++) {
		if (i % 3 == 0)
			continue;
		if (!CHECK_INT(cio_stream_read(p.b, &c, 1), 1) ||
			!CHECK_INT(c, pattern(i)))
			break;
	}
	CHECK_INT(cio_stream_read(p.b, &c, 1), 0);
	CHECK_INT(cio_await(t), 0);
	pair_close(&p);
	return 0;
}

static void pieces_arrive_in_order(void **state)
{
	(void)state;
	assert_int_equal(run_closing(pieces, &(bool){false}), 0);
	assert_int_equal(run_closing(pieces, &(bool){true}), 0);
}

/* ---- state ---- */

/* Until what the other end did has arrived here; under sim it has. */
static void arrived(cio_stream *s)
{
	while (cio_stream_reusable(s) && cio_sleep(CIO_MS(1)) == 0)
		;
}

static int reuse(void *arg)
{
	(void)arg;
	struct pair p;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK(cio_stream_reusable(p.a));
	CHECK(cio_stream_reusable(p.a)); /* looking takes nothing away */
	CHECK_INT(cio_stream_write(p.b, "??", 2, NULL), 0);
	arrived(p.a);
	CHECK(!cio_stream_reusable(p.a)); /* nobody asked for this */
	CHECK_INT(cio_stream_fill(p.a), 2);
	CHECK(!cio_stream_reusable(p.a));
	cio_stream_consume(p.a, 2);
	CHECK(cio_stream_reusable(p.a));
	cio_stream_close(p.b);
	arrived(p.a);
	CHECK(!cio_stream_reusable(p.a)); /* closed by the peer */
	cio_stream_close(p.a);
	return 0;
}

static void reuse_is_checked(void **state)
{
	(void)state;
	assert_int_equal(run_closing(reuse, NULL), 0);
}

static int ends_have_names(void *arg)
{
	(void)arg;
	struct pair p;
	cio_address a, b;
	char ta[CIO_ADDRESS_TEXT], tb[CIO_ADDRESS_TEXT];
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(cio_stream_local(p.a, &a), 0);
	CHECK_INT(cio_stream_peer(p.b, &b), 0);
	CHECK(strcmp(cio_address_text(&a, ta), cio_address_text(&b, tb)) == 0);
#ifdef PAIR_IN_MEMORY
	CHECK_INT(a.len, 0);
#else
	CHECK(strncmp(ta, "127.0.0.1:", 10) == 0 && cio_address_port(&a) > 0);
#endif
	CHECK_INT(cio_stream_peer(p.a, &a), 0);
	CHECK_INT(cio_stream_local(p.b, &b), 0);
	CHECK(strcmp(cio_address_text(&a, ta), cio_address_text(&b, tb)) == 0);
	pair_close(&p);
	return 0;
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(run_closing(ends_have_names, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_echoes),
		cmocka_unit_test(echo_disturbed),
		cmocka_unit_test(much_flows_both_ways),
		cmocka_unit_test(half_closed_still_answers),
		cmocka_unit_test(early_end_keeps_the_bytes),
		cmocka_unit_test(abort_resets),
		cmocka_unit_test(cut_read_keeps_the_bytes),
		cmocka_unit_test(cut_large_read_says_how_far),
		cmocka_unit_test(cut_write_tears),
		cmocka_unit_test(close_ends_calls),
		cmocka_unit_test(second_of_a_kind_is_busy),
		cmocka_unit_test(buffer_keeps_its_limit),
		cmocka_unit_test(waiting_costs_no_buffer),
		cmocka_unit_test(pieces_arrive_in_order),
		cmocka_unit_test(reuse_is_checked),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

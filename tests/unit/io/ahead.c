/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * ahead.c - streams whose reader keeps up, so that the driver may receive ahead
 *
 * What holds for every stream holds then too: nothing is lost, doubled or out of
 * order, whatever is called next; ends and resets are told; nobody starves.
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "unit/io/in_step.h"

enum { BIG = 100000 };

static int with_pair(int (*fn)(struct pair *p, size_t *at))
{
	struct pair p;
	size_t at = 0;
	int err = pair_open(&p);
	if (err == 0)
		err = keep_up(&p, &at);
	if (err == 0)
		err = fn(&p, &at);
	pair_close(&p);
	return err;
}

/* What was sent is there, maybe before anybody asked. */
static int let_it_come(void)
{
	return cio_sleep(CIO_MS(20));
}

#define TEST(name) \
	static int name##_main(void *arg) \
	{ \
		(void)arg; \
		return with_pair(name##_body); \
	} \
	static void name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(name##_main, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

/* Part of the pattern, from a task that may have to wait. */
struct flood {
	cio_stream *s;
	size_t at, n;
};

static int flood(const struct flood *f)
{
	int err = 0;
	for (size_t done = 0, n; done < f->n && err == 0; done += n) {
		n = f->n - done < BIG ? f->n - done : BIG;
		err = send_bytes(f->s, f->at + done, n);
	}
	return err;
}

/* ---- every way to read goes on where the last one was ---- */

static int read_in_pieces(struct pair *p, size_t *at)
{
	char got[200];
	size_t start = *at;
	int err = send_bytes(p->a, *at, 200);
	if (err == 0)
		err = let_it_come();
	if (err < 0)
		return err;
	ssize_t n = cio_stream_read(p->b, got, 10);
	if (n < 0)
		return (int)n;
	CHECK_INT(n, 10);
	err = cio_stream_read_exactly(p->b, got + 10, 190, NULL);
	if (err == 0)
		check_bytes(got, start, 200);
	*at += 200;
	return err;
}

static int read_past_the_buffer(struct pair *p, size_t *at)
{
	char *got = malloc(BIG);
	int err = send_bytes(p->a, *at, 9000);
	if (err == 0)
		err = let_it_come();
	if (err == 0)
		err = cio_stream_read_exactly(p->b, got, 5000, NULL);
	CIO_GROUP(g, &err) {
		struct flood f = {p->a, *at + 9000, BIG - 9000};
		if (err == 0)
			err = cio_group_spawn(&g, flood, &f);
		if (err == 0)
			err = cio_stream_read_exactly(p->b, got + 5000,
				BIG - 5000, NULL);
	}
	if (err == 0)
		check_bytes(got, *at, BIG);
	*at += BIG;
	free(got);
	return err;
}

static int read_without_waiting(struct pair *p, size_t *at)
{
	int err = send_bytes(p->a, *at, 100);
	if (err == 0)
		err = let_it_come();
	if (err < 0)
		return err;
	ssize_t n = cio_stream_try_fill(p->b);
	if (n < 0)
		return (int)n;
	CHECK_INT(n, 100);
	check_bytes(cio_stream_peek(p->b).p, *at, 100);
	cio_stream_consume(p->b, 100);
	*at += 100;
	n = cio_stream_try_fill(p->b);
	CHECK(n == -EAGAIN || n == -ENOMEM);
	return 0;
}

/* The first of it into the small buffer of a stream with a limit. */
static int read_within_a_limit(struct pair *p, size_t *at)
{
	int err = send_bytes(p->a, *at, 300);
	if (err == 0)
		err = let_it_come();
	cio_stream_set_limit(p->b, 100);
	ssize_t n = err == 0 ? cio_stream_fill(p->b) : err;
	cio_stream_set_limit(p->b, 65536);
	if (n < 0)
		return (int)n;
	CHECK_INT(n, 100);
	check_bytes(cio_stream_peek(p->b).p, *at, 100);
	cio_stream_consume(p->b, 100);
	char got[200];
	err = cio_stream_read_exactly(p->b, got, sizeof got, NULL);
	if (err == 0)
		check_bytes(got, *at + 100, sizeof got);
	*at += 300;
	return err;
}

static int all_ways_body(struct pair *p, size_t *at)
{
	int err = 0;
	for (int round = 0; round < 3 && err == 0; round++) {
		err = read_in_pieces(p, at);
		if (err == 0)
			err = keep_up(p, at);
		if (err == 0)
			err = read_past_the_buffer(p, at);
		if (err == 0)
			err = keep_up(p, at);
		if (err == 0)
			err = read_without_waiting(p, at);
		if (err == 0)
			err = keep_up(p, at);
		if (err == 0)
			err = read_within_a_limit(p, at);
	}
	return err;
}
TEST(all_ways)

/* Bytes that are there at once are read at once, in the turn they came in. */
static int same_turn_body(struct pair *p, size_t *at)
{
	int err = 0;
	for (int i = 0; i < 200 && err == 0; i++) {
		err = send_bytes(p->a, *at, 50);
		if (err == 0 && i % 3 == 1)
			err = cio_yield();
		ssize_t n = 0;
		while (err == 0 && cio_stream_peek(p->b).n < 50) {
			n = i % 2 == 0 ? cio_stream_try_fill(p->b) :
					 cio_stream_fill(p->b);
			if (n == -EAGAIN)
				n = cio_stream_fill(p->b);
			err = n < 0 ? (int)n : 0;
		}
		if (err < 0)
			break;
		check_bytes(cio_stream_peek(p->b).p, *at, 50);
		cio_stream_consume(p->b, 50);
		*at += 50;
	}
	return err;
}
TEST(same_turn)

/* ---- may it be used again? ---- */

static int reusable_body(struct pair *p, size_t *at)
{
	CHECK(cio_stream_reusable(p->b));
	int err = let_it_come();
	CHECK(cio_stream_reusable(p->b));
	if (err == 0)
		err = send_bytes(p->a, *at, 1);
	if (err == 0)
		err = let_it_come();
	CHECK(!cio_stream_reusable(p->b));
	CHECK(!cio_stream_reusable(p->b)); /* a look takes nothing */
	char got = 0;
	if (err == 0)
		err = cio_stream_read_exactly(p->b, &got, 1, NULL);
	CHECK(got == pattern(*at));
	*at += 1;
	CHECK(cio_stream_reusable(p->b));
	if (err == 0)
		err = keep_up(p, at);
	if (err == 0)
		err = cio_stream_shutdown(p->a);
	if (err == 0)
		err = let_it_come();
	CHECK(!cio_stream_reusable(p->b));
	CHECK(!cio_stream_reusable(p->b));
	return err;
}
TEST(reusable)

/* ---- the end ---- */

static int end_body(struct pair *p, size_t *at)
{
	char got[300];
	size_t done;
	int err = send_bytes(p->a, *at, 200);
	if (err == 0)
		err = cio_stream_shutdown(p->a);
	if (err == 0)
		err = let_it_come();
	if (err < 0)
		return err;
	CHECK_INT(cio_stream_read_exactly(p->b, got, 300, &done), -CIO_EEOF);
	CHECK_INT(done, 0);
	CHECK_INT(cio_stream_peek(p->b).n, 200);
	check_bytes(cio_stream_peek(p->b).p, *at, 200);
	cio_stream_consume(p->b, 200);
	CHECK_INT(cio_stream_fill(p->b), 0);
	CHECK_INT(cio_stream_fill(p->b), 0);
	return 0;
}
TEST(end)

static int reset_body(struct pair *p, size_t *at)
{
	(void)at;
	cio_stream_abort(p->a);
	p->a = NULL;
	int err = let_it_come();
	CHECK(!cio_stream_reusable(p->b));
	if (err == 0)
		CHECK(cio_stream_fill(p->b) <= 0); /* the look took the error */
	return err;
}
TEST(reset)

/* ---- somebody waits ---- */

static int wait_for_bytes(cio_stream *const *s)
{
	ssize_t n = cio_stream_fill(*s);
	return n < 0 ? (int)n : 0;
}

static int reset_meets_waiter_body(struct pair *p, size_t *at)
{
	(void)at;
	cio_task *t = cio_spawn(wait_for_bytes, &p->b);
	int err = let_it_come();
	cio_stream_abort(p->a);
	p->a = NULL;
	CHECK_INT(cio_await(t), -ECONNRESET);
	return err;
}
TEST(reset_meets_waiter)

static int close_meets_waiter_body(struct pair *p, size_t *at)
{
	(void)at;
	cio_task *t = cio_spawn(wait_for_bytes, &p->b);
	int err = let_it_come();
	cio_stream_close(p->b);
	p->b = NULL;
	CHECK_INT(cio_await(t), -ECANCELED);
	return err;
}
TEST(close_meets_waiter)

/* A cancelled wait takes nothing; what comes later is the next reader's. */
static int cancel_body(struct pair *p, size_t *at)
{
	int err = 0;
	for (int i = 0; i < 5 && err == 0; i++) {
		cio_task *t = cio_spawn(wait_for_bytes, &p->b);
		err = i % 2 == 0 ? let_it_come() : cio_yield();
		cio_task_cancel(t, "enough");
		CHECK_INT(cio_await(t), -ECANCELED);
		if (err == 0)
			err = keep_up(p, at);
	}
	return err;
}
TEST(cancel)

/* Bytes and the cancel come together: either way nothing is lost. */
static int cancel_amid_bytes_body(struct pair *p, size_t *at)
{
	int err = 0;
	for (int i = 0; i < 60 && err == 0; i++) {
		cio_task *t = cio_spawn(wait_for_bytes, &p->b);
		err = cio_yield();
		if (err == 0)
			err = send_bytes(p->a, *at, 64);
		for (int j = 0; j < i % 4 && err == 0; j++)
			err = cio_yield();
		cio_task_cancel(t, "now");
		(void)cio_await(t);
		while (err == 0 && cio_stream_peek(p->b).n < 64) {
			ssize_t n = cio_stream_fill(p->b);
			err = n < 0 ? (int)n : 0;
		}
		if (err < 0)
			break;
		check_bytes(cio_stream_peek(p->b).p, *at, 64);
		cio_stream_consume(p->b, 64);
		*at += 64;
	}
	return err;
}
TEST(cancel_amid_bytes)

/* ---- a busy reader ---- */

static int read_flood(const struct flood *f)
{
	size_t done = 0;
	while (done < f->n) {
		ssize_t n = cio_stream_fill(f->s);
		if (n <= 0)
			return n < 0 ? (int)n : -CIO_EEOF;
		cio_str got = cio_stream_peek(f->s);
		check_bytes(got.p, f->at + done, got.n);
		done += got.n;
		cio_stream_consume(f->s, got.n);
	}
	CHECK_INT(done, f->n);
	return 0;
}

/* One sends as fast as it can to a reader that does something else; the other
 * pair does not notice. Then the reader gets all of it. */
static int greedy_and_polite_body(struct pair *greedy, size_t *at)
{
	struct pair polite;
	size_t where = 0;
	int err = pair_open(&polite);
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		struct flood f = {greedy->a, *at, 80 * BIG};
		err = cio_group_spawn(&g, flood, &f);
		for (int i = 0; i < 20 && err == 0; i++)
			err = keep_up(&polite, &where);
		f.s = greedy->b;
		if (err == 0)
			err = read_flood(&f);
	}
	pair_close(&polite);
	return err;
}
TEST(greedy_and_polite)

enum { MANY = 300 };

/* Small bytes for many readers that are busy: more buffers than there are. */
static int many_busy(struct pair *p, size_t *at)
{
	int err = 0;
	for (int i = 0; i < MANY && err == 0; i++)
		err = keep_up(&p[i], &at[i]);
	for (int round = 0; round < 3 && err == 0; round++) {
		for (int i = 0; i < MANY && err == 0; i++)
			err = send_bytes(p[i].a, at[i] + (size_t)round * 64, 64);
		if (err == 0)
			err = let_it_come();
	}
	for (int i = 0; i < MANY && err == 0; i++) {
		char got[192];
		err = cio_stream_read_exactly(p[i].b, got, sizeof got, NULL);
		check_bytes(got, at[i], sizeof got);
		at[i] += sizeof got;
	}
	for (int i = 0; i < MANY && err == 0; i++)
		err = keep_up(&p[i], &at[i]);
	return err;
}

static int many_main(void *arg)
{
	(void)arg;
	struct pair *p = calloc(MANY, sizeof *p);
	size_t *at = calloc(MANY, sizeof *at);
	int err = 0;
	for (int i = 0; i < MANY && err == 0; i++)
		err = pair_open(&p[i]);
	if (err == 0)
		err = many_busy(p, at);
	for (int i = 0; i < MANY; i++)
		if (p[i].a != NULL)
			pair_close(&p[i]);
	free(p);
	free(at);
	return err;
}

static void many(void **state)
{
	(void)state;
	assert_int_equal(run_closing(many_main, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- left behind ---- */

/* Closed with bytes unread; the next one with that number gets its own. */
static int numbers_used_again(void *arg)
{
	(void)arg;
	int err = 0;
	for (int i = 0; i < 30 && err == 0; i++) {
		struct pair p;
		size_t at = (size_t)i * 1000;
		err = pair_open(&p);
		if (err < 0)
			break;
		err = keep_up(&p, &at);
		if (err == 0)
			err = send_bytes(p.a, 77, 300);
		if (err == 0 && i % 2 == 0)
			err = let_it_come();
		cio_stream_close(p.b);
		p.b = NULL;
		pair_close(&p);
	}
	return err;
}

static void number_used_again(void **state)
{
	(void)state;
	assert_int_equal(run_closing(numbers_used_again, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- cut at every point ---- */

static int all_main(void *arg)
{
	(void)arg;
	return with_pair(all_ways_body);
}

static void disturbed(void **state)
{
	(void)state;
	disturb(all_main, NULL, "ahead");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways),
		cmocka_unit_test(same_turn),
		cmocka_unit_test(reusable),
		cmocka_unit_test(end),
		cmocka_unit_test(reset),
		cmocka_unit_test(reset_meets_waiter),
		cmocka_unit_test(close_meets_waiter),
		cmocka_unit_test(cancel),
		cmocka_unit_test(cancel_amid_bytes),
		cmocka_unit_test(greedy_and_polite),
		cmocka_unit_test(many),
		cmocka_unit_test(number_used_again),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

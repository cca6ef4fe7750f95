/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * joined.c - streams joined in memory: what the tests of all streams do not see
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "base/list.h"
#include "unit/io/pair.h"

/* ---- room ---- */

struct writer {
	cio_stream *s;
	size_t n, *done;
};

static int write_numbers(const struct writer *w)
{
	char *bytes = malloc(w->n);
	for (size_t i = 0; i < w->n; i++)
		bytes[i] = (char)(i % 251);
	int err = cio_stream_write(w->s, bytes, w->n, w->done);
	free(bytes);
	return err == 0 ? cio_stream_shutdown(w->s) : err;
}

static void ring(size_t room, size_t step, size_t total)
{
	cio_stream *a, *b;
	int err = cio_stream_pair(&a, &b, room);
	size_t at = 0, sent = 0;
	static unsigned char got[5000];
	if (!CHECK_INT(err, 0))
		return;
	CIO_GROUP(g, &err) {
		ssize_t n = 1;
		err = cio_group_spawn(&g, write_numbers,
			&(struct writer){a, total, &sent});
		while (err == 0 && n > 0) {
			n = cio_stream_read(b, got, step);
			for (ssize_t i = 0; i < n; i++)
				CHECK_INT(got[i], at++ % 251);
			CHECK_INT(cio_yield(), 0); /* the writer fills it up */
		}
	}
	CHECK_INT(err, 0);
	CHECK_INT(at, total);
	CHECK_INT(sent, total);
	cio_stream_close(a);
	cio_stream_close(b);
}

/* Every size of a ring, every step of its reader: the bytes come in order. */
static int rings(void *arg)
{
	(void)arg;
	for (size_t room = 1; room < 12; room++)
		for (size_t step = 1; step < 5000; step = step * 3 + room)
			ring(room, step, 300);
	ring(6001, 4096, 60000); /* read in parts, past the stream's buffer */
	return 0;
}

static int room_is_kept(void *arg)
{
	(void)arg;
	cio_stream *a, *b;
	char out[20] = "0123456789abcdefghi", got[20] = "";
	size_t done = 0;
	int err = cio_stream_pair(&a, &b, 10);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_TIMEOUT(CIO_MS(2), &err) {
		err = cio_stream_write(a, out, 15, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 10);
	CHECK(cio_stream_torn(a));
	CHECK_INT(cio_stream_read(b, got, 4), 4);
	CHECK_INT(cio_stream_peek(b).n, 6); /* it was all taken in */
	struct iovec iov[] = {{out, 3}, {out + 3, 0}, {out + 3, 4}, {out + 7, 3}};
	CHECK_INT(cio_stream_writev(a, iov, 4, &done), -EPIPE); /* a hole */
	CHECK(strstr(cio_error_text(), "behind a hole") != NULL);
	CHECK_INT(done, 0);
	CHECK_INT(cio_stream_read_exactly(b, got, 6, NULL), 0);
	CHECK(memcmp(got, "456789", 6) == 0);
	CHECK_INT(cio_stream_writev(b, iov, 4, &done), 0); /* the other way */
	CHECK_INT(done, 10);
	CHECK_INT(cio_stream_read_exactly(a, got, 10, NULL), 0);
	CHECK(memcmp(got, "0123456789", 10) == 0);
	cio_stream_close(a);
	cio_stream_close(b);
	return 0;
}

/* ---- ends ---- */

static int ends(void *arg)
{
	(void)arg;
	struct pair p;
	char byte;
	if (!CHECK_INT(cio_stream_pair(&p.a, &p.b, 0), 0))
		return -1;
	/* half closed: the other half goes on */
	CHECK_INT(cio_stream_write(p.a, "last", 4, NULL), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	CHECK_INT(cio_stream_write(p.a, "x", 1, NULL), -EPIPE);
	CHECK(!cio_stream_reusable(p.a));
	CHECK_INT(cio_stream_write(p.b, "back", 4, NULL), 0);
	CHECK_INT(cio_stream_read(p.a, &byte, 1), 1);
	CHECK_INT(cio_stream_read_exactly(p.b, (char[4]){0}, 4, NULL), 0);
	CHECK_INT(cio_stream_read(p.b, &byte, 1), 0);
	pair_close(&p);

	/* aborted: what came before is read, then it is an error */
	CHECK_INT(cio_stream_pair(&p.a, &p.b, 0), 0);
	CHECK_INT(cio_stream_write(p.a, "z", 1, NULL), 0);
	cio_stream_abort(p.a);
	CHECK_INT(cio_stream_read(p.b, &byte, 1), 1);
	CHECK_INT(cio_stream_read(p.b, &byte, 1), -ECONNRESET);
	CHECK_INT(cio_stream_write(p.b, "x", 1, NULL), -ECONNRESET);
	CHECK_INT(cio_stream_shutdown(p.b), -ENOTCONN);
	cio_stream_close(p.b);

	CHECK_INT(cio_stream_pair(&p.a, &p.b, 0), 0);
	cio_stream_drop(p.a);
	CHECK_INT(cio_stream_read(p.b, &byte, 1), 0);
	CHECK_INT(cio_stream_write(p.b, "x", 1, NULL), -EPIPE);
	cio_stream_drop(p.b);
	return 0;
}

struct talker {
	cio_stream *s;
	int *err;
	bool writes;
};

static int talk(const struct talker *t)
{
	char bytes[64];
	ssize_t n = t->writes ? cio_stream_write(t->s, "much", 4, NULL) :
				cio_stream_read(t->s, bytes, sizeof bytes);
	*t->err = (int)n;
	return 0;
}

/* A reader and a writer wait at `b` when something ends; the call that does it. */
static void cut(void (*how)(struct pair *p), int reader, int writer)
{
	struct pair p;
	int r = 1, w = 1;
	if (!CHECK_INT(cio_stream_pair(&p.a, &p.b, 1), 0))
		return;
	CHECK_INT(cio_stream_write(p.b, "f", 1, NULL), 0); /* full */
	cio_task *reads = cio_spawn(talk, &(struct talker){p.b, &r, false});
	cio_task *writes = cio_spawn(talk, &(struct talker){p.b, &w, true});
	CHECK_INT(cio_yield(), 0);
	how(&p);
	CHECK_INT(cio_await(reads), 0);
	CHECK_INT(cio_await(writes), 0);
	CHECK_INT(r, reader);
	CHECK_INT(w, writer);
	pair_close(&p);
}

static void close_a(struct pair *p) { cio_stream_close(p->a), p->a = NULL; }
static void abort_a(struct pair *p) { cio_stream_abort(p->a), p->a = NULL; }
static void close_b(struct pair *p) { cio_stream_close(p->b), p->b = NULL; }
static void drop_b(struct pair *p) { cio_stream_drop(p->b), p->b = NULL; }

static int cuts(void *arg)
{
	(void)arg;
	cut(close_a, 0, -EPIPE);
	cut(abort_a, -ECONNRESET, -ECONNRESET);
	cut(close_b, -ECANCELED, -ECANCELED);
	cut(drop_b, -ECANCELED, -ECANCELED);
	return 0;
}

/* ---- idle ---- */

struct wait {
	cio_stream_idle idle;
	int calls, err;
	size_t bytes;
	bool in_task;
};

static void ready(cio_stream_idle *idle, int err)
{
	struct wait *w = container_of(idle, struct wait, idle);
	w->calls++;
	w->err = err;
	w->bytes = cio_stream_peek(idle->stream).n;
	w->in_task = cio_current_task() != NULL;
}

/* What ends it, and whether it has ended when that returns. */
static void idle_until(void (*how)(struct pair *p), int err, size_t bytes,
	bool at_once)
{
	struct pair p;
	struct wait w = {.idle = {.ready = ready}};
	int ignored = 0;
	if (!CHECK_INT(cio_stream_pair(&p.a, &p.b, 0), 0))
		return;
	CIO_GROUP(g, &ignored) {
		CHECK_INT(cio_stream_wait_idle(p.b, &w.idle, &g, 0), 0);
		how(&p);
		CHECK(!at_once || w.calls == 1);
	}
	CHECK_INT(w.calls, 1);
	CHECK_INT(w.err, err);
	CHECK_INT(w.bytes, bytes);
	CHECK(!w.in_task);
	pair_close(&p);
}

static void say(struct pair *p)
{
	CHECK_INT(cio_stream_write(p->a, "hello", 5, NULL), 0);
}

static void say_and_leave(struct pair *p)
{
	say(p);
	close_a(p);
}

static void say_and_close(struct pair *p)
{
	say(p);
	close_b(p);
}

static int idles(void *arg)
{
	(void)arg;
	idle_until(say, 0, 5, false);
	idle_until(say_and_leave, 0, 5, false);
	idle_until(close_a, 0, 0, false);
	idle_until(abort_a, -ECONNRESET, 0, false);
	idle_until(close_b, -ECANCELED, 0, true);
	idle_until(drop_b, -ECANCELED, 0, false);
	idle_until(say_and_close, -ECANCELED, 0, true);
	return 0;
}

/* ---- an operation that no driver knows ---- */

static int ended, last;

static void done(cio_op *op)
{
	ended++;
	last = op->res;
}

static int external(void *arg)
{
	(void)arg;
	cio_op op = {.kind = CIO_OP_EXTERNAL, .done = done};
	int err = 0;
	ended = 0;
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	cio_op_finish(&op, 7);
	cio_op_finish(&op, 8); /* the first has decided */
	cio_op_cancel(&op);
	CHECK_INT(ended, 0); /* never from within */
	while (ended == 0)
		CHECK_INT(cio_sleep(1), 0);
	CHECK_INT(last, 7);

	op.deadline = cio_now() + CIO_MS(1);
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	while (ended == 1)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(last, -ETIMEDOUT);
	op.deadline = 0;

	CIO_GROUP(g, &err) {
		op.group = &g;
		CHECK_INT(cio_submit(&op), CIO_PENDING);
		cio_group_cancel(&g, "enough");
		CHECK_INT(cio_submit(&(cio_op){.kind = CIO_OP_EXTERNAL,
			.done = done, .group = &g}), -ECANCELED);
	}
	CHECK_INT(ended, 3); /* the group has waited for it */
	CHECK_INT(last, -ECANCELED);

	op = (cio_op){.kind = CIO_OP_EXTERNAL, .flags = CIO_OP_LOOP,
		.done = done};
	static cio_op left;
	left = op;
	CHECK_INT(cio_submit(&left), CIO_PENDING); /* the end of the run ends it */
	return 0;
}

static int hopeless(void *arg)
{
	(void)arg;
	static cio_op op;
	cio_stream *a, *b;
	char byte;
	op = (cio_op){.kind = CIO_OP_EXTERNAL, .flags = CIO_OP_LOOP,
		.done = done};
	CHECK_INT(cio_submit(&op), CIO_PENDING);
	int err = cio_stream_pair(&a, &b, 0);
	if (!CHECK_INT(err, 0))
		return err;
	CHECK_INT(cio_stream_read(a, &byte, 1), -ECANCELED);
	cio_stream_close(a);
	cio_stream_close(b);
	return 0;
}

#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		assert_int_equal(run_closing(fn, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}

RUNS(bytes_come_in_order, rings)
RUNS(room_is_a_limit, room_is_kept)
RUNS(ends_are_told, ends)
RUNS(who_waits_is_told, cuts)
RUNS(idle_ends, idles)

static void external_operations(void **state)
{
	(void)state;
	assert_int_equal(check_run(external, NULL), 0);
	assert_string_equal(check_reports(), "");
	assert_int_equal(ended, 4);
	assert_int_equal(last, -ECANCELED);
}

/* Nobody but this process can write: that is seen. */
static void deadlock_is_seen(void **state)
{
	(void)state;
	assert_int_equal(check_run(hopeless, NULL), 0);
	assert_non_null(strstr(check_reports(), "deadlock: task main"));
}

static int open_both(void *arg)
{
	(void)arg;
	struct pair p;
	int err = cio_stream_pair(&p.a, &p.b, 0);
	if (err == 0)
		pair_close(&p);
	return err;
}

static void memory_runs_out(void **state)
{
	(void)state;
	check_fail_allocations(open_both, NULL, "cio_stream_pair");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_in_order),
		cmocka_unit_test(room_is_a_limit),
		cmocka_unit_test(ends_are_told),
		cmocka_unit_test(who_waits_is_told),
		cmocka_unit_test(idle_ends),
		cmocka_unit_test(external_operations),
		cmocka_unit_test(deadlock_is_seen),
		cmocka_unit_test(memory_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * streams.c - rules R, B, SD-02 and X-02: operations with the kernel, streams
 */
#include "rules/rules.h"

#include <poll.h>
#include <sys/resource.h>

#include "unit/io/pair.h"

struct reader {
	cio_op op;
	char byte;
	int result, theirs;
	bool ended;
};

static int reads(struct reader *const *p)
{
	struct reader *r = *p;
	r->op = (cio_op){.kind = CIO_OP_RECV, .fd = r->op.fd, .buf = &r->byte,
		.len = 1};
	r->result = cio_perform(&r->op);
	r->ended = true;
	return 0;
}

/* ---- R-01 ---- */

static int leaves_a_read_behind(void *arg)
{
	struct reader *r = arg;
	if (!open_pair(&r->op.fd, &r->theirs))
		return -EIO;
	cio_detach(cio_spawn(reads, &r), "left behind");
	CHECK_INT(cio_yield(), 0);
	CHECK(!r->ended);
	return 0;
}

static void r_01_a_run_does_not_end_before_its_operations(void **state)
{
	struct reader r = {.ended = false};
	(void)state;
	assert_int_equal(cio_run_with(&(cio_run_options){.quiet = true},
				 leaves_a_read_behind, &r),
		0);
	assert_true(r.ended);
	assert_int_equal(r.result, -ECANCELED);
	close(r.theirs);
}

/* ---- R-02, R-03 ---- */

RULE(r_02_a_close_ends_what_waits_in_the_kernel)
{
	struct reader r = {.ended = false}, *p = &r;
	int theirs;
	if (!open_pair(&r.op.fd, &theirs))
		return -EIO;
	cio_task *t = cio_spawn(reads, &p);
	CHECK_INT(cio_yield(), 0);
	close_handle(r.op.fd);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(r.result, -ECANCELED);
	close(theirs);
	return 0;
}

RULE(r_03_a_number_used_again_gets_nothing_of_the_old_one)
{
	struct reader old = {.byte = '-'}, young = {.byte = '-'}, *p = &old;
	int a, b;
	if (!open_pair(&old.op.fd, &a))
		return -EIO;
	cio_task *t = cio_spawn(reads, &p);
	CHECK_INT(cio_yield(), 0);
	cio_fd stale = old.op.fd;
	close_handle(stale);
	if (!open_pair(&young.op.fd, &b))
		return -EIO;
	CHECK_INT(young.op.fd.slot, stale.slot);
	CHECK_INT(write(b, "y", 1), 1);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(old.result, -ECANCELED);
	CHECK_INT(old.byte, '-');

	cio_op op = {.kind = CIO_OP_RECV, .fd = stale, .buf = &old.byte, .len = 1};
	CHECK_INT(cio_perform(&op), -EBADF); /* it would take the other's byte */
	p = &young;
	CHECK_INT(cio_await(cio_spawn(reads, &p)), 0);
	CHECK_INT(young.byte, 'y');
	close_handle(young.op.fd);
	close(a);
	close(b);
	return 0;
}

/* ---- R-04 ---- */

enum { MANY = 400 }; /* more than the submission queue has entries */

struct receipt {
	cio_op op;
	char byte;
	int theirs, told;
};

static void counts(cio_op *op)
{
	container_of(op, struct receipt, op)->told++;
}

RULE(r_04_more_operations_than_the_queue_holds_each_end_once)
{
	static struct receipt r[MANY];
	cio_group g;
	cio_group_open(&g, NULL);
	for (int i = 0; i < MANY; i++) { /* all in one turn */
		r[i] = (struct receipt){.told = 0};
		if (!open_pair(&r[i].op.fd, &r[i].theirs))
			return -EIO;
		r[i].op.kind = CIO_OP_RECV;
		r[i].op.buf = &r[i].byte;
		r[i].op.len = 1;
		r[i].op.done = counts;
		r[i].op.group = &g;
		CHECK_INT(cio_submit(&r[i].op), CIO_PENDING);
	}
	cio_group_cancel(&g, "all in one turn");
	CHECK_INT(cio_group_close(&g, 0), 0);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(r[i].told, 1);
		CHECK_INT(r[i].op.res, -ECANCELED);
		close_handle(r[i].op.fd);
		close(r[i].theirs);
	}
	return 0;
}

static int reads_or_fails(void *arg)
{
	struct pair p;
	char byte;
	int err = pair_open(&p);
	(void)arg;
	if (err < 0)
		return err;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = (int)cio_stream_read(p.a, &byte, 1);
	}
	pair_close(&p);
	return err;
}

static void r_04_an_operation_that_is_not_taken_leaves_nothing(void **state)
{
	(void)state;
	disturb(reads_or_fails, NULL, "a read");
}

/* ---- R-05 ---- */

enum { FLOOD = 5000 }; /* more than the completion queue has entries */

struct poller {
	cio_op op;
	int *told;
};

static void is_told(cio_op *op)
{
	struct poller *p = container_of(op, struct poller, op);
	CHECK_INT(op->res & POLLIN, POLLIN);
	*p->told += 1;
}

static bool arm_pollers(struct poller *p, cio_group *g, int fd)
{
	for (int i = 0; i < FLOOD; i++) {
		int again = dup(fd);
		if (!CHECK(again >= 0) ||
			!CHECK_INT(cio_fd_adopt(again, &p[i].op.fd), 0))
			return false;
		p[i].op.kind = CIO_OP_POLL;
		p[i].op.off = POLLIN;
		p[i].op.done = is_told;
		p[i].op.group = g;
		if (!CHECK_INT(cio_submit(&p[i].op), CIO_PENDING))
			return false;
	}
	return true;
}

static int floods(void *arg)
{
	static struct poller p[FLOOD];
	int told = 0, fds[2];
	cio_group g;
	(void)arg;
	CHECK_INT(pipe(fds), 0);
	cio_group_open(&g, NULL);
	for (int i = 0; i < FLOOD; i++)
		p[i] = (struct poller){.told = &told};
	if (!arm_pollers(p, &g, fds[0]))
		return -EIO;
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(write(fds[1], "x", 1), 1); /* all of them at once */
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK_INT(told, FLOOD);
	for (int i = 0; i < FLOOD; i++)
		close_handle(p[i].op.fd);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void r_05_more_completions_than_the_queue_holds_are_all_told(void **state)
{
	struct rlimit before, more;
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	more = before;
	more.rlim_cur = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &more), 0);
	if (more.rlim_cur < FLOOD + 100)
		check_skip("%d descriptors are not allowed here", FLOOD);
	assert_int_equal(check_run(floods, NULL), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* ---- B ---- */

enum { LOTS = 8 << 20 }; /* more than any socket's buffers hold */

struct writer {
	cio_stream *s;
	const char *bytes;
	size_t *done;
};

static int writes(const struct writer *w)
{
	return cio_stream_write(w->s, w->bytes, LOTS, w->done);
}

static void drain(cio_stream *s)
{
	static char room[1 << 16];
	size_t n = 0;
	while (n < LOTS) {
		ssize_t got = cio_stream_read(s, room, sizeof room);
		if (!CHECK(got > 0))
			return;
		n += (size_t)got;
	}
	CHECK_INT(n, LOTS);
}

static int two_writers(void *arg)
{
	static char bytes[LOTS];
	struct pair p;
	size_t done = 0, second = 99;
	(void)arg;
	if (pair_open(&p) < 0)
		return -EIO;
	cio_task *t = cio_spawn(writes, &(struct writer){p.a, bytes, &done});
	for (int i = 0; i < 500; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(t)); /* B-02: it waits for the peer */
	CHECK_INT(cio_stream_write(p.a, "?", 1, &second), -EBUSY);
	drain(p.b);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(done, LOTS);
	CHECK_INT(cio_stream_write(p.a, "!", 1, &second), 0);
	char byte = 0;
	CHECK_INT(cio_stream_read(p.b, &byte, 1), 1);
	CHECK_INT(byte, '!'); /* nothing of the refused one */
	pair_close(&p);
	return 0;
}

static void b_01_a_second_writer_is_told_so_and_harms_nothing(void **state)
{
	(void)state;
	assert_int_equal(run_closing(two_writers, NULL), 0);
}

RULE(b_02_a_write_waits_while_the_peer_does_not_read)
{
	static char bytes[LOTS];
	struct pair p;
	size_t done = 0;
	if (pair_open(&p) < 0)
		return -EIO;
	cio_task *t = cio_spawn(writes, &(struct writer){p.a, bytes, &done});
	for (int i = 0; i < 500; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(t));
	drain(p.b);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(done, LOTS);
	pair_close(&p);
	return 0;
}

/* ---- SD-02 ---- */

RULE(sd_02_a_close_does_not_wait_for_a_peer_that_reads_nothing)
{
	static char bytes[LOTS];
	struct pair p;
	size_t done = 0;
	if (pair_open(&p) < 0)
		return -EIO;
	cio_task *t = cio_spawn(writes, &(struct writer){p.a, bytes, &done});
	for (int i = 0; i < 500; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK(!cio_task_done(t));
	cio_stream_close(p.a);
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK(done > 0 && done < LOTS);
	cio_stream_close(p.b);
	return 0;
}

/* ---- bytes ---- */

RULE(x_02_a_read_of_so_many_that_is_cut_loses_no_byte)
{
	struct pair p;
	char buf[16];
	size_t done = 99;
	int err = 0;
	if (pair_open(&p) < 0)
		return -EIO;
	CHECK_INT(cio_stream_write(p.b, "0123456789", 10, NULL), 0);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_stream_read_exactly(p.a, buf, sizeof buf, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 0); /* they went back */
	CHECK_INT(cio_stream_write(p.b, "abcdef", 6, NULL), 0);
	CHECK_INT(cio_stream_read_exactly(p.a, buf, sizeof buf, &done), 0);
	CHECK_INT(done, 16);
	CHECK(memcmp(buf, "0123456789abcdef", 16) == 0);

	cio_stream_set_limit(p.a, 8);
	CHECK_INT(cio_stream_write(p.b, "0123456789", 10, NULL), 0);
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_stream_read_exactly(p.a, buf, sizeof buf, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(done, 10); /* more than a buffer: it says how far it came */
	CHECK(memcmp(buf, "0123456789", 10) == 0);
	pair_close(&p);
	return 0;
}

RULE(x_02_a_write_that_is_cut_says_how_far_and_tears_the_stream)
{
	static char bytes[LOTS];
	struct pair p;
	size_t done = 0;
	if (pair_open(&p) < 0)
		return -EIO;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = cio_stream_write(p.a, bytes, LOTS, &done);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK(done > 0 && done < LOTS);
	CHECK(cio_stream_torn(p.a));
	pair_close(&p);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r_01_a_run_does_not_end_before_its_operations),
		cmocka_unit_test(r_02_a_close_ends_what_waits_in_the_kernel),
		cmocka_unit_test(r_03_a_number_used_again_gets_nothing_of_the_old_one),
		cmocka_unit_test(r_04_more_operations_than_the_queue_holds_each_end_once),
		cmocka_unit_test(r_04_an_operation_that_is_not_taken_leaves_nothing),
		cmocka_unit_test(r_05_more_completions_than_the_queue_holds_are_all_told),
		cmocka_unit_test(b_01_a_second_writer_is_told_so_and_harms_nothing),
		cmocka_unit_test(b_02_a_write_waits_while_the_peer_does_not_read),
		cmocka_unit_test(sd_02_a_close_does_not_wait_for_a_peer_that_reads_nothing),
		cmocka_unit_test(x_02_a_read_of_so_many_that_is_cut_loses_no_byte),
		cmocka_unit_test(x_02_a_write_that_is_cut_says_how_far_and_tears_the_stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

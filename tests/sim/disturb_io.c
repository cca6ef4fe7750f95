/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_io.c - streams, disturbed everywhere
 *
 * A writer counts what went out, a reader what came in, and each byte says where
 * it belongs. Whatever is cut, the reader then reads on: what it has in the end
 * is what went out, in order, once.
 */
#include "disturb.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cio.h>

#include "base/list.h"
#include "unit/io/pair.h"

enum { LINE = 16, SHORT_FLOW = 700, LONG_FLOW = 3000000 };

struct flow {
	struct pair p;
	size_t size;    /* what there is to write */
	size_t out, in; /* went out, came in */
	bool lost;      /* the connection was */
	bool cut;       /* the writer was */
	bool ended;     /* the writer has */
};

static char byte_at(size_t i)
{
	return i % LINE == LINE - 1 ? '\n'
		: (char)('a' + (i / LINE + i) % 26);
}

static void check_bytes(size_t at, const char *p, size_t n)
{
	size_t wrong = 0;
	for (size_t i = 0; i < n; i++)
		wrong += p[i] != byte_at(at + i);
	CHECK_INT(wrong, 0);
}

/* ---- ways to write ---- */

static int write_piece(struct flow *f, const char *p, size_t n, bool in_two)
{
	size_t done = 0;
	struct iovec v[2] = {{(char *)(uintptr_t)p, n / 2},
		{(char *)(uintptr_t)p + n / 2, n - n / 2}};
	int err = in_two ? cio_stream_writev(f->p.a, v, 2, &done)
			 : cio_stream_write(f->p.a, p, n, &done);
	CHECK(done <= n && (err < 0 || done == n));
	CHECK_INT(cio_stream_torn(f->p.a), err < 0 && done > 0);
	f->out += done;
	return err;
}

static int writes(struct flow *const *flow)
{
	struct flow *f = *flow;
	static char piece[20000];
	size_t most = f->size > SHORT_FLOW ? sizeof piece : 100;
	int err = 0;
	for (int i = 0; f->out < f->size && err == 0; i++) {
		size_t n = f->size - f->out < most ? f->size - f->out : most;
		for (size_t k = 0; k < n; k++)
			piece[k] = byte_at(f->out + k);
		err = write_piece(f, piece, n, i % 2 == 1);
	}
	f->cut = err < 0;
	f->ended = true;
	(void)cio_stream_shutdown(f->p.a);
	return err;
}

/* ---- ways to read: how many bytes, 0 at the end, or an error ---- */

static ssize_t by_read(struct flow *f)
{
	char buf[4096];
	ssize_t n = cio_stream_read(f->p.b, buf, sizeof buf);
	if (n > 0)
		check_bytes(f->in, buf, (size_t)n);
	return n;
}

static ssize_t by_read_exactly(struct flow *f)
{
	char buf[70];
	size_t done = 77;
	int err = cio_stream_read_exactly(f->p.b, buf, sizeof buf, &done);
	if (err < 0) {
		CHECK(done <= sizeof buf);
		check_bytes(f->in, buf, done);
		f->in += done;
		return err == -CIO_EEOF ? 0 : err;
	}
	check_bytes(f->in, buf, sizeof buf);
	return sizeof buf;
}

static ssize_t by_line(struct flow *f)
{
	cio_str line;
	int err = cio_stream_readline(f->p.b, &line);
	if (err <= 0)
		return err;
	check_bytes(f->in, line.p, line.n);
	bool at_end = f->ended && f->in + line.n == f->out; /* without its "\n" */
	return line.n == LINE - 1 && !at_end ? LINE : (ssize_t)line.n;
}

static ssize_t by_separator(struct flow *f)
{
	cio_str piece;
	int err = cio_stream_readuntil(f->p.b, cio_str_of("\n"), &piece);
	if (err <= 0)
		return err == -CIO_EEOF ? 0 : err;
	check_bytes(f->in, piece.p, piece.n);
	return (ssize_t)piece.n;
}

static ssize_t by_fill(struct flow *f)
{
	ssize_t n = cio_stream_fill(f->p.b);
	if (n <= 0)
		return n;
	cio_str in = cio_stream_peek(f->p.b);
	check_bytes(f->in, in.p, in.n);
	size_t used = in.n > 3 ? in.n - 3 : in.n; /* leave some */
	cio_stream_consume(f->p.b, used);
	return (ssize_t)used;
}

/* ---- the flow ---- */

static int is_lost(struct flow *f, ssize_t n)
{
	f->lost |= n == -ECONNRESET || n == -EPIPE;
	return n < 0 ? (int)n : 0;
}

static int run_flow(struct flow *f, ssize_t (*some)(struct flow *))
{
	int err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, writes, &f);
		ssize_t n = 1;
		while (err == 0 && (n = some(f)) > 0)
			f->in += (size_t)n;
		if (err == 0)
			err = is_lost(f, n);
		if (err < 0) /* who reads no more has to let the writer go */
			cio_group_cancel(&g, "the reader is gone");
	}
	return err;
}

static int flow(size_t size, size_t limit, ssize_t (*some)(struct flow *))
{
	struct flow f = {.size = size};
	int err = pair_open(&f.p);
	if (err < 0)
		return err;
	if (limit > 0)
		cio_stream_set_limit(f.p.b, limit);
	err = run_flow(&f, some);
	is_lost(&f, err);
	CALM() {
		ssize_t n;
		(void)cio_stream_shutdown(f.p.a);
		while ((n = by_read(&f)) > 0)
			f.in += (size_t)n;
		is_lost(&f, n);
		CHECK(f.in <= f.out);
		if (!f.lost) {
			CHECK_INT(n, 0);
			CHECK_INT(f.in, f.out);
		}
		if (err == 0 && !f.cut)
			CHECK_INT(f.out, f.size);
	}
	pair_close(&f.p);
	return err;
}

static int reads(void)
{
	return flow(SHORT_FLOW, 0, by_read);
}

static int reads_exactly(void)
{
	return flow(SHORT_FLOW, 0, by_read_exactly);
}

static int reads_more_than_fits(void)
{
	return flow(SHORT_FLOW, 32, by_read_exactly);
}

static int reads_lines(void)
{
	return flow(SHORT_FLOW, 0, by_line);
}

static int reads_until(void)
{
	return flow(SHORT_FLOW + 5, 0, by_separator);
}

static int fills(void)
{
	return flow(SHORT_FLOW, 0, by_fill);
}

/* The writer has to wait for the reader. */
static int long_flow(void)
{
	bool on_sim = strcmp(check_driver(), "sim") == 0;
	return flow(on_sim ? LONG_FLOW / 10 : LONG_FLOW, 0, by_read);
}

/* ---- states, names, ends ---- */

static int ask_and_look(struct pair *p)
{
	cio_address ours, theirs;
	char text[4];
	int err = cio_stream_local(p->a, &ours);
	if (err == 0)
		err = cio_stream_peer(p->b, &theirs);
	if (err < 0)
		return err;
	CHECK_INT(cio_address_port(&ours), cio_address_port(&theirs));
	err = cio_stream_write(p->a, "ping", 4, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(p->b, text, 4, NULL);
	if (err == 0)
		err = cio_stream_write(p->b, "pong", 4, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(p->a, text, 4, NULL);
	if (err == 0)
		CHECK(memcmp(text, "pong", 4) == 0);
	return err;
}

static int ends(void)
{
	struct pair p;
	char byte;
	int err = pair_open(&p);
	if (err < 0)
		return err;
	err = ask_and_look(&p);
	cio_stream_abort(p.a);
	if (err == 0) {
		ssize_t n = cio_stream_read(p.b, &byte, 1);
		err = n == -ECONNRESET ? 0 : (int)n;
	}
	CALM() {
		CHECK(!cio_stream_reusable(p.b));
	}
	cio_stream_close(p.b);
	return err;
}

/* Closed under a reader: it gets -ECANCELED, and the stream is freed once. */
static int reads_one(cio_stream *const *s)
{
	char byte;
	ssize_t n = cio_stream_read(*s, &byte, 1);
	CHECK(n < 0);
	return n == -ECANCELED ? 0 : (int)n;
}

static int closed_under_a_reader(void)
{
	struct pair p;
	int err = pair_open(&p);
	if (err < 0)
		return err;
	cio_task *t = cio_spawn(reads_one, &p.b);
	err = cio_sleep(CIO_US(2));
	CIO_SHIELD (CIO_S(1)) { /* it shall be inside */
		CHECK_INT(cio_yield(), 0);
		CHECK_INT(cio_yield(), 0);
	}
	cio_stream_close(p.b);
	int result = t != NULL ? cio_await(t) : -ENOMEM;
	cio_stream_close(p.a);
	return err < 0 ? err : result;
}

/* ---- idle ---- */

struct idle {
	cio_stream_idle wait;
	cio_group group;
	cio_stream *s;
	int calls, err;
	bool cut;
};

static int answers(struct idle *const *arg)
{
	struct idle *i = *arg;
	char text[4];
	int err = cio_stream_read_exactly(i->s, text, 4, NULL);
	if (err == 0)
		err = cio_stream_write(i->s, text, 4, NULL);
	i->cut = err < 0;
	(void)cio_stream_shutdown(i->s); /* nobody waits for an answer for ever */
	return err;
}

static void is_ready(cio_stream_idle *wait, int err)
{
	struct idle *i = container_of(wait, struct idle, wait);
	i->calls++;
	i->err = err;
	if (err == 0)
		i->err = cio_group_try_spawn(&i->group, answers,
			&(struct idle *){i});
	if (i->err < 0) { /* nobody will answer: the peer shall see it */
		cio_stream_drop(i->s);
		i->s = NULL;
	}
}

static int idles(void)
{
	struct pair p;
	char text[4];
	int err = pair_open(&p);
	if (err < 0)
		return err;
	struct idle i = {.wait = {.ready = is_ready}, .s = p.b};
	cio_group_open(&i.group, NULL);
	int waits = cio_stream_wait_idle(p.b, &i.wait, &i.group,
		cio_now() + CIO_S(50));
	err = waits < 0 ? waits : cio_stream_write(p.a, "ping", 4, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(p.a, text, 4, NULL);
	if (err == 0)
		CHECK(memcmp(text, "ping", 4) == 0);
	if (err < 0)
		cio_group_cancel(&i.group, "the asker is gone");
	err = cio_group_close(&i.group, err);
	CHECK_INT(i.calls, waits == 0);
	cio_stream_close(p.a);
	cio_stream_close(i.s);
	/* what made it drop the stream is why the asker saw its end */
	bool gone = err == -CIO_EEOF || err == -ECONNRESET;
	if (gone && i.err < 0 && i.err != -ECANCELED)
		return i.err;
	return gone && i.cut ? 0 : err;
}

/* ---- a descriptor of the caller's ---- */

static int writes_pipe(const int *fd)
{
	int err = cio_sleep(CIO_US(2));
	CHECK_INT(write(*fd, "x", 1), 1); /* also when it was cut */
	return err;
}

static void close_handle(cio_fd fd)
{
	cio_op op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&op), 0);
}

static int waits_for_fd(void)
{
	int fd[2];
	cio_fd in;
	char byte;
	CHECK_INT(pipe(fd), 0);
	int err = cio_fd_adopt(fd[0], &in);
	if (err < 0) {
		close(fd[0]);
		close(fd[1]);
		return err;
	}
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, writes_pipe, &fd[1]);
		if (err == 0)
			err = cio_fd_wait(in, POLLIN);
		if (err > 0) {
			CHECK_INT(err & POLLIN, POLLIN);
			CHECK_INT(read(fd[0], &byte, 1), 1);
			err = 0;
		}
	}
	CALM() {
		CHECK_INT(write(fd[1], "y", 1), 1);
		CHECK_INT(cio_fd_wait(in, POLLIN) & POLLIN, POLLIN);
	}
	close_handle(in);
	close(fd[1]);
	return err;
}

static const struct scenario scenarios[] = {
	{"read", reads, DISTURB_ALL},
	{"read_exactly", reads_exactly, DISTURB_ALL},
	{"read_exactly_large", reads_more_than_fits, DISTURB_ALL},
	{"readline", reads_lines, DISTURB_ALL},
	{"readuntil", reads_until, DISTURB_ALL},
	{"fill", fills, DISTURB_ALL},
	{"long_flow", long_flow, DISTURB_TASKS},
	{"ends", ends, DISTURB_ALL & ~DISTURB_FAULTS},
	{"closed_under_a_reader", closed_under_a_reader,
		DISTURB_TASKS | DISTURB_FAULTS | DISTURB_DESCRIPTORS},
	{"idle", idles, DISTURB_ALL},
	{"fd_wait", waits_for_fd, DISTURB_TASKS | DISTURB_FAULTS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}

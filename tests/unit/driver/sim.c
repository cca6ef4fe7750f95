/* SPDX-License-Identifier: MIT */
/* drivers: none */
/* threads */
/*
 * sim.c - clock, handles, cancel, faults, and that a seed fixes all of it
 */
#include "unit/driver/sim.h"

#include <cio/run.h>

/* ---- the clock ---- */

SCENARIO(the_clock_jumps_when_nothing_is_ready)
{
	assert_true(d->ops->now(d) == CIO_S(1));
	assert_int_equal(d->ops->turn(d, 0), 0);
	assert_true(d->ops->now(d) == CIO_S(1));
	assert_int_equal(d->ops->turn(d, CIO_S(3600)), 0);
	assert_true(d->ops->now(d) == CIO_S(3600));
	assert_int_equal(d->ops->turn(d, CIO_S(5)), 0);
	assert_true(d->ops->now(d) == CIO_S(3600));
}

SCENARIO(the_clock_stands_while_something_completes)
{
	struct probe p;
	while (start(&p, (cio_op){.kind = CIO_OP_NOP}) != CIO_PENDING)
		;
	assert_int_equal(d->ops->turn(d, CIO_S(9)), 1);
	assert_int_equal(p.calls, 1);
	assert_true(d->ops->now(d) == CIO_S(1));
}

SCENARIO(latency_is_virtual_and_exact)
{
	struct probe early, late;
	*faults() = (cio_sim_faults){.latency_us = 500};
	assert_int_equal(start(&late, (cio_op){.kind = CIO_OP_NOP}),
		CIO_PENDING);
	faults()->latency_us = 200;
	assert_int_equal(start(&early, (cio_op){.kind = CIO_OP_NOP}),
		CIO_PENDING);
	assert_int_equal(d->ops->turn(d, CIO_S(1) + CIO_US(199)), 0);
	assert_int_equal(d->ops->turn(d, CIO_NEVER), 1);
	assert_int_equal(early.calls, 1);
	assert_true(d->ops->now(d) == CIO_S(1) + CIO_US(200));
	assert_int_equal(d->ops->turn(d, CIO_NEVER), 1);
	assert_int_equal(late.calls, 1);
	assert_true(d->ops->now(d) == CIO_S(1) + CIO_US(500));
}

static void *wake_it(void *unused)
{
	(void)unused;
	d->ops->wake(d);
	return NULL;
}

SCENARIO(a_wake_from_a_thread_ends_an_endless_turn)
{
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, wake_it, NULL), 0);
	assert_int_equal(d->ops->turn(d, CIO_NEVER), 0);
	pthread_join(thread, NULL);
	assert_true(d->ops->now(d) == CIO_S(1));
}

SCENARIO(an_owed_wake_comes_before_the_clock_jumps)
{
	pthread_t thread;
	d->wait_for_wake = true;
	assert_int_equal(pthread_create(&thread, NULL, wake_it, NULL), 0);
	assert_int_equal(d->ops->turn(d, CIO_S(60)), 0);
	assert_true(d->ops->now(d) == CIO_S(1));
	pthread_join(thread, NULL);
	d->wait_for_wake = false;
	assert_int_equal(d->ops->turn(d, CIO_S(60)), 0);
	assert_true(d->ops->now(d) == CIO_S(60));
}

/* ---- handles, cancel, close ---- */

SCENARIO(two_of_a_lane_are_refused)
{
	struct pair p = make_pair();
	struct probe first, poll;
	char byte;
	assert_int_equal(start(&first, receiving(p.a, &byte, 1)), CIO_PENDING);
	cio_op op = {.kind = CIO_OP_POLL, .fd = p.a, .off = POLLIN};
	assert_int_equal(start(&poll, op), CIO_PENDING);
	assert_int_equal(perform(receiving(p.a, &byte, 1)), -EBUSY);
	assert_int_equal(perform(op), -EBUSY);
	assert_int_equal(send_text(p.a, "x"), 1);
	assert_int_equal(shut(p.a), 0);
	assert_int_equal(first.op.res, -ECANCELED);
	assert_int_equal(poll.op.res, -ECANCELED);
}

SCENARIO(close_comes_after_what_it_ends)
{
	struct pair p = make_pair();
	struct probe in, poll, end;
	char byte;
	assert_int_equal(start(&in, receiving(p.a, &byte, 1)), CIO_PENDING);
	assert_int_equal(start(&poll, (cio_op){.kind = CIO_OP_POLL, .fd = p.a,
		.off = POLLIN}), CIO_PENDING);
	assert_int_equal(start(&end, (cio_op){.kind = CIO_OP_CLOSE,
		.fd = p.a}), CIO_PENDING);
	assert_int_equal(perform(receiving(p.a, &byte, 1)), -EBADF);
	assert_int_equal(shut(p.a), -EBADF);
	finish(&end);
	assert_int_equal(in.calls, 1);
	assert_int_equal(poll.calls, 1);
	assert_true(in.order < end.order && poll.order < end.order);
	assert_int_equal(in.op.res, -ECANCELED);
	assert_int_equal(end.op.res, 0);
	assert_int_equal(perform(receiving(p.b, &byte, 1)), 0);
}

SCENARIO(a_close_has_latency_too)
{
	struct probe end;
	cio_fd fd = make(AF_INET, SOCK_STREAM);
	cio_time before = d->ops->now(d);
	faults()->latency_us = 40;
	assert_int_equal(start(&end, (cio_op){.kind = CIO_OP_CLOSE, .fd = fd}),
		CIO_PENDING);
	assert_true(d->ops->handles(d) == 0);
	assert_int_equal(d->ops->turn(d, CIO_NEVER), 1);
	assert_int_equal(end.op.res, 0);
	assert_true(d->ops->now(d) == before + CIO_US(40));
}

SCENARIO(a_stale_handle_is_never_anothers)
{
	cio_fd old[100];
	for (int i = 0; i < 100; i++) {
		old[i] = make(AF_INET, SOCK_STREAM);
		assert_true(cio_fd_open(old[i]));
		if (i % 3 != 0)
			assert_int_equal(shut(old[i]), 0);
	}
	assert_true(d->ops->handles(d) == 34);
	for (int i = 0; i < 100; i++)
		assert_int_equal(bind_to(old[i], at_port(0)),
			i % 3 != 0 ? -EBADF : 0);
	cio_fd none = {0, 0}, far = {4000000000, 1};
	assert_int_equal(shut(none), -EBADF);
	assert_int_equal(shut(far), -EBADF);
}

SCENARIO(the_generation_wraps_past_zero)
{
	cio_fd fd = make(AF_INET, SOCK_STREAM);
	struct sim *s = (struct sim *)(void *)d;
	assert_int_equal(shut(fd), 0);
	s->slots[fd.slot].generation = UINT32_MAX;
	fd = make(AF_INET, SOCK_STREAM);
	assert_true(fd.generation == UINT32_MAX);
	assert_int_equal(shut(fd), 0);
	cio_fd next = make(AF_INET, SOCK_STREAM);
	assert_int_equal(next.slot, fd.slot);
	assert_int_equal(next.generation, 1);
}

SCENARIO(a_cancelled_receive_takes_nothing_with_it)
{
	struct pair p = make_pair();
	size_t sent = 0, received = 0;
	for (int i = 0; i < 50; i++) {
		struct probe in;
		char text[4];
		int err = start(&in, receiving(p.b, text, sizeof text));
		if (i % 2 == 0) {
			assert_int_equal(send_text(p.a, "ab"), 2);
			sent += 2;
		}
		if (err == CIO_PENDING && in.calls == 0)
			d->ops->cancel(d, &in.op);
		settle_down();
		assert_int_equal(in.calls, 1);
		if (in.op.res > 0)
			received += (size_t)in.op.res;
		else
			assert_int_equal(in.op.res, -ECANCELED);
	}
	while (received < sent) {
		int n = perform(receiving(p.b, got, sizeof got));
		assert_true(n > 0);
		received += (size_t)n;
	}
	assert_int_equal(received, sent);
}

SCENARIO(a_cancelled_accept_loses_no_connection)
{
	cio_fd listener = listen_at(80, 4);
	struct probe p;
	int won = 0;
	for (int i = 0; i < 4; i++) {
		int err = start(&p, (cio_op){.kind = CIO_OP_ACCEPT,
			.fd = listener});
		assert_int_equal(connect_to(make(AF_INET, SOCK_STREAM),
			at_port(80)), 0);
		if (err == CIO_PENDING && p.calls == 0)
			d->ops->cancel(d, &p.op);
		settle_down();
		assert_int_equal(p.calls, 1);
		won += p.op.res == 0;
	}
	for (; won < 4; won++)
		(void)accept_from(listener);
}

/* ---- anything at any time ---- */

enum { HANDLES = 12, PROBES = 40 };

static cio_fd pick[HANDLES];

static int64_t below(struct random *r, uint64_t bound)
{
	return (int64_t)cio__random_below(r, bound);
}

/* Some operation on some handle, sensible or not. */
static cio_op anything(struct random *r, char *room)
{
	static struct sockaddr_in to[4];
	static const uint8_t kinds[] = {CIO_OP_NOP, CIO_OP_SOCKET, CIO_OP_BIND,
		CIO_OP_LISTEN, CIO_OP_CONNECT, CIO_OP_CONNECT, CIO_OP_ACCEPT,
		CIO_OP_RECV, CIO_OP_RECV, CIO_OP_SEND, CIO_OP_SEND,
		CIO_OP_SHUTDOWN, CIO_OP_POLL, CIO_OP_CLOSE, CIO_OP_SOCKNAME};
	cio_op op = {.kind = kinds[below(r, sizeof kinds)]};
	op.fd = pick[below(r, HANDLES)];
	op.buf = room;
	op.len = (size_t)below(r, 4096);
	if (op.kind == CIO_OP_SOCKET) {
		op.off = AF_INET;
		op.len = below(r, 8) == 0 ? SOCK_DGRAM : SOCK_STREAM;
	} else if (op.kind == CIO_OP_BIND || op.kind == CIO_OP_CONNECT) {
		int i = (int)below(r, 4);
		to[i] = at_port((uint16_t)(80 + i));
		op.buf = &to[i];
		op.len = sizeof to[i];
	} else if (op.kind == CIO_OP_LISTEN || op.kind == CIO_OP_SHUTDOWN) {
		op.len = (size_t)below(r, 3);
	} else if (op.kind == CIO_OP_POLL) {
		op.off = below(r, 2) == 0 ? POLLIN : POLLOUT;
	}
	return op;
}

static void keep(struct random *r, const struct probe *p)
{
	bool makes = p->op.kind == CIO_OP_SOCKET || p->op.kind == CIO_OP_ACCEPT;
	if (!makes || p->calls == 0 || p->op.res < 0)
		return;
	int64_t i = below(r, HANDLES);
	if (cio_fd_open(pick[i]))
		(void)shut(pick[i]);
	pick[i] = p->op.out;
}

static void replace(struct random *r, struct probe *p, char *room)
{
	if (p->calls == 0 && p->op.done != NULL) {
		if (below(r, 3) == 0)
			d->ops->cancel(d, &p->op);
		return;
	}
	keep(r, p);
	cio_op op = anything(r, room);
	int err = start(p, op);
	if (err < 0) {
		assert_true(err == -EBADF || err == -EBUSY);
		*p = (struct probe){.calls = 0};
	}
}

SCENARIO(whatever_is_submitted_ends_once)
{
	static struct probe p[PROBES];
	static char room[PROBES][4096];
	struct random r = {((struct sim *)(void *)d)->random.state};
	memset(p, 0, sizeof p);
	memset(pick, 0, sizeof pick);
	for (int step = 0; step < 5000; step++) {
		int64_t i = below(&r, PROBES);
		faults()->latency_us = below(&r, 9) == 0 ? 5 : 0;
		replace(&r, &p[i], room[i]);
		assert_true(p[i].calls <= 1);
		if (below(&r, 4) == 0)
			(void)d->ops->turn(d, d->ops->now(d) + below(&r, 9000));
	}
	for (int i = 0; i < PROBES; i++)
		if (p[i].op.done != NULL && p[i].calls == 0)
			d->ops->cancel(d, &p[i].op);
	for (int i = 0; i < PROBES; i++) {
		if (p[i].op.done != NULL)
			finish(&p[i]);
		keep(&r, &p[i]);
	}
	for (int i = 0; i < HANDLES; i++)
		if (cio_fd_open(pick[i]))
			(void)shut(pick[i]);
	assert_true(d->ops->handles(d) == 0);
	assert_true(((struct sim *)(void *)d)->pending == 0);
}

/* ---- faults ---- */

SCENARIO(descriptors_run_out)
{
	*faults() = (cio_sim_faults){.fail_fd_after = 4};
	((struct sim *)(void *)d)->figures.descriptors = 0;
	cio_fd l = listen_at(80, 4);
	cio_fd a = make(AF_INET, SOCK_STREAM);
	assert_int_equal(connect_to(a, at_port(80)), 0);
	(void)accept_from(l);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SOCKET,
		.off = AF_INET, .len = SOCK_STREAM}), -EMFILE);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SOCKET,
		.off = AF_INET, .len = SOCK_STREAM}), -EMFILE);
	faults()->fail_fd_after = 0;
	assert_true(cio_fd_open(make(AF_INET, SOCK_STREAM)));
}

SCENARIO(transfers_are_cut)
{
	struct pair p = make_pair();
	faults()->max_transfer = 3;
	assert_int_equal(send_text(p.a, "hello"), 3);
	assert_int_equal(send_text(p.a, "lo"), 2);
	assert_int_equal(perform(receiving(p.b, got, 10)), 3);
	assert_int_equal(perform(receiving(p.b, got, 10)), 2);
}

/* One round of everything; any step may fail for lack of memory. */
static void a_round(void)
{
	struct sockaddr_in to = at_port(80);
	cio_fd fd[3] = {{0, 0}};
	fd[0] = make(AF_INET, SOCK_STREAM);
	fd[1] = make(AF_INET, SOCK_STREAM);
	cio_op name = {.kind = CIO_OP_BIND, .fd = fd[0], .buf = &to,
		.len = sizeof to};
	(void)perform(name);
	(void)perform((cio_op){.kind = CIO_OP_LISTEN, .fd = fd[0], .len = 3});
	name.kind = CIO_OP_CONNECT;
	name.fd = fd[1];
	if (perform(name) == 0) {
		struct probe p;
		if (start(&p, (cio_op){.kind = CIO_OP_ACCEPT, .fd = fd[0]})
			>= 0) {
			finish(&p);
			fd[2] = p.op.res == 0 ? p.op.out : fd[2];
		}
		(void)send_text(fd[1], "hello");
	}
	for (int i = 0; i < 3; i++)
		if (cio_fd_open(fd[i]))
			assert_int_equal(shut(fd[i]), 0);
	assert_true(d->ops->handles(d) == 0);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	uint64_t blocks = cio_sim_blocks(), before = 0;
	struct driver_options o = {.seed = 3};
	int failed = 0;
	for (uint64_t n = 1; n < 1000 && before < 2; n++) {
		cio_sim_fail_allocation(n);
		if (driver_sim.open(&d, &o) == 0) {
			a_round();
			d->ops->close(d);
		}
		/* Was the n-th reached? Then the next one succeeds. */
		void *p = cio__alloc(1);
		failed += p != NULL;
		before += p == NULL;
		cio_sim_fail_allocation(0);
		cio__free(p);
		assert_int_equal(cio_sim_blocks(), blocks);
	}
	assert_true(failed > 5);
}

/* ---- adopted descriptors ---- */

struct real_pair {
	cio_fd in, out;
};

static struct real_pair adopt_pipe(void)
{
	int fd[2];
	struct real_pair p;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(d->ops->adopt(d, fd[0], &p.in), 0);
	assert_int_equal(d->ops->adopt(d, fd[1], &p.out), 0);
	assert_true((fcntl(fd[0], F_GETFL) & O_NONBLOCK) != 0);
	return p;
}

SCENARIO(an_adopted_pipe_works)
{
	struct real_pair p = adopt_pipe();
	struct probe in;
	char text[4] = "";
	cio_op reading = {.kind = CIO_OP_READ, .fd = p.in, .buf = text,
		.len = sizeof text, .off = -1};
	char hi[] = "hi";
	cio_op writing = {.kind = CIO_OP_WRITE, .fd = p.out, .buf = hi,
		.len = 2, .off = -1};
	assert_int_equal(start(&in, reading), CIO_PENDING);
	settle_down();
	assert_int_equal(in.calls, 0);
	assert_int_equal(d->ops->turn(d, CIO_S(2)), 0);
	assert_true(d->ops->now(d) == CIO_S(2));
	assert_int_equal(perform(writing), 2);
	finish(&in);
	assert_int_equal(in.op.res, 2);
	assert_string_equal(text, "hi");
	assert_int_equal(perform((cio_op){.kind = CIO_OP_POLL, .fd = p.out,
		.off = POLLOUT}), POLLOUT);
	assert_int_equal(shut(p.in), 0);
	assert_int_equal(perform(writing), -EPIPE); /* and we live */
	assert_true(d->ops->handles(d) == 1);
}

static void *write_later(void *fd)
{
	ssize_t n = write(*(int *)fd, "x", 1);
	(void)n;
	return NULL;
}

SCENARIO(an_endless_turn_waits_for_adopted_ones)
{
	int fd[2];
	cio_fd in;
	struct probe p;
	char byte = 0;
	pthread_t thread;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(d->ops->adopt(d, fd[0], &in), 0);
	assert_int_equal(start(&p, (cio_op){.kind = CIO_OP_READ, .fd = in,
		.buf = &byte, .len = 1, .off = -1}), CIO_PENDING);
	assert_int_equal(pthread_create(&thread, NULL, write_later, &fd[1]), 0);
	assert_int_equal(d->ops->turn(d, CIO_NEVER), 1);
	assert_int_equal(p.op.res, 1);
	assert_int_equal(byte, 'x');
	pthread_join(thread, NULL);
	close(fd[1]);
}

SCENARIO(an_adopted_socket_works)
{
	int fd[2];
	cio_fd a, b;
	struct probe in, ready;
	char text[8] = "", hi[] = "hi";
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(d->ops->adopt(d, fd[0], &a), 0);
	assert_int_equal(d->ops->adopt(d, fd[1], &b), 0);
	cio_op op = receiving(b, text, sizeof text);
	assert_int_equal(start(&in, op), CIO_PENDING);
	assert_int_equal(start(&ready, (cio_op){.kind = CIO_OP_POLL, .fd = b,
		.off = POLLIN}), CIO_PENDING);
	settle_down();
	assert_int_equal(in.calls + ready.calls, 0);
	faults()->max_transfer = 1;
	assert_int_equal(perform(sending(a, hi, 2)), 1);
	finish(&in);
	assert_int_equal(in.op.res, 1);
	settle_down();
	if (ready.calls == 0) /* the receive was faster */
		assert_int_equal(send_text(a, "x"), 1);
	finish(&ready);
	assert_int_equal(ready.op.res, POLLIN);

	struct iovec v = {hi, 2};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SENDMSG, .fd = b,
		.buf = &m}), 2);
	v.iov_base = text;
	assert_int_equal(perform((cio_op){.kind = CIO_OP_RECVMSG, .fd = a,
		.buf = &m}), 2);
	assert_memory_equal(text, "hi", 2);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SOCKNAME, .fd = a,
		.buf = text, .len = sizeof text}), 2);
	int size = 4096;
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SOCKOPT, .fd = a,
		.off = (int64_t)SOL_SOCKET << 32 | SO_SNDBUF, .buf = &size,
		.len = sizeof size}), 0);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_ACCEPT, .fd = a}),
		-EOPNOTSUPP);
	assert_int_equal(perform((cio_op){.kind = CIO_OP_SHUTDOWN, .fd = b,
		.len = SHUT_WR}), 0);
	assert_int_equal(perform(receiving(a, text, sizeof text)), 0);
}

SCENARIO(a_full_adopted_pipe_makes_the_writer_wait)
{
	struct real_pair p = adopt_pipe();
	cio_op writing = {.kind = CIO_OP_WRITE, .fd = p.out, .buf = big,
		.len = sizeof big, .off = -1};
	struct probe out;
	int first = perform(writing);
	assert_true(first > 0 && (size_t)first < sizeof big);
	writing.len = 1;
	assert_int_equal(start(&out, writing), CIO_PENDING);
	settle_down();
	assert_int_equal(out.calls, 0);
	for (int taken = 0; taken < first;)
		taken += perform((cio_op){.kind = CIO_OP_READ, .fd = p.in,
			.buf = got, .len = sizeof got, .off = 0});
	finish(&out);
	assert_int_equal(out.op.res, 1);
}

SCENARIO(a_bad_descriptor_is_not_adopted)
{
	cio_fd out = {7, 7};
	assert_int_equal(d->ops->adopt(d, -1, &out), -EBADF);
	assert_int_equal(out.slot, 7);
	assert_true(d->ops->handles(d) == 0);
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(d->ops->adopt(d, fd[0], &out), 0);
	assert_int_equal(d->ops->adopt(d, fd[0], &out), -EEXIST);
	assert_true(d->ops->handles(d) == 1);
	close(fd[1]);
}

/* ---- the seed ---- */

enum { READY = 30 };

/* The order in which operations end that are ready together, as the place of
 * each in the order of submitting. */
static void order_of(uint64_t seed, int order[READY])
{
	struct probe p[READY];
	uint64_t blocks = cio_sim_blocks();
	open_seed(seed);
	faults()->latency_us = 1;
	for (int i = 0; i < READY; i++)
		assert_int_equal(start(&p[i], (cio_op){.kind = CIO_OP_NOP}),
			CIO_PENDING);
	assert_int_equal(d->ops->turn(d, CIO_NEVER), READY);
	for (int i = 0; i < READY; i++)
		order[i] = p[i].order;
	close_driver(blocks);
}

static void what_is_ready_together_is_shuffled(void **state)
{
	(void)state;
	int order[SEEDS][READY];
	for (int i = 0; i < SEEDS; i++) {
		order_of((uint64_t)i, order[i]);
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(order[i], order[j],
				sizeof order[i]);
	}
}

static struct probe more[1000];
static int started;

static void start_another(cio_op *op)
{
	note(op);
	if (started < 1000)
		(void)start(&more[started++], (cio_op){.kind = CIO_OP_NOP});
}

SCENARIO(a_turn_ends_all_that_was_ready_and_only_that)
{
	struct probe p[READY];
	started = 0;
	faults()->latency_us = 1;
	for (int i = 0; i < READY; i++) {
		assert_int_equal(start(&p[i], (cio_op){.kind = CIO_OP_NOP}),
			CIO_PENDING);
		p[i].op.done = start_another;
	}
	(void)d->ops->turn(d, CIO_S(1) + CIO_US(1) / 2);
	faults()->latency_us = 0;
	assert_int_equal(d->ops->turn(d, CIO_NEVER), READY);
	for (int i = 0; i < READY; i++)
		assert_int_equal(p[i].calls, 1);
	assert_int_equal(started, READY);
	settle_down();
	for (int i = 0; i < READY; i++)
		assert_int_equal(more[i].calls, 1);
}

/* How did the cancel of an operation that could be done end? */
static void every_way_to_end_a_cancelled_one_occurs(void **state)
{
	(void)state;
	int at_once = 0, later = 0, won = 0;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct probe p;
		open_seed(seed);
		if (start(&p, (cio_op){.kind = CIO_OP_NOP}) == CIO_PENDING) {
			d->ops->cancel(d, &p.op);
			later += p.calls == 0;
			at_once += p.calls == 1 && p.op.res == -ECANCELED;
			won += p.calls == 1 && p.op.res == 0;
			finish(&p);
		}
		d->ops->close(d);
	}
	assert_true(at_once > 0 && later > 0 && won > 0);
}

/* What happened in a busy run, as a number. */
static uint64_t fingerprint(uint64_t seed)
{
	static struct probe p[64];
	uint64_t h = 14695981039346656037U;
	uint64_t blocks = cio_sim_blocks();
	open_seed(seed);
	struct pair c = make_pair();
	for (int round = 0; round < 4; round++) {
		faults()->latency_us = round == 2 ? 50 : 0;
		for (int i = 0; i < 64; i++)
			assert_true(start(&p[i], i == 7
				? sending(c.a, "abcdef", 6)
				: (cio_op){.kind = CIO_OP_NOP}) >= 0);
		for (int i = 0; i < 64; i++) {
			if (p[i].calls == 0 && i % 5 == 0)
				d->ops->cancel(d, &p[i].op);
		}
		for (int i = 0; i < 64; i++) {
			finish(&p[i]);
			h = (h ^ (uint64_t)(p[i].order * 8 + p[i].op.res))
				* 1099511628211U;
		}
	}
	h = (h ^ (uint64_t)d->ops->now(d)) * 1099511628211U;
	close_driver(blocks);
	return h;
}

static void a_seed_fixes_the_run(void **state)
{
	(void)state;
	uint64_t seen[SEEDS];
	for (uint64_t i = 0; i < SEEDS; i++) {
		seen[i] = fingerprint(i);
		assert_true(seen[i] == fingerprint(i));
		for (uint64_t j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
}

static void faults_need_a_loop_on_sim(void **state)
{
	(void)state;
	assert_int_equal(cio_sim_set_faults(&(cio_sim_faults){0}), -EOPNOTSUPP);
}

static int under_faults(void *unused)
{
	(void)unused;
	cio_sim_faults f = {.fail_fd_after = 2, .latency_us = 7};
	cio_op op = {.kind = CIO_OP_SOCKET, .off = AF_INET, .len = SOCK_STREAM};
	cio_op second = op;
	cio_time before = cio_now();
	bool good = CHECK_INT(cio_sim_set_faults(&f), 0);
	good &= CHECK_INT(cio_perform(&op), 0);
	good &= CHECK_INT(cio_now() - before, CIO_US(7));
	good &= CHECK_INT(cio_perform(&second), -EMFILE);
	good &= CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){0}), 0);
	cio_op end = {.kind = CIO_OP_CLOSE, .fd = op.out};
	good &= CHECK_INT(cio_perform_settled(&end), 0);
	return good ? 17 : -1;
}

static void faults_hold_for_the_calling_loop(void **state)
{
	(void)state;
	cio_run_options o = {.driver = "sim"};
	assert_int_equal(cio_run_with(&o, under_faults, NULL), 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_jumps_when_nothing_is_ready),
		cmocka_unit_test(the_clock_stands_while_something_completes),
		cmocka_unit_test(latency_is_virtual_and_exact),
		cmocka_unit_test(a_wake_from_a_thread_ends_an_endless_turn),
		cmocka_unit_test(an_owed_wake_comes_before_the_clock_jumps),
		cmocka_unit_test(two_of_a_lane_are_refused),
		cmocka_unit_test(close_comes_after_what_it_ends),
		cmocka_unit_test(a_close_has_latency_too),
		cmocka_unit_test(a_stale_handle_is_never_anothers),
		cmocka_unit_test(the_generation_wraps_past_zero),
		cmocka_unit_test(a_cancelled_receive_takes_nothing_with_it),
		cmocka_unit_test(a_cancelled_accept_loses_no_connection),
		cmocka_unit_test(whatever_is_submitted_ends_once),
		cmocka_unit_test(descriptors_run_out),
		cmocka_unit_test(transfers_are_cut),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(an_adopted_pipe_works),
		cmocka_unit_test(an_endless_turn_waits_for_adopted_ones),
		cmocka_unit_test(an_adopted_socket_works),
		cmocka_unit_test(a_full_adopted_pipe_makes_the_writer_wait),
		cmocka_unit_test(a_bad_descriptor_is_not_adopted),
		cmocka_unit_test(what_is_ready_together_is_shuffled),
		cmocka_unit_test(a_turn_ends_all_that_was_ready_and_only_that),
		cmocka_unit_test(every_way_to_end_a_cancelled_one_occurs),
		cmocka_unit_test(a_seed_fixes_the_run),
		cmocka_unit_test(faults_need_a_loop_on_sim),
		cmocka_unit_test(faults_hold_for_the_calling_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

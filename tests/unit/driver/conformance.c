/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * conformance.c - every case on every driver that talks to the kernel
 *
 * The drivers are driven by hand: no loop, no tasks. A case that hangs is ended
 * by the alarm in main.
 */
#include "by_hand.h"

#include "check.h"

/* ---- transfers ---- */

static void bytes_go_both_ways(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[16] = {0};
	struct job r = recv_job(p.b, buf, sizeof buf);
	start(&r);
	assert_int_equal(send_text(p.a, "hello"), 5);
	assert_int_equal(await(&r), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(send_text(p.b, "you"), 3);
	struct job again = recv_job(p.a, buf, 2);
	assert_int_equal(run(&again), 2);
	again = recv_job(p.a, buf, 16);
	assert_int_equal(run(&again), 1);
	close_pair(p);
}

static void a_half_close_is_an_end_in_one_direction(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[16] = {0};
	struct job r = recv_job(p.b, buf, sizeof buf);
	start(&r);
	struct job s = {.op = {.kind = CIO_OP_SHUTDOWN, .fd = p.a, .len = SHUT_WR}};
	assert_int_equal(run(&s), 0);
	assert_int_equal(await(&r), 0);
	assert_int_equal(send_text(p.b, "still"), 5);
	r = recv_job(p.a, buf, sizeof buf);
	assert_int_equal(run(&r), 5);
	close_pair(p);
}

static void reset(cio_fd fd)
{
	struct linger l = {.l_onoff = 1};
	struct job o = {.op = {.kind = CIO_OP_SOCKOPT, .fd = fd, .buf = &l,
		.len = sizeof l, .off = (int64_t)SOL_SOCKET << 32 | SO_LINGER}};
	assert_int_equal(run(&o), 0);
	assert_int_equal(close_fd(fd), 0);
}

static void a_reset_is_an_error_and_no_signal(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[16];
	struct job r = recv_job(p.b, buf, sizeof buf);
	start(&r);
	reset(p.a);
	assert_int_equal(await(&r), -ECONNRESET);
	assert_int_equal(send_text(p.b, "x"), -EPIPE);
	assert_int_equal(close_fd(p.b), 0);
}

static void flags_of_recv_are_heard(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[8] = {0};
	struct job r = recv_job(p.b, buf, sizeof buf);
	r.op.off = MSG_DONTWAIT;
	assert_int_equal(submit(&r), CIO_DONE);
	assert_int_equal(r.op.res, -EAGAIN);
	r = recv_job(p.b, buf, sizeof buf);
	r.op.off = MSG_PEEK;
	start(&r);
	assert_int_equal(send_text(p.a, "abc"), 3);
	assert_int_equal(await(&r), 3);
	r = recv_job(p.b, buf, sizeof buf);
	assert_int_equal(run(&r), 3);
	close_pair(p);
}

static int32_t look(cio_fd fd)
{
	char byte;
	struct job r = recv_job(fd, &byte, 1);
	r.op.off = MSG_PEEK | MSG_DONTWAIT;
	assert_int_equal(submit(&r), CIO_DONE);
	return r.op.res;
}

/* Right after a receive that took all, a look may do without asking; what comes
 * later is seen by the next turn's, and an end too. */
static void a_look_is_true_in_the_next_turn(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[8];
	for (int i = 0; i < 3; i++) {
		struct job r = recv_job(p.b, buf, sizeof buf);
		start(&r);
		assert_int_equal(send_text(p.a, "abc"), 3);
		assert_int_equal(await(&r), 3);
		assert_int_equal(look(p.b), -EAGAIN);
		assert_int_equal(send_text(p.a, "d"), 1);
		turn(d->ops->now(d) + 1000000);
		assert_int_equal(look(p.b), 1);
		r = recv_job(p.b, buf, sizeof buf);
		assert_int_equal(run(&r), 1);
	}
	assert_int_equal(close_fd(p.a), 0);
	turn(d->ops->now(d) + 1000000);
	assert_int_equal(look(p.b), 0);
	assert_int_equal(close_fd(p.b), 0);
}

/* An end that came with the bytes is known to who received them. */
static void a_look_sees_an_end_behind_the_bytes(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[8];
	struct job r = recv_job(p.b, buf, sizeof buf);
	start(&r);
	assert_int_equal(send_text(p.a, "abc"), 3);
	assert_int_equal(close_fd(p.a), 0);
	assert_int_equal(await(&r), 3);
	assert_int_equal(look(p.b), 0);
	assert_int_equal(close_fd(p.b), 0);
}

#define BIG ((size_t)8 << 20)

static void big_transfers_arrive_whole(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	unsigned char *out = malloc(BIG), *in = malloc(BIG);
	for (size_t i = 0; i < BIG; i++)
		out[i] = (unsigned char)(i * 7 + (i >> 12));
	size_t sent = 0, got = 0;
	int waits = 0;
	struct job s = {0}, r = {0};
	bool sending = false, receiving = false;
	while (got < BIG) {
		while (!sending && sent < BIG) {
			s = send_job(p.a, out + sent, BIG - sent);
			sending = submit(&s) == CIO_PENDING;
			waits += sending;
			if (!sending)
				sent += (size_t)s.op.res;
		}
		while (!receiving && got < BIG) {
			r = recv_job(p.b, in + got, BIG - got);
			receiving = submit(&r) == CIO_PENDING;
			if (!receiving)
				got += (size_t)r.op.res;
		}
		if (sending || receiving)
			turn(got < BIG ? CIO_NEVER : 0);
		if (sending && s.last > 0) {
			assert_true(s.op.res > 0);
			sent += (size_t)s.op.res;
			sending = false;
		}
		if (receiving && r.last > 0) {
			assert_true(r.op.res > 0);
			got += (size_t)r.op.res;
			receiving = false;
		}
	}
	assert_int_equal(sent, BIG);
	assert_true(waits > 0);
	assert_memory_equal(in, out, BIG);
	free(out);
	free(in);
	close_pair(p);
}

static void messages_carry_addresses(void **state)
{
	(void)state;
	struct sockaddr_in at, from;
	cio_fd a = make_socket(AF_INET, SOCK_DGRAM);
	cio_fd b = make_socket(AF_INET, SOCK_DGRAM);
	bind_any(a, &at);
	char in[8] = {0}, out[] = "ping";
	struct iovec iv = {.iov_base = in, .iov_len = sizeof in};
	struct msghdr m = {.msg_iov = &iv, .msg_iovlen = 1, .msg_name = &from,
		.msg_namelen = sizeof from};
	struct job r = {.op = {.kind = CIO_OP_RECVMSG, .fd = a, .buf = &m}};
	start(&r);
	struct iovec ov = {.iov_base = out, .iov_len = 4};
	struct msghdr o = {.msg_iov = &ov, .msg_iovlen = 1, .msg_name = &at,
		.msg_namelen = sizeof at};
	struct job s = {.op = {.kind = CIO_OP_SENDMSG, .fd = b, .buf = &o}};
	assert_int_equal(run(&s), 4);
	assert_int_equal(await(&r), 4);
	assert_string_equal(in, "ping");
	assert_int_equal(m.msg_namelen, sizeof from);
	assert_int_equal(from.sin_family, AF_INET);
	assert_int_equal(close_fd(a), 0);
	assert_int_equal(close_fd(b), 0);
}

static struct pair pipe_pair(void)
{
	int fds[2];
	struct pair p;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(d->ops->adopt(d, fds[0], &p.a), 0);
	assert_int_equal(d->ops->adopt(d, fds[1], &p.b), 0);
	assert_true(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	return p;
}

static void pipes_are_read_and_written(void **state)
{
	(void)state;
	struct pair p = pipe_pair();
	char buf[8] = {0}, hello[] = "hello";
	struct job r = {.op = {.kind = CIO_OP_READ, .fd = p.a, .buf = buf,
		.len = sizeof buf, .off = -1}};
	start(&r);
	struct job w = {.op = {.kind = CIO_OP_WRITE, .fd = p.b, .buf = hello,
		.len = 5, .off = -1}};
	assert_int_equal(run(&w), 5);
	assert_int_equal(await(&r), 5);
	assert_string_equal(buf, "hello");

	/* Fill it, wait, and the wait ends with room. */
	static char block[65536];
	w = (struct job){.op = {.kind = CIO_OP_WRITE, .fd = p.b, .buf = block,
		.len = sizeof block, .off = -1}};
	while (submit(&w) == CIO_DONE)
		assert_true(w.op.res > 0);
	r = (struct job){.op = {.kind = CIO_OP_READ, .fd = p.a, .buf = block,
		.len = sizeof block, .off = -1}};
	assert_true(run(&r) > 0);
	assert_true(await(&w) > 0);

	/* No reader: an error, and no signal, which would end this program. */
	assert_int_equal(close_fd(p.a), 0);
	w = (struct job){.op = {.kind = CIO_OP_WRITE, .fd = p.b, .buf = block,
		.len = 1, .off = -1}};
	assert_int_equal(run(&w), -EPIPE);
	sigset_t pending;
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGPIPE));
	assert_int_equal(close_fd(p.b), 0);
}

static void files_are_read_and_written_at_once(void **state)
{
	(void)state;
	FILE *f = tmpfile();
	int fd = dup(fileno(f));
	fclose(f);
	cio_fd h;
	char buf[8] = {0}, text[] = "abcdef";
	assert_int_equal(d->ops->adopt(d, fd, &h), 0);
	struct job w = {.op = {.kind = CIO_OP_WRITE, .fd = h, .buf = text,
		.len = 6}};
	assert_int_equal(submit(&w), CIO_DONE);
	assert_int_equal(w.op.res, 6);
	struct job r = {.op = {.kind = CIO_OP_READ, .fd = h, .buf = buf,
		.len = 8, .off = 2}};
	assert_int_equal(submit(&r), CIO_DONE);
	assert_int_equal(r.op.res, 4);
	assert_string_equal(buf, "cdef");
	assert_int_equal(close_fd(h), 0);
}

static void poll_tells_what_is_ready(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[4];
	struct job q = {.op = {.kind = CIO_OP_POLL, .fd = p.a, .off = POLLOUT}};
	assert_int_equal(submit(&q), CIO_DONE);
	assert_int_equal(q.op.res, POLLOUT);
	q = (struct job){.op = {.kind = CIO_OP_POLL, .fd = p.b, .off = POLLIN}};
	start(&q);
	struct job r = recv_job(p.b, buf, sizeof buf);
	start(&r); /* beside it */
	settle();
	assert_int_equal(q.calls, 0);
	assert_int_equal(send_text(p.a, "x"), 1);
	await(&r);
	/* The receive may have been faster than the poll. */
	if (q.last == 0) {
		settle();
		assert_int_equal(send_text(p.a, "y"), 1);
		assert_int_equal(await(&q), POLLIN);
	}
	close_pair(p);
}

/* ---- connections ---- */

static void a_refused_connect_says_so(void **state)
{
	(void)state;
	struct sockaddr_in at;
	cio_fd l = listen_any(&at, 1);
	assert_int_equal(close_fd(l), 0);
	cio_fd c = make_socket(AF_INET, SOCK_STREAM);
	assert_int_equal(connect_to(c, &at), -ECONNREFUSED);
	assert_int_equal(close_fd(c), 0);
}

static void a_connect_can_wait_and_be_cancelled(void **state)
{
	(void)state;
	struct sockaddr_in at;
	cio_fd l = listen_any(&at, 0);
	struct job j[8] = {0};
	int waiting = -1;
	/* A full backlog drops the handshake: the connect hangs. */
	for (int i = 0; i < 8; i++) {
		cio_fd c = make_socket(AF_INET, SOCK_STREAM);
		j[i].op = (cio_op){.kind = CIO_OP_CONNECT, .fd = c, .buf = &at,
			.len = sizeof at};
		assert_true(submit(&j[i]) >= 0);
		if (j[i].op.res == 0 && i >= 4)
			waiting = i;
	}
	settle();
	assert_true(waiting >= 0);
	struct job *w = &j[waiting];
	if (w->last == 0) {
		d->ops->cancel(d, &w->op);
		assert_int_equal(await(w), -ECANCELED);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(close_fd(j[i].op.fd), 0);
	assert_int_equal(close_fd(l), 0);
}

static void accept_waits_for_a_peer(void **state)
{
	(void)state;
	struct sockaddr_in at, name;
	cio_fd l = listen_any(&at, 4), c = make_socket(AF_INET, SOCK_STREAM);
	struct job a = accept_job(l, 0), second = accept_job(l, 0);
	start(&a);
	assert_int_equal(submit(&second), -EBUSY);
	assert_int_equal(connect_to(c, &at), 0);
	assert_int_equal(await(&a), 0);
	struct job n = {.op = {.kind = CIO_OP_SOCKNAME, .flags = CIO_OP_PEER,
		.fd = c, .buf = &name, .len = sizeof name}};
	assert_int_equal(run(&n), sizeof name);
	assert_int_equal(name.sin_port, at.sin_port);
	assert_int_equal(fcntl((int)a.op.out.slot, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl((int)a.op.out.slot, F_GETFL) & O_NONBLOCK);
	close_pair((struct pair){c, a.op.out});
	assert_int_equal(close_fd(l), 0);
}

#define CROWD 150 /* more than a driver accepts in one turn */

static void one_accept_takes_many(void **state)
{
	(void)state;
	struct sockaddr_in at;
	cio_fd l = listen_any(&at, CROWD + 1), c[CROWD];
	struct job a = accept_job(l, CIO_OP_MULTI);
	for (int i = 0; i < CROWD / 2; i++) {
		c[i] = make_socket(AF_INET, SOCK_STREAM);
		assert_int_equal(connect_to(c[i], &at), 0);
	}
	start(&a); /* some are there already, some come later */
	for (int i = CROWD / 2; i < CROWD; i++) {
		c[i] = make_socket(AF_INET, SOCK_STREAM);
		assert_int_equal(connect_to(c[i], &at), 0);
	}
	while (a.calls < CROWD)
		turn(CIO_NEVER);
	assert_int_equal(a.last, 0);
	assert_true(a.op.flags & CIO_OP_MORE);
	settle();
	d->ops->cancel(d, &a.op);
	assert_int_equal(await(&a), -ECANCELED);
	assert_false(a.op.flags & CIO_OP_MORE);
	assert_int_equal(a.calls, CROWD + 1);
	for (int i = 0; i < CROWD; i++)
		close_pair((struct pair){c[i], a.got[i]});
	assert_int_equal(close_fd(l), 0);
}

static struct job closer;

static void close_listener(struct job *j)
{
	if (j->calls == 2 && j->last == 0) {
		closer = (struct job){.op = {.kind = CIO_OP_CLOSE, .fd = j->op.fd}};
		assert_int_equal(submit(&closer), CIO_PENDING);
	}
}

static void a_listener_closes_from_within_its_accept(void **state)
{
	(void)state;
	struct sockaddr_in at;
	cio_fd l = listen_any(&at, 8), c[5];
	struct job a = accept_job(l, CIO_OP_MULTI);
	a.then = close_listener;
	for (int i = 0; i < 5; i++) {
		c[i] = make_socket(AF_INET, SOCK_STREAM);
		assert_int_equal(connect_to(c[i], &at), 0);
	}
	start(&a);
	assert_int_equal(await(&a), -ECANCELED);
	assert_int_equal(await(&closer), 0);
	assert_true(a.order < closer.order);
	for (int i = 0; i < a.calls - 1; i++)
		assert_int_equal(close_fd(a.got[i]), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(close_fd(c[i]), 0);
}

static void accept_without_descriptors(void **state)
{
	(void)state;
	if (check_wrapped())
		check_skip("the tool has its own limits of descriptors");
	for (unsigned flags = 0; flags <= CIO_OP_MULTI; flags += CIO_OP_MULTI) {
		struct sockaddr_in at;
		struct rlimit was, now;
		cio_fd l = listen_any(&at, 4);
		cio_fd c = make_socket(AF_INET, SOCK_STREAM);
		struct job a = accept_job(l, flags);
		getrlimit(RLIMIT_NOFILE, &was);
		int last = dup(0);
		now = (struct rlimit){.rlim_cur = (rlim_t)last + 1,
			.rlim_max = was.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
		close(last);
		start(&a); /* there is one left now, and none when a peer comes */
		settle();
		assert_int_equal(dup(0), last);
		assert_int_equal(connect_to(c, &at), 0);
		assert_int_equal(await(&a), -EMFILE);
		assert_false(a.op.flags & CIO_OP_MORE);
		close(last);
		setrlimit(RLIMIT_NOFILE, &was);
		struct job b = accept_job(l, 0);
		if (run(&b) == 0) /* the kernel may have dropped the peer */
			assert_int_equal(close_fd(b.op.out), 0);
		assert_int_equal(close_fd(c), 0);
		assert_int_equal(close_fd(l), 0);
	}
}

/* ---- ends ---- */

static void a_cancel_ends_what_waits(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[8];
	struct job r = recv_job(p.b, buf, sizeof buf);
	for (int i = 0; i < 3; i++) { /* before and after it reached the kernel */
		r = recv_job(p.b, buf, sizeof buf);
		start(&r);
		if (i > 0)
			settle();
		d->ops->cancel(d, &r.op);
		if (i > 1)
			d->ops->cancel(d, &r.op);
		assert_int_equal(await(&r), -ECANCELED);
	}
	settle();
	assert_int_equal(r.calls, 1);
	assert_int_equal(send_text(p.a, "x"), 1);
	r = recv_job(p.b, buf, sizeof buf);
	assert_int_equal(run(&r), 1); /* nothing was taken */
	close_pair(p);
}

static void a_result_that_came_wins(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[8] = {0};
	for (int i = 0; i < 100; i++) {
		struct job r = recv_job(p.b, buf, sizeof buf);
		start(&r);
		if (i % 2 == 0)
			settle();
		assert_int_equal(send_text(p.a, "x"), 1);
		d->ops->cancel(d, &r.op);
		if (await(&r) == -ECANCELED) { /* then the byte is still there */
			r = recv_job(p.b, buf, sizeof buf);
			assert_int_equal(submit(&r), CIO_DONE);
		}
		assert_int_equal(r.op.res, 1);
	}
	close_pair(p);
}

static void a_close_ends_everything_of_its_handle(void **state)
{
	(void)state;
	for (int flushed = 0; flushed < 2; flushed++) {
		struct pair p = tcp_pair();
		static char block[1 << 20];
		char buf[8];
		struct job s = send_job(p.b, block, sizeof block);
		while (submit(&s) == CIO_DONE)
			assert_true(s.op.res > 0);
		struct job r = recv_job(p.b, buf, sizeof buf);
		start(&r);
		struct job q = {.op = {.kind = CIO_OP_POLL, .fd = p.b,
			.off = POLLIN}};
		start(&q);
		if (flushed)
			settle();
		struct job c = {.op = {.kind = CIO_OP_CLOSE, .fd = p.b}};
		assert_int_equal(submit(&c), CIO_PENDING);
		struct job late = recv_job(p.b, buf, sizeof buf);
		assert_int_equal(submit(&late), -EBADF);
		assert_int_equal(await(&c), 0);
		assert_int_equal(r.op.res, -ECANCELED);
		assert_int_equal(s.op.res, -ECANCELED);
		assert_int_equal(q.op.res, -ECANCELED);
		assert_true(r.last == 1 && s.last == 1 && q.last == 1);
		assert_true(r.order < c.order && s.order < c.order
			&& q.order < c.order);
		assert_int_equal(fcntl((int)p.b.slot, F_GETFD), -1);
		assert_int_equal(close_fd(p.b), -EBADF);
		assert_int_equal(close_fd(p.a), 0);
	}
}

static void a_closed_listener_frees_its_port(void **state)
{
	(void)state;
	struct sockaddr_in at;
	cio_fd l = listen_any(&at, 4);
	struct job a = accept_job(l, CIO_OP_MULTI);
	start(&a);
	settle();
	assert_int_equal(close_fd(l), 0);
	assert_int_equal(a.op.res, -ECANCELED);
	cio_fd again = make_socket(AF_INET, SOCK_STREAM);
	struct job b = {.op = {.kind = CIO_OP_BIND, .fd = again, .buf = &at,
		.len = sizeof at}};
	assert_int_equal(run(&b), 0);
	assert_int_equal(close_fd(again), 0);
}

static void a_reused_number_is_another_handle(void **state)
{
	(void)state;
	char old[8] = {0}, new[8] = {0};
	for (int i = 0; i < 50; i++) {
		struct pair p = tcp_pair();
		struct job r = recv_job(p.b, old, sizeof old);
		start(&r);
		settle();
		assert_int_equal(send_text(p.a, "old"), 3);
		/* The event is on its way while the number changes hands. */
		struct job c = {.op = {.kind = CIO_OP_CLOSE, .fd = p.b}};
		assert_int_equal(run(&c), 0);
		assert_int_equal(close_fd(p.a), 0);

		struct pair q = tcp_pair();
		assert_true(q.a.slot == p.b.slot || q.b.slot == p.b.slot
			|| q.a.slot == p.a.slot);
		assert_true(q.b.slot != p.b.slot
			|| q.b.generation != p.b.generation);
		struct job stale = recv_job(p.b, old, sizeof old);
		assert_int_equal(submit(&stale), -EBADF);
		struct job fresh = recv_job(q.b, new, sizeof new);
		start(&fresh);
		settle();
		assert_int_equal(fresh.calls, 0);
		assert_int_equal(send_text(q.a, "new"), 3);
		assert_int_equal(await(&fresh), 3);
		assert_string_equal(new, "new");
		close_pair(q);
	}
}

static void wrong_handles_and_kinds_are_refused(void **state)
{
	(void)state;
	char b[1];
	cio_fd fd, none = {0}, far = {.slot = 1u << 30, .generation = 1};
	struct job r = recv_job(none, b, 1);
	assert_int_equal(submit(&r), -EBADF);
	r = recv_job(far, b, 1);
	assert_int_equal(submit(&r), -EBADF);
	assert_int_equal(d->ops->adopt(d, 9999, &fd), -EBADF);
	struct pair p = pipe_pair();
	assert_int_equal(d->ops->adopt(d, (int)p.a.slot, &fd), -EEXIST);
	struct job odd = {.op = {.kind = 200, .fd = p.a}};
	assert_int_equal(submit(&odd), -EOPNOTSUPP);
	struct job nop = {.op = {.kind = CIO_OP_NOP}};
	assert_int_equal(run(&nop), 0);
	close_pair(p);
}

/* Each done() starts the other and closes in the end. */
static void play(struct job *j)
{
	if (j->op.res <= 0)
		return;
	if (++j->order > 100) {
		closer = (struct job){.op = {.kind = CIO_OP_CLOSE, .fd = j->op.fd}};
		assert_true(submit(&closer) >= 0);
		return;
	}
	j->last = 0;
	assert_int_equal(send_text(j->op.fd, "x"), 1);
	assert_int_equal(submit(j), CIO_PENDING);
}

static void completions_submit_and_close(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char a[1], b[1];
	struct job x = recv_job(p.a, a, 1), y = recv_job(p.b, b, 1);
	x.then = play;
	y.then = play;
	x.order = 0;
	start(&x);
	start(&y);
	assert_int_equal(send_text(p.a, "x"), 1);
	/* The one that closed first makes the other's receive end. */
	while (d->ops->handles(d) > 1)
		turn(CIO_NEVER);
	while (x.last == 0 || y.last == 0)
		turn(CIO_NEVER);
	cio_fd left = closer.op.fd.slot == p.a.slot ? p.b : p.a;
	assert_int_equal(close_fd(left), 0);
}

/* ---- pooled buffers ---- */

#define POOLED 100 /* more than any ring or cache has */

static void pooled_receives_outlast_the_pool(void **state)
{
	(void)state;
	struct pair p[POOLED];
	static struct job r[POOLED];
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < POOLED; i++) {
			if (round == 0)
				p[i] = tcp_pair();
			r[i] = recv_job(p[i].b, NULL, 0);
			r[i].op.flags = CIO_OP_POOLED;
			start(&r[i]);
		}
		settle();
		for (int i = 0; i < POOLED; i++)
			assert_int_equal(send_text(p[i].a, "bytes"), 5);
		for (int i = 0; i < POOLED; i++) {
			assert_int_equal(await(&r[i]), 5);
			assert_memory_equal(r[i].op.buf, "bytes", 5);
			memset(r[i].op.buf, 'x', CIO_POOLED_SIZE);
		}
		for (int i = 0; i < POOLED; i++)
			d->ops->give(d, r[i].op.buf);
	}
	struct job now = recv_job(p[0].b, NULL, 0);
	now.op.flags = CIO_OP_POOLED;
	assert_int_equal(send_text(p[0].a, "now"), 3);
	assert_int_equal(run(&now), 3);
	d->ops->give(d, now.op.buf);
	for (int i = 0; i < POOLED; i++) { /* the end, and a cancel, hold none */
		struct job end = recv_job(p[i].b, NULL, 0);
		end.op.flags = CIO_OP_POOLED;
		start(&end);
		if (i % 2 == 0) {
			assert_int_equal(close_fd(p[i].a), 0);
			assert_int_equal(await(&end), 0);
		} else {
			d->ops->cancel(d, &end.op);
			assert_int_equal(await(&end), -ECANCELED);
			assert_int_equal(close_fd(p[i].a), 0);
		}
		assert_null(end.op.buf);
		assert_int_equal(close_fd(p[i].b), 0);
	}
}

/* ---- waits and wakes ---- */

static void a_turn_waits_until_its_time(void **state)
{
	(void)state;
	cio_time from = d->ops->now(d);
	cio_time until = from + CIO_US(1500);
	while (d->ops->now(d) < until)
		assert_int_equal(d->ops->turn(d, until), 0);
	assert_int_equal(d->ops->turn(d, from), 0); /* long past */
	assert_int_equal(d->ops->turn(d, 0), 0);
}

static void a_wake_is_kept_for_the_next_turn(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		d->ops->wake(d);
		d->ops->wake(d);
		turn(CIO_NEVER); /* would hang */
	}
}

static atomic_int posted;

static void *wake_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		atomic_fetch_add(&posted, 1);
		d->ops->wake(d);
	}
	return NULL;
}

static void no_wake_of_a_thread_is_lost(void **state)
{
	(void)state;
	pthread_t thread[2];
	atomic_store(&posted, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, wake_often, NULL),
			0);
	/* What was posted after the last look is followed by a wake. */
	while (atomic_load(&posted) < 4000)
		turn(CIO_NEVER);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	settle();
}

static volatile sig_atomic_t rang;

static void on_alarm(int signal)
{
	(void)signal;
	rang = 1;
	d->ops->wake(d);
}

static void a_signal_handler_wakes(void **state)
{
	(void)state;
	struct sigaction new = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct sigaction old;
	sigaction(SIGUSR1, &new, &old);
	timer_t timer;
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &e, &timer), 0);
	for (int i = 0; i < 20; i++) {
		rang = 0;
		struct itimerspec at = {.it_value = {.tv_nsec = 200000}};
		timer_settime(timer, 0, &at, NULL);
		while (!rang) /* a signal just before the wait must not be lost */
			turn(CIO_NEVER);
	}
	timer_delete(timer);
	sigaction(SIGUSR1, &old, NULL);
}

/* ---- scarcity ---- */

static void no_memory_is_an_error_and_no_loss(void **state)
{
	(void)state;
	struct pair p = tcp_pair();
	char buf[4];
	for (uint64_t n = 1; n < 4; n++) {
		struct job r = recv_job(p.b, buf, sizeof buf);
		cio_sim_fail_allocation(n);
		int got = submit(&r);
		cio_sim_fail_allocation(0);
		if (got < 0) {
			assert_int_equal(got, -ENOMEM);
			continue;
		}
		d->ops->cancel(d, &r.op);
		assert_int_equal(await(&r), -ECANCELED);
	}
	/* A descriptor that finds no room in the table. */
	int high = fcntl(0, F_DUPFD, 500);
	cio_fd fd;
	cio_sim_fail_allocation(1);
	assert_int_equal(d->ops->adopt(d, high, &fd), -ENOMEM);
	cio_sim_fail_allocation(0);
	assert_int_equal(d->ops->adopt(d, high, &fd), 0);
	assert_int_equal(close_fd(fd), 0);
	close_pair(p);
}

#define MANY 700 /* more than the submission queue, or one turn, has */

static void many_wait_at_once(void **state)
{
	(void)state;
	static struct job r[MANY];
	static char buf[MANY];
	static struct pair p[MANY];
	for (int i = 0; i < MANY; i++) {
		int fds[2];
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		assert_int_equal(d->ops->adopt(d, fds[0], &p[i].a), 0);
		assert_int_equal(d->ops->adopt(d, fds[1], &p[i].b), 0);
		r[i] = recv_job(p[i].b, &buf[i], 1);
		start(&r[i]);
	}
	for (int i = 0; i < MANY; i++)
		if (i % 2 == 0)
			assert_int_equal(send_text(p[i].a, "x"), 1);
	for (int i = 0; i < MANY; i++)
		if (i % 2 != 0)
			d->ops->cancel(d, &r[i].op);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(await(&r[i]), i % 2 == 0 ? 1 : -ECANCELED);
		close_pair(p[i]);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, SETUP, teardown)
#define CASES \
	CASE(bytes_go_both_ways), \
	CASE(a_half_close_is_an_end_in_one_direction), \
	CASE(a_reset_is_an_error_and_no_signal), \
	CASE(flags_of_recv_are_heard), \
	CASE(a_look_is_true_in_the_next_turn), \
	CASE(a_look_sees_an_end_behind_the_bytes), \
	CASE(big_transfers_arrive_whole), \
	CASE(messages_carry_addresses), \
	CASE(pipes_are_read_and_written), \
	CASE(files_are_read_and_written_at_once), \
	CASE(poll_tells_what_is_ready), \
	CASE(a_refused_connect_says_so), \
	CASE(a_connect_can_wait_and_be_cancelled), \
	CASE(accept_waits_for_a_peer), \
	CASE(one_accept_takes_many), \
	CASE(a_listener_closes_from_within_its_accept), \
	CASE(accept_without_descriptors), \
	CASE(a_cancel_ends_what_waits), \
	CASE(a_result_that_came_wins), \
	CASE(a_close_ends_everything_of_its_handle), \
	CASE(a_closed_listener_frees_its_port), \
	CASE(a_reused_number_is_another_handle), \
	CASE(wrong_handles_and_kinds_are_refused), \
	CASE(completions_submit_and_close), \
	CASE(pooled_receives_outlast_the_pool), \
	CASE(a_turn_waits_until_its_time), \
	CASE(a_wake_is_kept_for_the_next_turn), \
	CASE(no_wake_of_a_thread_is_lost), \
	CASE(a_signal_handler_wakes), \
	CASE(no_memory_is_an_error_and_no_loss), \
	CASE(many_wait_at_once)

int main(void)
{
#define SETUP setup_epoll
	static const struct CMUnitTest on_epoll[] = {CASES};
#undef SETUP
#define SETUP setup_uring
	static const struct CMUnitTest on_uring[] = {CASES};
#undef SETUP
	alarm(120);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < 2048) {
		files.rlim_cur = files.rlim_max < 2048 ? files.rlim_max : 2048;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	int failed = cmocka_run_group_tests_name("epoll", on_epoll, NULL, NULL);
	int err = open_driver(&driver_uring);
	if (err < 0) {
		print_message("uring cannot run here: %d\n", err);
		return failed;
	}
	d->ops->close(d);
	return failed
		+ cmocka_run_group_tests_name("uring", on_uring, NULL, NULL);
}

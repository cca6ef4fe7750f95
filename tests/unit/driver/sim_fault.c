/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * sim_fault.c - each fault by itself: what it does, and that nothing else happens
 */
#include "unit/driver/sim.h"

static void set(cio_sim_faults f)
{
	struct sim *s = (struct sim *)(void *)d;
	s->faults = f;
	s->figures = (cio_sim_figures){0};
}

static uint64_t struck(void)
{
	return ((struct sim *)(void *)d)->figures.struck;
}

/* Over all seeds, so that what is by chance has happened. */
static int seen[8];

static void for_seeds_and_see(void (*scenario)(void), int kinds)
{
	memset(seen, 0, sizeof seen);
	for_seeds(scenario);
	for (int i = 0; i < kinds; i++)
		assert_true(seen[i] > 0);
}

static void transfers_are_short_now_and_then(void)
{
	struct pair p = make_pair();
	size_t sent = 0, came = 0;
	set((cio_sim_faults){.short_transfers = 2});
	for (int i = 0; i < 20; i++) {
		int n = perform(sending(p.a, big, 100));
		assert_true(n >= 1 && n <= 100);
		seen[n == 100]++;
		sent += (size_t)n;
	}
	while (came < sent) {
		int n = perform(receiving(p.b, got, 50));
		assert_true(n >= 1 && n <= 50);
		came += (size_t)n;
	}
	assert_int_equal(came, sent);
	assert_true(struck() > 0);
}

static void short_transfers(void **state)
{
	(void)state;
	for_seeds_and_see(transfers_are_short_now_and_then, 2);
}

static void readiness_that_is_none(void)
{
	struct pair p = make_pair();
	set((cio_sim_faults){.spurious = 2});
	for (int i = 0; i < 10; i++) {
		while (send_text(p.a, "x") != 1)
			;
		cio_op now = receiving(p.b, got, 1);
		now.off = MSG_DONTWAIT | MSG_PEEK;
		int n = perform(now);
		assert_true(n == 1 || n == -EAGAIN);
		seen[n == 1]++;
		assert_int_equal(perform(receiving(p.b, got, 1)), 1);
	}
}

static void spurious(void **state)
{
	(void)state;
	for_seeds_and_see(readiness_that_is_none, 2);
}

static void buffers_run_out(void)
{
	struct pair p = make_pair();
	int sent = 0;
	set((cio_sim_faults){.no_buffers = 2});
	for (int i = 0; i < 20; i++) {
		int n = send_text(p.a, "x");
		assert_true(n == 1 || n == -ENOBUFS);
		seen[n == 1]++;
		sent += n == 1;
	}
	while (sent > 0) {
		struct probe in;
		cio_op op = {.kind = CIO_OP_RECV, .fd = p.b, .len = 1,
			.flags = CIO_OP_POOLED};
		assert_true(start(&in, op) >= 0);
		finish(&in);
		assert_int_equal(in.op.res, 1);
		d->ops->give(d, in.op.buf);
		sent--;
	}
}

static void no_buffers(void **state)
{
	(void)state;
	for_seeds_and_see(buffers_run_out, 2);
}

SCENARIO(full_queue)
{
	struct pair p = make_pair();
	set((cio_sim_faults){.full_queue = 1});
	struct probe in;
	for (int i = 0; i < 3; i++)
		assert_int_equal(start(&in, receiving(p.b, got, 1)), -ENOMEM);
	assert_int_equal(in.calls, 0);
	set((cio_sim_faults){0});
	assert_int_equal(send_text(p.a, "x"), 1);
	assert_int_equal(perform(receiving(p.b, got, 1)), 1);
	set((cio_sim_faults){.full_queue = 1});
	assert_int_equal(shut(p.b), 0); /* an end is never refused */
}

/* One that waits, is woken for nothing, and finds no room to wait again. */
SCENARIO(full_queue_while_waiting)
{
	struct pair p = make_pair();
	struct probe in, wide;
	assert_int_equal(start(&in, receiving(p.b, got, 1)), CIO_PENDING);
	settle_down();
	assert_true(start(&wide, (cio_op){.kind = CIO_OP_SHUTDOWN, .fd = p.b,
		.len = SHUT_WR}) >= 0); /* a change, but no bytes */
	set((cio_sim_faults){.full_queue = 1});
	settle_down();
	assert_int_equal(in.calls, 1);
	assert_int_equal(in.op.res, -ENOMEM);
	set((cio_sim_faults){0});
	assert_int_equal(shut(p.b), 0);
	assert_int_equal(in.calls, 1);
}

static void descriptors_are_refused(void)
{
	struct probe p;
	cio_fd l = listen_at(80, 4), a = make(AF_INET, SOCK_STREAM);
	assert_int_equal(connect_to(a, at_port(80)), 0);
	set((cio_sim_faults){.no_descriptor = 1});
	int err = perform((cio_op){.kind = CIO_OP_SOCKET, .off = AF_INET,
		.len = SOCK_STREAM});
	assert_true(err == -EMFILE || err == -ENFILE);
	seen[err == -EMFILE]++;
	assert_true(start(&p, (cio_op){.kind = CIO_OP_ACCEPT, .fd = l}) >= 0);
	finish(&p);
	assert_true(p.op.res == -EMFILE || p.op.res == -ENFILE);
	set((cio_sim_faults){0});
	assert_true(cio_fd_open(accept_from(l))); /* it has waited */
}

static void no_descriptor(void **state)
{
	(void)state;
	for_seeds_and_see(descriptors_are_refused, 2);
}

SCENARIO(refused_connects)
{
	cio_fd l = listen_at(80, 4), a = make(AF_INET, SOCK_STREAM);
	set((cio_sim_faults){.refused_connects = 1});
	assert_int_equal(connect_to(a, at_port(80)), -ECONNREFUSED);
	assert_int_equal(struck(), 1);
	set((cio_sim_faults){0});
	assert_int_equal(connect_to(a, at_port(80)), 0);
	(void)accept_from(l);
}

static void operations_are_late(void)
{
	struct probe p;
	cio_time before = d->ops->now(d);
	set((cio_sim_faults){.latency_us = 10, .late_us = 20});
	assert_int_equal(start(&p, (cio_op){.kind = CIO_OP_NOP}), CIO_PENDING);
	while (p.calls == 0)
		(void)d->ops->turn(d, CIO_NEVER);
	cio_duration took = d->ops->now(d) - before;
	assert_true(took >= CIO_US(10) && took <= CIO_US(30));
	seen[took > CIO_US(20)]++;
}

static void late(void **state)
{
	(void)state;
	for_seeds_and_see(operations_are_late, 2);
}

/* What went out before comes in, then the error, once, then the end. */
SCENARIO(reset_at_any_byte)
{
	for (uint64_t k = 1; k <= 10; k++) {
		struct pair p = make_pair();
		set((cio_sim_faults){.reset_at = k});
		int first = send_text(p.a, "hello"), second = -1;
		if (first == 5)
			second = send_text(p.a, "world");
		assert_int_equal(first, k == 1 ? -ECONNRESET : k <= 5
			? (int)k - 1 : 5);
		if (k == 6)
			assert_int_equal(second, -ECONNRESET);
		else if (k > 6)
			assert_int_equal(second, (int)k - 6);
		for (size_t left = (size_t)k - 1; left > 0;) {
			int n = perform(receiving(p.b, got, sizeof got));
			assert_true(n > 0 && (size_t)n <= left);
			left -= (size_t)n;
		}
		assert_int_equal(perform(receiving(p.b, got, 1)), -ECONNRESET);
		assert_int_equal(perform(receiving(p.b, got, 1)), 0);
		int after = send_text(p.a, "x"); /* told, if it was not yet */
		assert_true(after == -ECONNRESET || after == -EPIPE);
		assert_int_equal(send_text(p.a, "x"), -EPIPE);
		assert_int_equal(struck(), 1);
		assert_int_equal(shut(p.a), 0);
		assert_int_equal(shut(p.b), 0);
		assert_int_equal(shut(p.listener), 0);
	}
}

/* With all of them on, the same seed is the same run. */
static uint64_t trace_of(uint64_t seed)
{
	uint64_t blocks = cio_sim_blocks(), sum = 0;
	open_seed(seed);
	struct pair p = make_pair();
	set((cio_sim_faults){.short_transfers = 3, .spurious = 3,
		.no_buffers = 4, .full_queue = 5, .latency_us = 3,
		.late_us = 9});
	for (int i = 0; i < 60; i++) {
		int n = perform(sending(p.a, big, 50));
		sum = sum * 31 + (uint64_t)(n + 200);
		if (n > 0) {
			n = perform(receiving(p.b, got, 20));
			sum = sum * 31 + (uint64_t)(n + 200);
		}
	}
	sum = sum * 31 + (uint64_t)d->ops->now(d);
	close_driver(blocks);
	return sum;
}

static void a_seed_is_a_run(void **state)
{
	uint64_t different = 0;
	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		uint64_t sum = trace_of(seed);
		assert_true(sum == trace_of(seed));
		different += sum != trace_of(seed + 1);
	}
	assert_int_equal(different, 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_transfers),
		cmocka_unit_test(spurious),
		cmocka_unit_test(no_buffers),
		cmocka_unit_test(full_queue),
		cmocka_unit_test(full_queue_while_waiting),
		cmocka_unit_test(no_descriptor),
		cmocka_unit_test(refused_connects),
		cmocka_unit_test(late),
		cmocka_unit_test(reset_at_any_byte),
		cmocka_unit_test(a_seed_is_a_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * reset_behind_bytes.c - a reset that came together with the last bytes
 *
 * A receive that goes on in the kernel was told of both at once, took the bytes,
 * and was not told of the reset again: who waited for more waited for ever.
 */
#include "check.h"

#include <errno.h>

#include "unit/io/in_step.h"

enum { SOONER_OR_LATER = 9 }; /* by then a driver that can receives ahead */

static int fill_soon(cio_stream *s)
{
	int err = 0;
	CIO_TIMEOUT (CIO_S(5), &err) {
		err = (int)cio_stream_fill(s);
	}
	return err;
}

static int send_and_reset(const struct message *m)
{
	int err = send_bytes(m->s, m->at, 64);
	cio_stream_abort(m->s);
	return err;
}

/* Before the loop has asked the kernel: when b waits already, or does not yet. */
static int meet(struct pair *p, size_t at, bool waits)
{
	struct message last = {p->a, at};
	int err = 0;
	p->a = NULL;
	CIO_GROUP (g, &err) {
		err = waits ? cio_group_spawn(&g, send_and_reset, &last) :
			      send_and_reset(&last);
		CHECK_INT(fill_soon(p->b), 64);
	}
	check_bytes(cio_stream_peek(p->b).p, at, 64);
	cio_stream_consume(p->b, 64);
	return err;
}

/* ---- who is told ---- */

static int who_reads(const struct pair *p)
{
	CHECK_INT(fill_soon(p->b), -ECONNRESET);
	CHECK_INT(fill_soon(p->b), 0);
	return 0;
}

/* By the write or by the read. */
static int who_answers(const struct pair *p)
{
	int err = cio_stream_write(p->b, "answer", 6, NULL);
	CHECK(err == -ECONNRESET || err == -EPIPE);
	err = fill_soon(p->b);
	CHECK(err == -ECONNRESET || err == 0);
	return 0;
}

struct idle {
	cio_stream_idle wait;
	cio_event over;
	int err;
};

static void ready(cio_stream_idle *wait, int err)
{
	struct idle *idle = (struct idle *)(void *)wait;
	idle->err = err;
	cio_event_set(&idle->over);
}

static int who_waits_idle(const struct pair *p)
{
	struct idle idle = {.wait.ready = ready};
	int err = 0;
	CIO_GROUP (g, &err) {
		idle.err = cio_stream_wait_idle(p->b, &idle.wait, &g,
			cio_now() + CIO_S(5));
		if (idle.err == 0)
			err = cio_event_wait(&idle.over);
	}
	CHECK_INT(idle.err, -ECONNRESET);
	return err;
}

static int (*const all[])(const struct pair *) = {
	who_reads,
	who_answers,
	who_waits_idle,
};

static int meet_after(int steps, bool waits, int (*then)(const struct pair *))
{
	struct pair p;
	size_t at = 0;
	int err = pair_open(&p);
	if (err == 0)
		err = step(&p, &at, steps);
	if (err == 0)
		err = meet(&p, at, waits);
	if (err == 0)
		err = then(&p);
	pair_close(&p);
	return err;
}

static int meet_all(void *arg)
{
	(void)arg;
	int err = 0;
	for (int i = 0; i < SOONER_OR_LATER * 2 && err == 0; i++)
		for (size_t k = 0; k < sizeof all / sizeof *all && err == 0;
			k++)
			err = meet_after(i / 2, i % 2, all[k]);
	return err;
}

static void a_reset_behind_bytes_is_told(void **state)
{
	(void)state;
	assert_int_equal(run_closing(meet_all, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_behind_bytes_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

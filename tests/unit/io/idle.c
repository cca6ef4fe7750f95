/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * idle.c - streams that wait for their peer without a task
 */
#include "check.h"

#include <errno.h>

#include "base/list.h"
#include "base/mem.h"
#include "unit/io/pair.h"

struct wait {
	cio_stream_idle idle;
	cio_event called;
	int calls, err;
	bool drop;
};

static void ready(cio_stream_idle *idle, int err)
{
	struct wait *w = container_of(idle, struct wait, idle);
	w->calls++;
	w->err = err;
	if (w->drop)
		cio_stream_drop(idle->stream);
	cio_event_set(&w->called);
}

static int start(struct wait *w, cio_stream *s, cio_group *g, cio_time deadline)
{
	bool drop = w->drop;
	*w = (struct wait){.idle = {.ready = ready}, .drop = drop};
	return cio_stream_wait_idle(s, &w->idle, g, deadline);
}

/* ---- what may come ---- */

static int bytes(void *arg)
{
	(void)arg;
	struct pair p;
	struct wait w = {0};
	char buf[8] = "";
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	for (int i = 0; i < 3; i++) {
		CIO_GROUP(g, &err) {
			CHECK_INT(start(&w, p.a, &g, 0), 0);
			CHECK(p.a->input == NULL); /* it costs no buffer */
			CHECK_INT(cio_stream_read(p.a, buf, 1), -EBUSY);
			CHECK_INT(cio_stream_write(p.b, "abc", 3, NULL), 0);
			CHECK_INT(cio_event_wait(&w.called), 0);
		}
		CHECK_INT(err, 0);
		CHECK_INT(w.calls, 1);
		CHECK_INT(w.err, 0);
		CHECK(cio_str_equal(cio_stream_peek(p.a), cio_str_of("abc")));
		/* They are here already, so nothing waits. */
		CHECK_INT(start(&w, p.a, NULL, 0), 1);
		CHECK_INT(cio_stream_read_exactly(p.a, buf, 3, NULL), 0);
		CHECK(strcmp(buf, "abc") == 0);
	}
	pair_close(&p);
	CHECK_INT(w.calls, 0);
	return 0;
}

static int end_of_input(void *arg)
{
	(void)arg;
	struct pair p;
	struct wait w = {0};
	char c;
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		CHECK_INT(start(&w, p.a, &g, 0), 0);
		CHECK_INT(cio_stream_shutdown(p.b), 0);
		CHECK_INT(cio_event_wait(&w.called), 0);
	}
	CHECK_INT(w.err, 0);
	CHECK_INT(start(&w, p.a, NULL, 0), 1);
	CHECK_INT(cio_stream_read(p.a, &c, 1), 0);
	pair_close(&p);
	return 0;
}

static int reset(void *arg)
{
	(void)arg;
	struct pair p;
	struct wait w = {.drop = true};
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		CHECK_INT(start(&w, p.a, &g, 0), 0);
		cio_stream_abort(p.b);
		CHECK_INT(cio_event_wait(&w.called), 0);
	}
	CHECK_INT(w.err, -ECONNRESET);
	return 0;
}

static int deadline(void *arg)
{
	(void)arg;
	struct pair p;
	struct wait w = {.drop = true};
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		CHECK_INT(start(&w, p.a, &g, cio_now() + CIO_MS(5)), 0);
		CHECK_INT(cio_event_wait(&w.called), 0);
	}
	CHECK_INT(w.calls, 1);
	CHECK_INT(w.err, -ETIMEDOUT);
	cio_stream_close(p.b);
	return 0;
}

static int group_cancel(void *arg)
{
	(void)arg;
	struct pair p;
	struct wait w = {0}, late = {0};
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		CHECK_INT(start(&w, p.a, &g, cio_now() + CIO_S(60)), 0);
		CHECK_INT(w.calls, 0);
		cio_group_cancel(&g, "enough");
		CHECK_INT(start(&late, p.b, &g, 0), -ECANCELED);
	}
	CHECK_INT(w.calls, 1);
	CHECK_INT(w.err, -ECANCELED);
	CHECK_INT(late.calls, 0);
	/* Nothing was lost: both may go on. */
	CHECK(cio_stream_reusable(p.a) && cio_stream_reusable(p.b));
	pair_close(&p);
	return 0;
}

static int closed(void *arg)
{
	int *how = arg;
	struct pair p;
	struct wait w = {.drop = true}; /* which does nothing then */
	int err = pair_open(&p);
	if (!CHECK_INT(err, 0))
		return err;
	CIO_GROUP(g, &err) {
		CHECK_INT(start(&w, p.a, &g, 0), 0);
		if (*how == 0)
			cio_stream_close(p.a);
		else if (*how == 1)
			cio_stream_abort(p.a);
		else
			cio_stream_drop(p.a);
		CHECK(w.calls == 1 || *how == 2);
	}
	CHECK_INT(w.calls, 1);
	CHECK_INT(w.err, -ECANCELED);
	cio_stream_close(p.b);
	return 0;
}

/* ---- a server that keeps no task for a quiet connection ---- */

struct guest {
	cio_stream_idle idle;
	cio_group *group;
	int *served;
};

struct serving {
	struct guest *guest;
};

static void leave(struct guest *g)
{
	cio_stream_drop(g->idle.stream);
	cio__free(g);
}

static int serve(const struct serving *s)
{
	struct guest *g = s->guest;
	cio_stream *stream = g->idle.stream;
	char c;
	for (;;) {
		if (cio_stream_read(stream, &c, 1) != 1 ||
			cio_stream_write(stream, &c, 1, NULL) != 0)
			break;
		++*g->served;
		int err = cio_stream_wait_idle(stream, &g->idle, g->group,
			cio_now() + CIO_S(60));
		if (err == 0)
			return 0; /* it waits without us */
		if (err < 0)
			break;
	}
	leave(g);
	return 0;
}

static void wake_guest(cio_stream_idle *idle, int err)
{
	struct guest *g = container_of(idle, struct guest, idle);
	if (err < 0 || cio_group_try_spawn(g->group, serve,
			&(struct serving){g}) < 0)
		leave(g);
}

enum { GUESTS = 20, ROUNDS = 3 };

static int visit(cio_stream *s[GUESTS], cio_group *g, int *served)
{
	for (int i = 0; i < GUESTS; i++) {
		struct pair p;
		struct guest *guest = cio__zalloc(sizeof *guest);
		if (!CHECK_INT(pair_open(&p), 0))
			return -1;
		guest->group = g;
		guest->served = served;
		guest->idle.ready = wake_guest;
		s[i] = p.a;
		CHECK_INT(cio_stream_wait_idle(p.b, &guest->idle, g, 0), 0);
	}
	CHECK_INT(cio_group_alive(g), 0);
	for (int i = 0; i < GUESTS * ROUNDS; i++) {
		char c = (char)i, back = 0;
		CHECK_INT(cio_stream_write(s[i % GUESTS], &c, 1, NULL), 0);
		CHECK_INT(cio_stream_read(s[i % GUESTS], &back, 1), 1);
		CHECK_INT(back, c);
	}
	return 0;
}

static int quiet_server(void *arg)
{
	(void)arg;
	cio_stream *s[GUESTS] = {0};
	int err = 0, served = 0;
	CIO_GROUP(g, &err) {
		err = visit(s, &g, &served);
		/* Half of them leave, the other half is sent away. */
		for (int i = 0; i < GUESTS / 2; i++)
			cio_stream_close(s[i]);
		CHECK_INT(cio_sleep(CIO_MS(5)), 0);
		cio_group_cancel(&g, "the house closes");
	}
	CHECK_INT(err, 0);
	CHECK_INT(served, GUESTS * ROUNDS);
	for (int i = GUESTS / 2; i < GUESTS; i++)
		cio_stream_close(s[i]);
	return 0;
}

static void bytes_wake(void **state)
{
	(void)state;
	assert_int_equal(run_closing(bytes, NULL), 0);
}

static void end_wakes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(end_of_input, NULL), 0);
}

static void reset_wakes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(reset, NULL), 0);
}

static void deadline_wakes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(deadline, NULL), 0);
}

static void group_cancel_wakes(void **state)
{
	(void)state;
	assert_int_equal(run_closing(group_cancel, NULL), 0);
}

static void close_wakes(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++)
		assert_int_equal(run_closing(closed, &how), 0);
}

static void quiet_server_serves(void **state)
{
	(void)state;
	assert_int_equal(run_closing(quiet_server, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_wake),
		cmocka_unit_test(end_wakes),
		cmocka_unit_test(reset_wakes),
		cmocka_unit_test(deadline_wakes),
		cmocka_unit_test(group_cancel_wakes),
		cmocka_unit_test(close_wakes),
		cmocka_unit_test(quiet_server_serves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

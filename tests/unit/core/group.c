/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * group.c - tasks that end together: errors, cancels, places, the close
 */
#include <cio/group.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <cio/impl.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static const cio_duration LONG = CIO_S(3600);

static int ends_at_once(const int *result)
{
	return *result;
}

static int yields_then(const int *result)
{
	int err = cio_yield();
	return err < 0 ? err : *result;
}

struct sleeper {
	cio_duration d;
	int *ended;
	int *saw;
};

static int sleeps(const struct sleeper *s)
{
	int err = cio_sleep(s->d);
	if (s->saw != NULL)
		*s->saw = err;
	*s->ended += 1;
	return err;
}

static int cleans_up(const struct sleeper *s)
{
	int err = cio_sleep(LONG), ignored = 0;
	CIO_SHIELD (LONG, &ignored) {
		ignored = cio_sleep(s->d);
	}
	*s->ended += 1;
	return err;
}

/* ---- the close ---- */

static int close_waits_for_all(void *arg)
{
	(void)arg;
	int ended = 0, err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 10; i++)
			CHECK_INT(cio_group_spawn(&g, sleeps,
					  &(struct sleeper){CIO_US(100 * i),
						  &ended, NULL}),
				0);
		CHECK_INT(cio_group_alive(&g), 10);
		err = 4;
	}
	CHECK_INT(ended, 10);
	CHECK_INT(err, 4); /* the body's */
	return 0;
}

static int empty_group(void *arg)
{
	(void)arg;
	cio_group g;
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_alive(&g), 0);
	CHECK_INT(cio_group_error(&g), 0);
	CHECK_INT(cio_group_close(&g, -EIO), -EIO);
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_close(&g, 0), 0);
	return 0;
}

/* A close is not interrupted; the cancel reaches the children. */
static int close_waits_for_slow_cleanup(void *arg)
{
	(void)arg;
	int ended = 0, err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < 3; i++)
				CHECK_INT(cio_group_spawn(&g, cleans_up,
						  &(struct sleeper){CIO_MS(2),
							  &ended, NULL}),
					0);
		}
		CHECK_INT(ended, 3);
		CHECK_INT(err,
			-ECANCELED); /* the scope cut the children short */
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int returns_out_of_it(int *ended)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps,
				  &(struct sleeper){CIO_MS(1), ended, NULL}),
			0);
		return 42;
	}
	return err;
}

static int return_joins(void *arg)
{
	(void)arg;
	int ended = 0, err = 0;
	CHECK_INT(returns_out_of_it(&ended), 42);
	CHECK_INT(ended, 1);
	for (int i = 0; i < 2; i++) {
		CIO_GROUP (g, &err) {
			CHECK_INT(cio_group_spawn(&g, sleeps,
					  &(struct sleeper){CIO_MS(1), &ended,
						  NULL}),
				0);
			if (i == 0)
				break;
			continue;
		}
		CHECK_INT(ended, 2 + i);
	}
	return 0;
}

static int spawn_into_an_ended_group(void *arg)
{
	(void)arg;
	cio_group g;
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){0}), -ESHUTDOWN);
	CHECK_INT(cio_group_try_spawn(&g, ends_at_once, &(int){0}), -ESHUTDOWN);
	cio_group_cancel(&g, "a no-op");
	return 0;
}

static int closes_it(cio_group *const *g)
{
	CHECK_INT(cio_group_close(*g, 0), -EDEADLK);
	return 0;
}

static int close_from_inside(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		cio_group *p = &g;
		CHECK_INT(cio_group_spawn(&g, closes_it, &p), 0);
	}
	CHECK_INT(err, 0);
	return 0;
}

struct chain {
	cio_group *g;
	int left;
	int *ended;
};

static int spawns_the_next(const struct chain *c)
{
	int err = cio_yield();
	struct chain next = {c->g, c->left - 1, c->ended};
	if (err == 0 && c->left > 0)
		err = cio_group_spawn(c->g, spawns_the_next, &next);
	*c->ended += 1;
	return err;
}

/* Spawning while closing is allowed until the last child ends. */
static int spawn_while_closing(void *arg)
{
	(void)arg;
	int ended = 0, err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, spawns_the_next,
				  &(struct chain){&g, 10, &ended}),
			0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(ended, 11);
	return 0;
}

/* ---- errors ---- */

static int first_error_cancels_the_rest(void *arg)
{
	(void)arg;
	int ended = 0, saw[3] = {0}, err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_spawn(&g, sleeps,
					  &(struct sleeper){LONG, &ended,
						  &saw[i]}),
				0);
		CHECK_INT(cio_group_spawn(&g, yields_then, &(int){-EPROTO}), 0);
		err = cio_sleep(LONG);
		CHECK_INT(err, -ECANCELED); /* the body, too */
		CHECK_INT(cio_group_error(&g), -EPROTO);
	}
	CHECK_INT(err, -EPROTO);
	CHECK_INT(ended, 3);
	for (int i = 0; i < 3; i++)
		CHECK_INT(saw[i], -ECANCELED);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

static int child_error_beats_the_bodys(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-EPROTO}),
			0);
		CHECK_INT(cio_yield(), 0); /* it has failed */
		err = -EIO;
	}
	CHECK_INT(err, -EPROTO);
	int ended = 0, saw = 0;
	err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps,
				  &(struct sleeper){CIO_MS(1), &ended, &saw}),
			0);
		err = -EIO; /* the body's own: it cancels the children */
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(saw, -ECANCELED);
	return 0;
}

static int text_of_the_first(const int *n)
{
	return cio_fail(-EIO, "disk %d", *n);
}

static int first_of_two_errors(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, text_of_the_first, &(int){1}), 0);
		CHECK_INT(cio_group_spawn(&g, text_of_the_first, &(int){2}), 0);
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-EPIPE}), 0);
	}
	CHECK_INT(err, -EIO);
	CHECK(strcmp(cio_error_text(), "disk 1") == 0);
	return 0;
}

/* A refusal that is nobody's doing but the child's own is an error. */
static int childs_own_refusal_is_an_error(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-ECANCELED}),
			0);
	}
	CHECK_INT(err, -ECANCELED);
	err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-ETIMEDOUT}),
			0);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int times_out_by_itself(const int *unused)
{
	(void)unused;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		err = cio_sleep(LONG);
	}
	return err;
}

static int childs_own_timeout_is_an_error(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, times_out_by_itself, &(int){0}),
			0);
	}
	CHECK_INT(err, -ETIMEDOUT);
	return 0;
}

static int one_fails_after_the_parent_timed_out(const int *unused)
{
	(void)unused;
	CHECK_INT(cio_sleep(LONG), -ECANCELED);
	return -EIO;
}

/* One fails while the parent times out: an error beats the outer cause. */
static int error_beats_the_timeout(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			CHECK_INT(cio_group_spawn(&g,
					  one_fails_after_the_parent_timed_out,
					  &(int){0}),
				0);
		}
		CHECK_INT(err, -EIO);
		CHECK_INT(cio_checkpoint(), -ETIMEDOUT); /* met at the next */
	}
	CHECK_INT(err, -EIO);
	return 0;
}

/* The timer first: the children are refused, and the result is -ETIMEDOUT. */
static int timeout_refuses_the_children(void *arg)
{
	(void)arg;
	int ended = 0, err = 0;
	CIO_TIMEOUT (CIO_MS(1), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < 2; i++)
				CHECK_INT(cio_group_spawn(&g, sleeps,
						  &(struct sleeper){LONG,
							  &ended, NULL}),
					0);
		}
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(ended, 2);
	return 0;
}

/* A late scope around a group of which nobody was cut short. */
static int nobody_was_cut_short(void *arg)
{
	(void)arg;
	cio_scope s;
	cio_scope_begin(&s, cio_now() - 1);
	CHECK_INT(cio_checkpoint(), -ETIMEDOUT); /* that was before the group */
	cio_group g;
	cio_group_open(&g, NULL);
	CHECK_INT(cio_group_try_spawn(&g, ends_at_once, &(int){0}), 0);
	CHECK_INT(cio_group_close(&g, 0), 0);
	CHECK_INT(cio_scope_end(&s, 0), 0);
	return 0;
}

static int collects(void *arg)
{
	(void)arg;
	int ended = 0, saw = 99, err = 0;
	CIO_GROUP (g, &err, .errors = CIO_COLLECT) {
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-EIO}), 0);
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-EPERM}), 0);
		CHECK_INT(cio_group_spawn(&g, sleeps,
				  &(struct sleeper){CIO_MS(1), &ended, &saw}),
			0);
		CHECK_INT(cio_sleep(CIO_US(1)), 0); /* the body goes on */
		CHECK_INT(cio_group_error(&g), -EIO);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(saw, 0);
	CHECK_INT(ended, 1);
	return 0;
}

/* ---- cancel ---- */

static int quiet_cancel(void *arg)
{
	(void)arg;
	int ended = 0, saw = 99, err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, sleeps,
				  &(struct sleeper){LONG, &ended, &saw}),
			0);
		CHECK_INT(cio_yield(), 0);
		cio_group_cancel(&g, "I have what I need");
		cio_group_cancel(&g, "again");
		err = cio_sleep(LONG);
		CHECK_INT(err, -ECANCELED);
		CHECK(strcmp(cio_cancel_reason(), "I have what I need") == 0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(saw, -ECANCELED);
	CHECK_INT(ended, 1);
	CHECK_INT(cio_checkpoint(), 0);
	return 0;
}

/* Spawned into a cancelled group, the body runs and is refused at its wait. */
static int spawn_into_a_cancelled_group(void *arg)
{
	(void)arg;
	int ended = 0, saw = 99, err = 0;
	CIO_GROUP (g, &err) {
		cio_group_cancel(&g, "test");
		CHECK_INT(cio_group_try_spawn(&g, sleeps,
				  &(struct sleeper){LONG, &ended, &saw}),
			0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(saw, -ECANCELED);
	return 0;
}

static int cancels_itself(const int *unused)
{
	(void)unused;
	cio_task_cancel(cio_current_task(), "myself");
	return cio_sleep(LONG);
}

/* A child cancelled alone neither fails the group nor touches its siblings. */
static int child_that_cancels_itself(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		CHECK_INT(cio_group_spawn(&g, cancels_itself, &(int){0}), 0);
	}
	CHECK_INT(err, 0);
	return 0;
}

struct inner_args {
	int *ended;
	int *inner_err;
};

static int opens_a_group(const struct inner_args *a)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, sleeps,
				&(struct sleeper){LONG, a->ended, NULL});
		err = cio_sleep(LONG);
	}
	*a->inner_err = err;
	return err;
}

static int nested(void *arg)
{
	(void)arg;
	int ended = 0, inner_err = 0, err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_spawn(&g, opens_a_group,
					  &(struct inner_args){&ended,
						  &inner_err}),
				0);
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		CHECK_INT(cio_group_spawn(&g, ends_at_once, &(int){-EIO}), 0);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(inner_err, -ECANCELED);
	CHECK_INT(ended, 9);
	return 0;
}

/* ---- places ---- */

static int running, most;

static int counts(const int *id)
{
	(void)id;
	if (++running > most)
		most = running;
	int err = cio_sleep(CIO_US(100));
	running--;
	return err;
}

static int limit_bounds(void *arg)
{
	(void)arg;
	int err = 0;
	running = most = 0;
	CIO_GROUP (g, &err, .limit = 3) {
		for (int i = 0; i < 3; i++)
			CHECK_INT(cio_group_try_spawn(&g, counts, &i), 0);
		CHECK_INT(cio_group_try_spawn(&g, counts, &(int){0}), -EAGAIN);
		for (int i = 0; i < 20; i++) {
			CHECK_INT(cio_group_spawn(&g, counts, &i), 0);
			CHECK(cio_group_alive(&g) <= 3);
		}
	}
	CHECK_INT(err, 0);
	CHECK_INT(most, 3);
	CHECK_INT(running, 0);
	return 0;
}

struct spawner {
	cio_group *g;
	int id;
	int *err;
};

static int order[16], order_n;

static int notes_id(const int *id)
{
	order[order_n++] = *id;
	return cio_yield();
}

static int spawns_one(const struct spawner *s)
{
	int err = cio_group_spawn(s->g, notes_id, &s->id);
	if (s->err != NULL)
		*s->err = err;
	return err;
}

/* Spawners get places in order of arrival, and a refused one gives up its. */
static int places_in_order(void *arg)
{
	(void)arg;
	int err = 0, refused = 0;
	cio_task *t[8];
	order_n = 0;
	CIO_GROUP (g, &err, .limit = 1) {
		CHECK_INT(cio_group_spawn(&g, notes_id, &(int){100}), 0);
		for (int i = 0; i < 8; i++)
			t[i] = cio_spawn(spawns_one,
				&(struct spawner){&g, i,
					i == 3 ? &refused : NULL});
		CHECK_INT(cio_yield(), 0);
		cio_task_cancel(t[3], "test");
		for (int i = 0; i < 8; i++)
			CHECK_INT(cio_await(t[i]), i == 3 ? -ECANCELED : 0);
	}
	CHECK_INT(err, 0);
	CHECK_INT(refused, -ECANCELED);
	const int want[] = {100, 0, 1, 2, 4, 5, 6, 7};
	CHECK_INT(order_n, 8);
	for (int i = 0; i < 8; i++)
		CHECK_INT(order[i], want[i]);
	return 0;
}

/* The body waits for a place when a child fails: it is refused. */
static int waits_for_a_place_and_is_refused(void *arg)
{
	(void)arg;
	int err = 0, ended = 0;
	CIO_GROUP (g, &err, .limit = 2) {
		CHECK_INT(cio_group_spawn(&g, yields_then, &(int){-EIO}), 0);
		CHECK_INT(cio_group_spawn(&g, sleeps,
				  &(struct sleeper){LONG, &ended, NULL}),
			0);
		err = cio_group_spawn(&g, counts, &(int){0});
		/* the first one's place came first: the wake decided */
		if (err == 0)
			err = cio_group_spawn(&g, counts, &(int){0});
		CHECK_INT(err, -ECANCELED);
	}
	CHECK_INT(err, -EIO);
	CHECK_INT(ended, 1);
	return 0;
}

/* ---- operations of a group ---- */

static int done_calls, done_res;

static void on_done(cio_op *op)
{
	done_calls++;
	done_res = op->res;
}

static int cancel_ends_its_operations(void *arg)
{
	(void)arg;
	int fds[2], err = 0;
	cio_fd fd;
	CHECK_INT(pipe(fds), 0);
	CHECK_INT(cio_fd_adopt(fds[0], &fd), 0);
	cio_op op = {0};
	done_calls = 0;
	CIO_GROUP (g, &err) {
		op = (cio_op){.kind = CIO_OP_POLL,
			.off = POLLIN,
			.fd = fd,
			.done = on_done,
			.group = &g};
		CHECK_INT(cio_submit(&op), CIO_PENDING);
		CHECK_INT(cio_yield(), 0);
		cio_group_cancel(&g, "test");
		cio_op late = op;
		CHECK_INT(cio_submit(&late), -ECANCELED);
	}
	CHECK_INT(err, 0);
	CHECK_INT(done_calls, 1);
	CHECK_INT(done_res, -ECANCELED);
	cio_op closing = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&closing), 0);
	close(fds[1]);
	return 0;
}

/* ---- many ---- */

static int many_children(void *arg)
{
	(void)arg;
	int err = 0;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 20000; i++)
			if (cio_group_spawn(&g, yields_then, &(int){0}) < 0)
				return -ENOMEM;
	}
	CHECK_INT(err, 0);
	CHECK_INT(cio_run_get_figures().tasks_alive, 1);
	return 0;
}

struct test_case {
	int (*fn)(void *);
};

static void run_case(void **state)
{
	const struct test_case *c = *state;
	assert_int_equal(check_run(c->fn, NULL), 0);
	assert_null(strstr(check_reports(), "warning: "));
}

#define CASE(f) \
	{ \
		.name = #f, .test_func = run_case, \
		.initial_state = &(struct test_case) \
		{ \
			f \
		} \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(close_waits_for_all),
		CASE(empty_group),
		CASE(close_waits_for_slow_cleanup),
		CASE(return_joins),
		CASE(spawn_into_an_ended_group),
		CASE(close_from_inside),
		CASE(spawn_while_closing),
		CASE(first_error_cancels_the_rest),
		CASE(child_error_beats_the_bodys),
		CASE(first_of_two_errors),
		CASE(childs_own_refusal_is_an_error),
		CASE(childs_own_timeout_is_an_error),
		CASE(error_beats_the_timeout),
		CASE(timeout_refuses_the_children),
		CASE(nobody_was_cut_short),
		CASE(collects),
		CASE(quiet_cancel),
		CASE(spawn_into_a_cancelled_group),
		CASE(child_that_cancels_itself),
		CASE(nested),
		CASE(limit_bounds),
		CASE(places_in_order),
		CASE(waits_for_a_place_and_is_refused),
		CASE(cancel_ends_its_operations),
		CASE(many_children),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

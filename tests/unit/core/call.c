/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * call.c - calls into the loop: their order, taking back, failing
 */
#include <cio/call.h>

#include <errno.h>
#include <unistd.h>

#include <cio/event.h>
#include <cio/impl.h>
#include <cio/run.h>
#include <cio/time.h>

#include "check.h"

static char order[64]; /* a letter for each thing that happened */
static cio_call a, b, c, d;
static cio_event over;

static void note(char what)
{
	size_t n = strlen(order);
	if (n + 1 < sizeof order)
		order[n] = what;
}

static void begin(void)
{
	memset(order, 0, sizeof order);
	a = b = c = d = (cio_call){0};
	over = (cio_event){0};
}

static int say(void *what)
{
	CHECK(cio_current_task() == NULL);
	note(*(const char *)what);
	return 0;
}

static char *letter(char what)
{
	static char letters[128];
	letters[(int)what] = what;
	return &letters[(int)what];
}

static int finish(void *arg)
{
	(void)arg;
	note('.');
	cio_event_set(&over);
	return 0;
}

/* ---- soon ---- */

static int first(void *arg)
{
	(void)arg;
	note('1');
	CHECK(!cio_call_pending(&a)); /* free to be used again */
	cio_call_soon(&a, finish, NULL);
	cio_call_cancel(&c);
	cio_call_cancel(&c);
	return 0;
}

static int soon_in_order(void *arg)
{
	(void)arg;
	begin();
	cio_call_soon(&a, first, NULL);
	cio_call_soon(&b, say, letter('2'));
	cio_call_soon(&c, say, letter('x'));
	cio_call_soon(&d, say, letter('3'));
	CHECK(cio_call_pending(&c));
	note('s');
	CHECK_INT(cio_event_wait(&over), 0);
	CHECK(strcmp(order, "s123.") == 0);
	CHECK(!cio_call_pending(&c) && !cio_call_pending(&a));
	return 0;
}

static int moved(void *arg)
{
	(void)arg;
	begin();
	cio_call_soon(&a, say, letter('x'));
	cio_call_soon(&b, say, letter('b'));
	cio_call_soon(&a, say, letter('a'));
	cio_call_later(&c, CIO_S(100), say, letter('x'));
	cio_call_soon(&c, finish, NULL);
	cio_call_soon(&d, say, letter('x'));
	cio_call_later(&d, CIO_S(100), say, letter('x'));
	CHECK_INT(cio_event_wait(&over), 0);
	CHECK(strcmp(order, "ba.") == 0);
	CHECK(cio_call_pending(&d));
	CHECK_INT(cio_run_get_figures().timers, 1);
	cio_call_cancel(&d);
	CHECK_INT(cio_run_get_figures().timers, 0);
	return 0;
}

static uint64_t turns_at[2];

static int count_turns(void *arg)
{
	uint64_t *turns = arg;
	*turns = cio_run_get_figures().turns;
	return 0;
}

/* What a task asks for comes before the driver is asked again; what a call asks
 * for does not keep the driver from being asked. */
static int before_the_driver(void *arg)
{
	(void)arg;
	begin();
	uint64_t turns = cio_run_get_figures().turns;
	cio_call_soon(&a, count_turns, &turns_at[0]);
	CHECK_INT(cio_sleep(CIO_US(1)), 0);
	CHECK_INT(turns_at[0], turns);
	return 0;
}

static int again(void *arg)
{
	uint64_t *n = arg;
	if (++*n < 1000)
		cio_call_soon(&a, again, n);
	return 0;
}

static int does_not_starve(void *arg)
{
	(void)arg;
	begin();
	uint64_t n = 0, turns = cio_run_get_figures().turns;
	cio_call_soon(&a, again, &n);
	for (int i = 0; i < 100000 && n < 1000; i++)
		CHECK_INT(cio_yield(), 0);
	CHECK_INT(n, 1000);
	CHECK(cio_run_get_figures().turns >= turns + 400);
	return 0;
}

/* ---- at a time ---- */

static int cancel_it(void *arg)
{
	cio_call_cancel(arg);
	return 0;
}

static int timers_in_order(void *arg)
{
	(void)arg;
	begin();
	cio_call e = {0}, f = {0}, g = {0}, never = {0};
	cio_time start = cio_now();
	cio_call_later(&a, CIO_US(600), say, letter('6'));
	cio_call_later(&b, CIO_US(200), say, letter('2'));
	cio_call_at(&c, start + CIO_US(400), say, letter('4'));
	cio_call_later(&d, CIO_US(700), say, letter('x'));
	cio_call_later(&e, CIO_US(500), cancel_it, &d);
	cio_call_later(&f, 0, say, letter('0'));
	cio_call_soon(&g, say, letter('s'));
	cio_call_later(&never, CIO_NEVER, say, letter('x'));
	CHECK(!cio_call_pending(&never));
	CHECK_INT(cio_sleep(CIO_US(900)), 0);
	CHECK(strcmp(order, "s0246") == 0);
	CHECK(!cio_call_pending(&d));
	cio_call_cancel(&f);
	return 0;
}

static int cancel_c(void *arg)
{
	note('b');
	return cancel_it(arg);
}

/* Both are due: the one may still take the other back. */
static int cancels_what_is_due(void *arg)
{
	(void)arg;
	begin();
	cio_time when = cio_now() + CIO_US(50);
	cio_call_at(&b, when, cancel_c, &c);
	cio_call_at(&c, when, say, letter('x'));
	cio_call_at(&d, when, say, letter('d'));
	CHECK_INT(cio_sleep(CIO_US(200)), 0);
	CHECK(strcmp(order, "bd") == 0);
	return 0;
}

static int nap(const cio_time *until)
{
	CHECK_INT(cio_sleep_until(*until), 0);
	note('z');
	return 0;
}

/* However late the loop is, a call comes before a sleeper of the same time that
 * went to sleep after it, and of a later time. */
static int before_sleepers(void *arg)
{
	(void)arg;
	begin();
	cio_time when = cio_now() + CIO_US(50);
	cio_call_at(&a, when, say, letter('a'));
	cio_task *t = cio_spawn(nap, &when);
	cio_call_at(&b, when, say, letter('b'));
	CHECK_INT(cio_await(t), 0);
	CHECK(strcmp(order, "abz") == 0);
	return 0;
}

/* ---- with events and timers ---- */

static cio_fd in, out;

static int reads(const int *unused)
{
	char byte;
	(void)unused;
	cio_op op = {.kind = CIO_OP_READ,
		.fd = in,
		.buf = &byte,
		.len = 1,
		.off = -1};
	CHECK_INT(cio_perform(&op), 1);
	note('r');
	return 0;
}

static int on_soon(void *arg)
{
	(void)arg;
	note('s');
	cio_call_soon(&a, finish, NULL);
	return 0;
}

static int write_now(const int *unused)
{
	(void)unused;
	cio_op op = {.kind = CIO_OP_WRITE,
		.fd = out,
		.buf = "x",
		.len = 1,
		.off = -1};
	CHECK_INT(cio_perform(&op), 1);
	return 0;
}

static int arm(void *arg)
{
	(void)arg;
	cio_call_at(&b, cio_now() - CIO_S(1), say, letter('t'));
	cio_call_soon(&c, on_soon, NULL);
	return 0;
}

static void open_pipe(void)
{
	int fd[2];
	CHECK_INT(pipe(fd), 0);
	CHECK_INT(cio_fd_adopt(fd[0], &in), 0);
	CHECK_INT(cio_fd_adopt(fd[1], &out), 0);
}

static void close_pipe(void)
{
	cio_op op = {.kind = CIO_OP_CLOSE, .fd = in};
	CHECK_INT(cio_perform_settled(&op), 0);
	op = (cio_op){.kind = CIO_OP_CLOSE, .fd = out};
	CHECK_INT(cio_perform_settled(&op), 0);
}

/* soon, then the task whose event has come, then the timer, then what the first
 * asked for */
static int soon_event_timer(void *arg)
{
	(void)arg;
	begin();
	open_pipe();
	cio_task *reader = cio_spawn(reads, &(int){0});
	CHECK_INT(cio_yield(), 0);
	CHECK_INT(cio_sleep(CIO_US(1)), 0); /* it waits in the kernel now */
	CHECK_INT(write_now(&(int){0}), 0);
	cio_call_soon(&d, arm, NULL);
	CHECK_INT(cio_event_wait(&over), 0);
	CHECK_INT(cio_await(reader), 0);
	const char *timer = strchr(order, 't'), *end = strchr(order, '.');
	CHECK(order[0] == 's' || order[0] == 'r');
	CHECK(timer != NULL && end != NULL && timer < end);
	if (strcmp(cio_driver_name(), "epoll") == 0)
		CHECK(strcmp(order, "srt.") == 0);
	close_pipe();
	return 0;
}

/* ---- failing, waiting, nobody else ---- */

static int fails(void *arg)
{
	(void)arg;
	return cio_fail(-EIO, "the disk is full");
}

static int waits(void *arg)
{
	(void)arg;
	int err = cio_sleep(CIO_S(1));
	CHECK_INT(cio_checkpoint(), -EDEADLK);
	return err;
}

static int goes_on(void *arg)
{
	(void)arg;
	begin();
	cio_call_soon(&a, fails, NULL);
	cio_call_soon(&b, waits, NULL);
	cio_call_later(&c, CIO_US(10), finish, NULL);
	CHECK_INT(cio_event_wait(&over),
		0); /* no deadlock: a call is pending */
	return 0;
}

static int spawned(const char *what)
{
	note(*what);
	cio_event_set(&over);
	return 0;
}

static int spawns(void *arg)
{
	cio_detach(cio_spawn(spawned, &(char){'t'}), NULL);
	return arg != NULL;
}

static int may_spawn(void *arg)
{
	(void)arg;
	begin();
	cio_call_soon(&a, spawns, NULL);
	CHECK_INT(cio_event_wait(&over), 0);
	CHECK(strcmp(order, "t") == 0);
	return 0;
}

/* Calls for soon are still made when main has returned, others are not. */
static int leaves_some(void *arg)
{
	(void)arg;
	begin();
	cio_call_later(&a, CIO_S(1000), say, letter('x'));
	cio_call_soon(&b, say, letter('s'));
	return 0;
}

struct test_case {
	int (*fn)(void *);
};

static void run_case(void **state)
{
	const struct test_case *t = *state;
	assert_int_equal(check_run(t->fn, NULL), 0);
	assert_null(strstr(check_reports(), "warning: "));
	assert_null(strstr(check_reports(), "error: "));
}

static void run_goes_on(void **state)
{
	(void)state;
	assert_int_equal(check_run(goes_on, NULL), 0);
	const char *said = check_reports();
	assert_non_null(strstr(said, "error: call of fails, asked for at "));
	assert_non_null(strstr(said, "the disk is full\n"));
	assert_non_null(strstr(said, "error: call of waits, asked for at "));
	assert_null(strstr(said, "deadlock:"));
}

static void run_leaves_some(void **state)
{
	(void)state;
	assert_int_equal(check_run(leaves_some, NULL), 0);
	assert_string_equal(order, "s");
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
		CASE(soon_in_order),
		CASE(moved),
		CASE(before_the_driver),
		CASE(does_not_starve),
		CASE(timers_in_order),
		CASE(cancels_what_is_due),
		CASE(before_sleepers),
		CASE(soon_event_timer),
		CASE(may_spawn),
		cmocka_unit_test(run_goes_on),
		cmocka_unit_test(run_leaves_some),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

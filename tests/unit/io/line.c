/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * line.c - lines and separators: whole, cut, too long, at the end of the input
 */
#include "check.h"

#include <cio/sim.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/io/pair.h"

static bool line_is(cio_stream *s, const char *want)
{
	cio_str line = {NULL, 0};
	int n = cio_stream_readline(s, &line);
	return CHECK_INT(n, 1) &&
		CHECK(cio_str_equal(line, cio_str_of(want)));
}

static bool until_is(cio_stream *s, const char *separator, const char *want)
{
	cio_str got = {NULL, 0};
	int n = cio_stream_readuntil(s, cio_str_of(separator), &got);
	return CHECK_INT(n, 1) && CHECK(cio_str_equal(got, cio_str_of(want)));
}

static int send_text(cio_stream *s, const char *text)
{
	return cio_stream_write(s, text, strlen(text), NULL);
}

static int open_slow(struct pair *p, const bool *slow)
{
	int err = pair_open(p);
	if (err == 0 && *slow)
		(void)cio_sim_set_faults(&(cio_sim_faults){.max_transfer = 1});
	return err;
}

/* ---- whole ones ---- */

static int whole_lines(void *slow)
{
	struct pair p;
	cio_str line = {"as it was", 9};
	if (!CHECK_INT(open_slow(&p, slow), 0))
		return -1;
	CHECK_INT(send_text(p.a, "one\n\ntwo\r\n\r\nth\rree\n\r\r\nrest\r"), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	line_is(p.b, "one");
	line_is(p.b, "");
	line_is(p.b, "two");
	line_is(p.b, "");
	line_is(p.b, "th\rree");
	line_is(p.b, "\r");
	line_is(p.b, "rest\r"); /* it has no end, so nothing is taken off */
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_stream_readline(p.b, &line), 0);
	CHECK(cio_str_equal(line, cio_str_of("as it was")));
	pair_close(&p);
	return 0;
}

static int separators(void *slow)
{
	struct pair p;
	cio_str got;
	if (!CHECK_INT(open_slow(&p, slow), 0))
		return -1;
	CHECK_INT(cio_stream_readuntil(p.b, cio_str_of(""), &got), -EINVAL);
	CHECK_INT(send_text(p.a, "a-b--c---d\n--partial"), 0);
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	until_is(p.b, "--", "a-b--");
	until_is(p.b, "---", "c---");
	line_is(p.b, "d");
	until_is(p.b, "--", "--");
	CHECK_INT(cio_stream_readuntil(p.b, cio_str_of("--"), &got), -CIO_EEOF);
	CHECK(strstr(cio_error_text(), "after 7 bytes") != NULL);
	CHECK(cio_str_equal(cio_stream_peek(p.b), cio_str_of("partial")));
	cio_stream_consume(p.b, 7);
	CHECK_INT(cio_stream_readuntil(p.b, cio_str_of("--"), &got), 0);
	pair_close(&p);
	return 0;
}

/* The peer must send the rest only when the first half was looked at. */
static int split_separator(void *arg)
{
	(void)arg;
	struct pair p;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(send_text(p.a, "aa\r"), 0);
	CHECK_INT(cio_stream_fill(p.b), 3);
	CHECK_INT(send_text(p.a, "\nbb\r\n"), 0);
	until_is(p.b, "\r\n", "aa\r\n");
	until_is(p.b, "\r\n", "bb\r\n");
	pair_close(&p);
	return 0;
}

/* ---- the view ---- */

static int views(void *arg)
{
	(void)arg;
	struct pair p;
	cio_str line;
	char back[4] = "";
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(send_text(p.a, "abc\n"), 0);
	CHECK_INT(cio_stream_readline(p.b, &line), 1);
	/* It was all that was here; writing and looking do not end the view. */
	CHECK_INT(cio_stream_peek(p.b).n, 0);
	CHECK(cio_stream_reusable(p.b));
	CHECK_INT(cio_stream_write(p.b, line.p, line.n, NULL), 0);
	CHECK(cio_str_equal(line, cio_str_of("abc")));
	CHECK_INT(cio_stream_read_exactly(p.a, back, 3, NULL), 0);
	CHECK(strcmp(back, "abc") == 0);
	/* Every other way to read goes on behind it. */
	CHECK_INT(send_text(p.a, "d\nefg"), 0);
	line_is(p.b, "d");
	CHECK_INT(cio_stream_read_exactly(p.b, back, 3, NULL), 0);
	CHECK(strcmp(back, "efg") == 0);
	CHECK_INT(send_text(p.a, "h\n"), 0);
	line_is(p.b, "h");
	cio_stream_consume(p.b, 0);
	CHECK_INT(send_text(p.a, "i\n"), 0);
	line_is(p.b, "i");
	pair_close(&p); /* with a view out */
	return 0;
}

static void note(cio_stream_idle *idle, int err)
{
	CHECK_INT(err, 0);
	idle->stream = NULL;
}

/* An idle wait brings a buffer of its own, into a stream with a view out. */
static int view_then_idle(void *arg)
{
	(void)arg;
	struct pair p;
	cio_stream_idle idle = {.ready = note};
	int err = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(send_text(p.a, "one\n"), 0);
	line_is(p.b, "one");
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_stream_wait_idle(p.b, &idle, &g, 0), 0);
		cio_str line;
		CHECK_INT(cio_stream_readline(p.b, &line), -EBUSY);
		CHECK_INT(send_text(p.a, "two\n"), 0);
	}
	CHECK(idle.stream == NULL);
	line_is(p.b, "two");
	pair_close(&p);
	return 0;
}

/* ---- the limit ---- */

static int limits(void *slow)
{
	struct pair p;
	cio_str line;
	if (!CHECK_INT(open_slow(&p, slow), 0))
		return -1;
	cio_stream_set_limit(p.b, 8);
	CHECK_INT(send_text(p.a, "7 bytes\n8 bytes!\nend\n"), 0);
	line_is(p.b, "7 bytes"); /* 8 with its end */
	for (int i = 0; i < 2; i++)
		CHECK_INT(cio_stream_readline(p.b, &line), -CIO_ETOOLARGE);
	CHECK(strstr(cio_error_text(), "within 8 bytes") != NULL);
	CHECK_INT(cio_stream_readuntil(p.b, cio_str_of("!\n"), &line),
		-CIO_ETOOLARGE);
	CHECK(cio_stream_peek(p.b).n >= 8);
	cio_stream_set_limit(p.b, 9);
	line_is(p.b, "8 bytes!");
	line_is(p.b, "end");
	pair_close(&p);
	return 0;
}

/* What lies beyond the limit is too long even if it is here already. */
static int lowered_limit(void *arg)
{
	(void)arg;
	struct pair p;
	cio_str line;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(send_text(p.a, "123456789\nx\n"), 0);
	while (cio_stream_peek(p.b).n < 12)
		if (!CHECK(cio_stream_fill(p.b) > 0))
			break;
	cio_stream_set_limit(p.b, 9);
	CHECK_INT(cio_stream_readline(p.b, &line), -CIO_ETOOLARGE);
	cio_stream_consume(p.b, 1);
	line_is(p.b, "23456789");
	line_is(p.b, "x");
	pair_close(&p);
	return 0;
}

enum { LONG_LINE = 50000 };

static int send_long(cio_stream *const *s)
{
	char *text = malloc(LONG_LINE + 1);
	memset(text, 'x', LONG_LINE);
	text[LONG_LINE] = '\n';
	int err = cio_stream_write(*s, text, LONG_LINE + 1, NULL);
	free(text);
	return err;
}

/* Longer than any one buffer that comes with bytes. */
static int long_lines(void *arg)
{
	(void)arg;
	struct pair p;
	cio_str line;
	int err = pair_open(&p);
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, send_long, &p.a);
		if (err == 0 && (err = cio_stream_readline(p.b, &line)) > 0)
			err = CHECK_INT(line.n, LONG_LINE) ? 0 : -1;
	}
	pair_close(&p);
	return err;
}

/* ---- cuts ---- */

static int cut(void *slow)
{
	struct pair p;
	cio_str line;
	int err = 0;
	if (!CHECK_INT(open_slow(&p, slow), 0))
		return -1;
	const char *const pieces[] = {"one ", "two ", "three\nrest"};
	for (int i = 0; i < 2; i++) {
		CHECK_INT(send_text(p.a, pieces[i]), 0);
		err = 0;
		CIO_TIMEOUT(CIO_MS(20), &err) {
			err = cio_stream_readline(p.b, &line);
		}
		CHECK_INT(err, -ETIMEDOUT);
	}
	CHECK(cio_str_equal(cio_stream_peek(p.b), cio_str_of("one two ")));
	CHECK_INT(send_text(p.a, pieces[2]), 0);
	line_is(p.b, "one two three");
	CHECK_INT(cio_stream_shutdown(p.a), 0);
	line_is(p.b, "rest");
	pair_close(&p);
	return 0;
}

static int talk(cio_stream *const *s)
{
	int err = send_text(*s, "first\nnext");
	if (err == 0)
		err = send_text(*s, "line\r\n");
	return err;
}

/* Cut anywhere: each line is had whole, or not at all and still there. */
static int dialogue(void *slow)
{
	struct pair p;
	cio_str line;
	int err = open_slow(&p, slow), lines = 0;
	if (err < 0)
		return err;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, talk, &p.a);
		while (err == 0 && lines < 2) {
			err = cio_stream_readline(p.b, &line);
			if (err <= 0)
				break;
			CHECK(cio_str_equal(line, cio_str_of(
				lines == 0 ? "first" : "nextline")));
			lines++;
			err = 0;
		}
	}
	cio_str left = cio_stream_peek(p.b);
	const char *all = lines > 0 ? "nextline\r\n" : "first\nnextline\r\n";
	CHECK(lines == 2 ? left.n == 0 : left.n <= strlen(all) &&
		memcmp(left.p, all, left.n) == 0);
	pair_close(&p);
	return err;
}

static int reader(cio_stream *const *s)
{
	cio_str line = {"as it was", 9};
	CHECK_INT(cio_stream_readline(*s, &line), -ECANCELED);
	CHECK(cio_str_equal(line, cio_str_of("as it was")));
	return 0;
}

static int closed_meanwhile(void *arg)
{
	(void)arg;
	struct pair p;
	int err = 0;
	if (!CHECK_INT(pair_open(&p), 0))
		return -1;
	CHECK_INT(send_text(p.a, "part"), 0);
	CIO_GROUP(g, &err) {
		CHECK_INT(cio_group_spawn(&g, reader, &p.b), 0);
		(void)cio_sleep(CIO_MS(5));
		cio_stream_close(p.b);
	}
	CHECK_INT(err, 0);
	cio_stream_close(p.a);
	return 0;
}

/* ---- a plain descriptor ---- */

static int plain_fd(void *arg)
{
	(void)arg;
	int ends[2], err = 0;
	cio_fd fd;
	if (!CHECK_INT(pipe2(ends, O_CLOEXEC), 0))
		return -1;
	CHECK_INT(cio_fd_adopt(ends[0], &fd), 0);
	CIO_TIMEOUT(CIO_MS(5), &err) {
		err = cio_fd_wait(fd, POLLIN);
	}
	CHECK_INT(err, -ETIMEDOUT);
	CHECK_INT(write(ends[1], "x", 1), 1);
	CHECK_INT(cio_fd_wait(fd, POLLIN), POLLIN);
	close(ends[1]);
	cio_fd_close(fd);
	CHECK_INT(cio_fd_wait(fd, POLLIN), -EBADF);
	CHECK_INT(fcntl(ends[0], F_GETFD), -1);
	cio_fd_close(fd); /* it may have come to be another's: nothing happens */
	return 0;
}

/* ---- the tests ---- */

/* Under sim also with transfers of one byte; elsewhere twice the same. */
#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		for (int slow = 0; slow < 2; slow++) \
			assert_int_equal(run_closing(fn, &(bool){slow}), 0); \
	}

RUNS(lines_are_whole, whole_lines)
RUNS(separators_are_found, separators)
RUNS(a_split_separator_is_found, split_separator)
RUNS(views_last_until_the_next_read, views)
RUNS(an_idle_wait_ends_a_view, view_then_idle)
RUNS(too_long_consumes_nothing, limits)
RUNS(the_limit_holds_for_what_is_here, lowered_limit)
RUNS(long_lines_are_whole, long_lines)
RUNS(cuts_keep_the_bytes, cut)
RUNS(a_close_ends_it, closed_meanwhile)
RUNS(plain_descriptors_are_waited_for, plain_fd)

static void disturbed(void **state)
{
	(void)state;
	disturb(dialogue, &(bool){false}, "lines");
	disturb(dialogue, &(bool){true}, "slow lines");
	disturb(long_lines, NULL, "long lines");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_whole),
		cmocka_unit_test(separators_are_found),
		cmocka_unit_test(a_split_separator_is_found),
		cmocka_unit_test(views_last_until_the_next_read),
		cmocka_unit_test(an_idle_wait_ends_a_view),
		cmocka_unit_test(too_long_consumes_nothing),
		cmocka_unit_test(the_limit_holds_for_what_is_here),
		cmocka_unit_test(long_lines_are_whole),
		cmocka_unit_test(cuts_keep_the_bytes),
		cmocka_unit_test(a_close_ends_it),
		cmocka_unit_test(plain_descriptors_are_waited_for),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

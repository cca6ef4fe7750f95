/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_duplex.c - answers that come while the request's body is going out
 */
#include "canned.h"

#define OK "HTTP/1.1 200 OK\r\n"

enum { LARGE = 8 << 20 };

/* ---- the answer is here, the body is not taken ---- */

static int early_client(struct canned *c)
{
	char *large = calloc(1, LARGE), text[16];
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.timeout = CIO_S(5)});
	cio_http_response r = {0};
	cio_http_reader *in;
	cio_http_request_options rq = {.method = CIO_PUT,
		.url = canned_url(c, "/early"), .body = large,
		.body_size = LARGE};

	/* read to its end, and what is left of the body is for nobody */
	int status = cio_http_reader_open(&in, s, &rq, &r);
	if (CHECK_INT(status, 200)) {
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 5);
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 0);
		cio_http_reader_close(in);
	}
	/* left in the middle */
	status = cio_http_reader_open(&in, s, &rq, &r);
	if (CHECK_INT(status, 200))
		cio_http_reader_close(in);
	/* refused */
	rq.url = canned_url(c, "/early-no");
	status = cio_http_reader_open(&in, s, &rq, &r);
	if (CHECK_INT(status, 413)) {
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 2);
		cio_http_reader_close(in);
	}
	cio_pool_figures f = cio_http_session_get_figures(s).connections;
	CHECK_INT(f.in_use, 0);
	CHECK_INT(f.idle, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	free(large);
	return 0;
}

static int early(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = (const struct answer[]){
		{"/early", OK "Content-Length: 5\r\n\r\nhello", THEN_HANG, 0, 0},
		{"/early-no", "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno",
			THEN_HANG, 0, 0}, {0}}}, early_client);
}

/* ---- both at once ---- */

/* Four bytes at a time, each when it is told to. */
struct lines {
	cio_http_body body;
	cio_event next;
	int made, fails_at, refused;
};

enum { LINES = 3 };

static ssize_t make_line(cio_http_body *b, void *buf, size_t n)
{
	struct lines *l = (struct lines *)(void *)b;
	(void)n;
	if (l->made == LINES)
		return 0;
	int err = l->made > 0 ? cio_event_wait(&l->next) : 0;
	if (err < 0) {
		l->refused++;
		return err;
	}
	cio_event_clear(&l->next);
	if (l->fails_at > 0 && l->made == l->fails_at)
		return -EIO;
	memset(buf, 'a' + l->made++, 4);
	return 4;
}

/* Say each line again as it comes. */
static int echo_lines(struct canned *c, cio_stream *s, const char *path)
{
	static const char head[] = OK "Transfer-Encoding: chunked\r\n\r\n";
	char text[16] = "4\r\n....\r\n";
	if (strcmp(path, "/early-lines") != 0)
		return canned_echo(s, path);
	(void)c;
	int err = cio_stream_write(s, head, sizeof head - 1, NULL);
	for (int i = 0; err == 0 && i < LINES; i++) {
		err = cio_stream_read_exactly(s, text + 3, 4, NULL);
		if (err == 0)
			err = cio_stream_write(s, text, 9, NULL);
	}
	return err < 0 ? err : cio_stream_write(s, "0\r\n\r\n", 5, NULL);
}

static int open_lines(cio_http_reader **in, cio_http_session *s,
	struct canned *c, struct lines *l, cio_http_response *r)
{
	l->body.read = make_line;
	l->body.size = 4 * LINES;
	return cio_http_reader_open(in, s, &(cio_http_request_options){
		.method = CIO_POST, .url = canned_url(c, "/early-lines"),
		.source = &l->body}, r);
}

static int lines_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	if (s == NULL)
		return -ENOMEM;
	cio_http_response r = {0};
	cio_http_reader *in;
	struct lines l = {0};
	char text[16];
	ssize_t n = open_lines(&in, s, c, &l, &r);
	bool opened = n >= 0;
	int err = opened ? 0 : (int)n;
	for (int i = 0; err == 0 && i < LINES; i++) {
		n = cio_http_reader_read(in, text, sizeof text);
		err = n < 0 ? (int)n : 0;
		if (err == 0)
			CHECK(n == 4 && text[0] == 'a' + i && text[3] == 'a' + i);
		cio_event_set(&l.next);
	}
	if (err == 0)
		err = (int)cio_http_reader_read(in, text, sizeof text);
	if (opened)
		cio_http_reader_close(in);
	/* all went out, all came: it serves another */
	cio_pool_figures f = cio_http_session_get_figures(s).connections;
	CHECK_INT(f.in_use, 0);
	if (err == 0)
		CHECK_INT(f.idle, 1);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return err;
}

static int lines(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = echo_lines}, lines_client);
}

/* Refused or out of memory: nothing is left behind. */
static int lines_quietly(void *arg)
{
	int err = lines(arg);
	return err == -ECANCELED || err == -ENOMEM ? err : 0;
}

/* ---- the body cannot be made after all ---- */

static int broken_client(struct canned *c)
{
	char text[16];
	for (int late = 0; late < 2; late++) {
		cio_http_session *s = cio_http_session_open(NULL);
		cio_http_response r = {0};
		cio_http_reader *in;
		struct lines l = {.fails_at = 2};
		if (!CHECK_INT(open_lines(&in, s, c, &l, &r), 200))
			return 0;
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
		cio_event_set(&l.next);
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
		/* while somebody reads, or before */
		cio_event_set(&l.next);
		for (int i = 0; late && i < 20; i++)
			CHECK_INT(cio_yield(), 0);
		cio_time begun = cio_now();
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), -EIO);
		CHECK(strstr(cio_error_text(), "could not be read") != NULL);
		if (strcmp(check_driver(), "sim") == 0) /* at once */
			CHECK(cio_now() - begun < CIO_S(1));
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), -EIO);
		cio_http_reader_close(in);
		CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int broken(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = echo_lines}, broken_client);
}

/* Nobody reads on: who makes the body is refused, and has ended before the
 * close returns. */
static int left_client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(NULL);
	cio_http_response r = {0};
	cio_http_reader *in;
	struct lines l = {0};
	char text[16];
	if (!CHECK_INT(open_lines(&in, s, c, &l, &r), 200))
		return 0;
	CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
	cio_http_reader_close(in);
	CHECK_INT(l.refused, 1);
	memset(&l, 0xff, sizeof l); /* nobody looks at it any more */
	CHECK_INT(cio_http_session_get_figures(s).connections.idle, 0);
	CHECK_INT(cio_yield(), 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int left(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = echo_lines}, left_client);
}

/* The limit of the attempt holds for the body, too, whether somebody reads or
 * not. */
static int late_client(struct canned *c)
{
	char text[16];
	for (int reads = 0; reads < 2; reads++) {
		cio_http_session *s = cio_http_session_open(
			&(cio_http_session_options){.timeout = CIO_MS(200)});
		cio_http_response r = {0};
		cio_http_reader *in;
		struct lines l = {0};
		if (!CHECK_INT(open_lines(&in, s, c, &l, &r), 200))
			return 0;
		CHECK_INT(cio_http_reader_read(in, text, sizeof text), 4);
		if (!reads) {
			CHECK_INT(cio_sleep(CIO_MS(220)), 0);
			CHECK_INT(l.refused, 1);
		}
		CHECK_INT(cio_http_reader_read(in, text, sizeof text),
			-ETIMEDOUT);
		CHECK(strstr(cio_error_text(), "timeout of 200 ms") != NULL);
		CHECK_INT(l.refused, 1);
		cio_http_reader_close(in);
		cio_http_response_finish(&r);
		cio_http_session_close(s);
	}
	return 0;
}

static int late(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.other = echo_lines}, late_client);
}

RUNS(early)
RUNS(lines)
RUNS(broken)
RUNS(left)
RUNS(late)

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(lines_quietly, NULL, "both directions");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(lines_quietly, NULL, "both directions");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_early),
		cmocka_unit_test(run_lines),
		cmocka_unit_test(run_broken),
		cmocka_unit_test(run_left),
		cmocka_unit_test(run_late),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

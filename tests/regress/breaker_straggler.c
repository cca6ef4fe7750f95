/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * breaker_straggler.c - an old answer tells an open breaker nothing
 *
 * A request that had been let in before the breaker opened, and was answered
 * after, closed it, or opened it again, as if it had been the one that tries.
 */
#include "unit/http/canned.h"

/* "/held-0" and so on are answered when they are told to. */
struct held {
	struct canned c; /* first: the client is given its address */
	cio_event come[4], go[4];
	int status[4];
};

static int hold(struct canned *c, cio_stream *s, const char *path)
{
	struct held *h = (struct held *)(void *)c;
	if (strncmp(path, "/held-", 6) != 0)
		return canned_echo(s, path);
	int i = path[6] - '0';
	char text[80];
	cio_event_set(&h->come[i]);
	int err = cio_event_wait(&h->go[i]);
	snprintf(text, sizeof text, "HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\nok",
		h->status[i]);
	return err < 0 ? err : canned_send(s, text, strlen(text), 0);
}

/* Begun, and met by the server. */
static cio_task *begin(struct held *h, struct asked *j, cio_http_session *s, int i)
{
	char path[16];
	snprintf(path, sizeof path, "/held-%d", i);
	*j = (struct asked){s, canned_url(&h->c, path), 0};
	cio_task *t = begin_ask(j);
	CHECK_INT(cio_event_wait(&h->come[i]), 0);
	return t;
}

static void end(struct held *h, cio_task *t, struct asked *j, int i, int status)
{
	h->status[i] = status;
	cio_event_set(&h->go[i]);
	CHECK_INT(cio_await(t), 0);
	CHECK_INT(j->status, status);
}

static int ask_now(struct held *h, cio_http_session *s)
{
	cio_http_response r = {0};
	int status = ask(s, canned_url(&h->c, "/echo"), &r);
	cio_http_response_finish(&r);
	return status;
}

static cio_http_session *open_session(void)
{
	return cio_http_session_open(&(cio_http_session_options){
		.breaker = {.failures = 1, .cooldown = CIO_MS(1)}});
}

static int client(struct canned *c)
{
	struct held *h = (struct held *)(void *)c;
	struct asked j[4];
	cio_task *t[4];
	cio_http_session *s = open_session();
	t[0] = begin(h, &j[0], s, 0);
	t[1] = begin(h, &j[1], s, 1);
	t[2] = begin(h, &j[2], s, 2);
	end(h, t[2], &j[2], 2, 500); /* it opens */
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	t[3] = begin(h, &j[3], s, 3); /* this one tries */

	end(h, t[0], &j[0], 0, 200); /* old good news */
	CHECK_INT(ask_now(h, s), -EAGAIN);
	end(h, t[3], &j[3], 3, 200); /* it closes */
	CHECK_INT(ask_now(h, s), 200);
	end(h, t[1], &j[1], 1, 500); /* old bad news */
	CHECK_INT(ask_now(h, s), 200);
	cio_http_session_close(s);
	return 0;
}

/* One that fails while another tries does not put off the next try. */
static int bad_client(struct canned *c)
{
	struct held *h = (struct held *)(void *)c;
	struct asked j[4];
	cio_task *t[4];
	cio_http_session *s = open_session();
	t[0] = begin(h, &j[0], s, 0);
	t[1] = begin(h, &j[1], s, 1);
	end(h, t[1], &j[1], 1, 500);
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	t[2] = begin(h, &j[2], s, 2);
	end(h, t[0], &j[0], 0, 500);
	CHECK_INT(cio_sleep(CIO_MS(2)), 0);
	CHECK_INT(ask_now(h, s), -EAGAIN); /* still one that tries, not two */
	end(h, t[2], &j[2], 2, 200);
	CHECK_INT(ask_now(h, s), 200);
	cio_http_session_close(s);
	return 0;
}

static int news_are_old(void *arg)
{
	(void)arg;
	return canned_run(&(struct held){.c.other = hold}.c, client);
}

static int one_tries(void *arg)
{
	(void)arg;
	return canned_run(&(struct held){.c.other = hold}.c, bad_client);
}

RUNS(news_are_old)
RUNS(one_tries)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_news_are_old),
		cmocka_unit_test(run_one_tries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

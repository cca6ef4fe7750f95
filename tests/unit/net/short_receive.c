/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * short_receive.c - after a receive that fell short nobody tries again in vain
 *
 * A driver takes fewer bytes than asked for as the word that no more are there,
 * and waits. So what comes just before and after must never be slept through:
 * more bytes, the end, a reset, urgent data.
 */
#include <cio/net.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cio/time.h>

#include "check.h"

struct ends {
	cio_listener *listener;
	cio_stream *s;
	int peer; /* a plain socket, which never waits here */
	long got;
	ssize_t last;
};

static int open_ends(struct ends *e)
{
	*e = (struct ends){.peer = -1};
	int err = cio_tcp_listen(&e->listener, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(cio_listener_port(e->listener)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	e->peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_INT(connect(e->peer, (struct sockaddr *)&to, sizeof to), 0);
	return cio_listener_accept(e->listener, &e->s);
}

static void close_ends(struct ends *e)
{
	cio_stream_close(e->s);
	if (e->peer >= 0)
		close(e->peer);
	cio_listener_close(e->listener);
}

static int read_all(struct ends *const *ends)
{
	struct ends *e = *ends;
	char buf[64];
	while ((e->last = cio_stream_read(e->s, buf, sizeof buf)) > 0)
		e->got += e->last;
	return 0;
}

/* Until the reader has so many bytes; it hangs if they are slept through. */
static void await_bytes(struct ends *e, long n)
{
	for (int i = 0; i < 2000 && e->got < n; i++)
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	CHECK_INT(e->got, n);
}

static void say(struct ends *e, const char *text, int flags)
{
	size_t n = strlen(text);
	CHECK_INT(send(e->peer, text, n, flags | MSG_NOSIGNAL), (long long)n);
}

static int with_reader(void (*then)(struct ends *e))
{
	struct ends e, *at = &e;
	int err = open_ends(&e);
	if (err < 0)
		return err;
	cio_task *t = cio_spawn(read_all, &at);
	say(&e, "a", 0); /* from now on the reader has waited once */
	await_bytes(&e, 1);
	then(&e);
	CHECK_INT(cio_await(t), 0);
	close_ends(&e);
	return 0;
}

static void one_by_one(struct ends *e)
{
	for (long i = 2; i < 50; i++) {
		say(e, "b", 0);
		await_bytes(e, i);
	}
	shutdown(e->peer, SHUT_WR);
}

static void bytes_and_the_end(struct ends *e)
{
	say(e, "bcd", 0);
	shutdown(e->peer, SHUT_WR);
}

static void urgent_data(struct ends *e)
{
	say(e, "bc", 0);
	say(e, "!", MSG_OOB); /* stands beside the stream, and cuts a receive */
	say(e, "de", 0);
	await_bytes(e, 5);
	say(e, "f", 0);
	await_bytes(e, 6);
	shutdown(e->peer, SHUT_WR);
}

static void a_reset(struct ends *e)
{
	struct linger at_once = {.l_onoff = 1};
	setsockopt(e->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(e->peer);
	e->peer = -1;
}

/* More than fits: a receive that is full says nothing about what is left. */
static void more_than_room(struct ends *e)
{
	char bytes[1000] = {0};
	CHECK_INT(send(e->peer, bytes, sizeof bytes, MSG_NOSIGNAL), 1000);
	await_bytes(e, 1001);
	shutdown(e->peer, SHUT_WR);
}

static int each_of_them(void *arg)
{
	(void)arg;
	CHECK_INT(with_reader(one_by_one), 0);
	CHECK_INT(with_reader(bytes_and_the_end), 0);
	CHECK_INT(with_reader(urgent_data), 0);
	CHECK_INT(with_reader(a_reset), 0);
	CHECK_INT(with_reader(more_than_room), 0);
	return 0;
}

static void nothing_is_slept_through(void **state)
{
	(void)state;
	assert_int_equal(check_run(each_of_them, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_slept_through),
	};
	return cmocka_run_group_tests_name("short_receive", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * reuse_of_dead.c - a kept connection whose end came within the same turn
 *
 * Where the driver knew that a socket had been emptied in this turn, the check
 * before a reuse did not look again. So the end that a server sent right behind
 * its answer was met by the request: a POST, which is not sent twice, failed.
 * (A GET may meet it: it is sent again on a new connection.)
 */
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/http/canned.h"

/* A server in a thread, so that it can close while our loop stands still. */
struct closer {
	int listener, connections;
	char url[64];
	sem_t close_now, closed;
	pthread_t thread;
};

static void answer_one(int fd)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	char text[4096];
	size_t n = 0;
	ssize_t got = 1;
	while (got > 0 && memmem(text, n, "\r\n\r\n", 4) == NULL) {
		got = read(fd, text + n, sizeof text - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (got > 0 && write(fd, ok, sizeof ok - 1) < 0)
		perror("write");
}

/* Each connection answers once, and ends when it is told to. */
static void *serve(void *arg)
{
	struct closer *c = arg;
	for (;;) {
		int fd = accept(c->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		c->connections++;
		answer_one(fd);
		sem_wait(&c->close_now);
		close(fd);
		sem_post(&c->closed);
	}
}

static int start(struct closer *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	c->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(c->listener, (struct sockaddr *)&a, n) < 0 ||
		listen(c->listener, 8) < 0 ||
		getsockname(c->listener, (struct sockaddr *)&a, &n) < 0)
		return -errno;
	snprintf(c->url, sizeof c->url, "http://127.0.0.1:%u/",
		ntohs(a.sin_port));
	sem_init(&c->close_now, 0, 0);
	sem_init(&c->closed, 0, 0);
	return -pthread_create(&c->thread, NULL, serve, c);
}

static void stop(struct closer *c)
{
	shutdown(c->listener, SHUT_RDWR);
	pthread_join(c->thread, NULL);
	close(c->listener);
}

/* Nobody has a turn between: the loop waits with us. */
static void end_connection(struct closer *c)
{
	sem_post(&c->close_now);
	while (sem_wait(&c->closed) < 0)
		continue;
}

struct once {
	cio_http_body body;
	bool made; /* it cannot be made again */
};

static ssize_t make(cio_http_body *b, void *buf, size_t n)
{
	struct once *o = (struct once *)(void *)b;
	if (o->made || n < 5)
		return 0;
	o->made = true;
	memcpy(buf, "hello", 5);
	return 5;
}

static void ask_on_dead(struct closer *c, cio_http_session *s,
	const cio_http_request_options *rq)
{
	cio_http_response r = {0};
	CHECK_INT(ask(s, c->url, &r), 200);
	end_connection(c);
	int before = c->connections;
	if (!CHECK_INT(cio_http_request_do(s, rq, &r), 200))
		printf("# %s\n", cio_error_text());
	CHECK(!r.reused);
	if (CHECK_INT(c->connections, before + 1))
		end_connection(c);
	cio_http_response_finish(&r);
}

static int client(void *arg)
{
	struct closer c = {0};
	(void)arg;
	int err = start(&c);
	if (err < 0)
		return err;
	cio_http_session *s = cio_http_session_open(NULL);
	for (int i = 0; i < 10; i++) {
		ask_on_dead(&c, s, &(cio_http_request_options){
			.method = CIO_POST, .url = c.url, .body = "hello",
			.body_size = 5});
		struct once once = {.body = {.size = 5, .read = make}};
		ask_on_dead(&c, s, &(cio_http_request_options){
			.method = CIO_PUT, .url = c.url, .source = &once.body});
	}
	cio_http_session_close(s);
	stop(&c);
	return 0;
}

RUNS(client)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

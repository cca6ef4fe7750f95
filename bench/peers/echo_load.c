/* SPDX-License-Identifier: MIT */
/*
 * echo_load.c - load for an echo server, without cio
 *
 *	echo_load PORT CONNECTIONS SECONDS BYTES
 *
 * Each connection keeps one message of BYTES in flight. Prints how many came
 * back, how many a second, and the median round trip in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 65536, SLOWEST = 100000 };

struct connection {
	int fd;
	size_t got;
	double sent_at;
};

static char message[MOST_BYTES], input[MOST_BYTES];
static size_t size;
static long round_trips[SLOWEST];

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void send_message(struct connection *c)
{
	c->sent_at = now();
	if (send(c->fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
		die("echo_load: send");
}

static void open_connection(struct connection *c, int port, int epoll)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("echo_load: connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("echo_load: epoll_ctl");
}

/* One message more has come back? */
static int receive(struct connection *c)
{
	ssize_t n = recv(c->fd, input, sizeof input, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		die("echo_load: recv");
	c->got += (size_t)n;
	if (c->got < size)
		return 0;
	c->got = 0;
	long us = (long)((now() - c->sent_at) * 1e6);
	round_trips[us < SLOWEST ? us : SLOWEST - 1]++;
	send_message(c);
	return 1;
}

static int median(long messages)
{
	long seen = 0;
	int us = 0;
	while (us < SLOWEST - 1 && (seen += round_trips[us]) * 2 < messages)
		us++;
	return us;
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: echo_load PORT CONNECTIONS SECONDS BYTES\n");
		return 2;
	}
	int port = atoi(argv[1]), count = atoi(argv[2]);
	double seconds = atof(argv[3]);
	size = (size_t)atol(argv[4]);
	if (count <= 0 || size == 0 || size > MOST_BYTES)
		return 2;
	memset(message, 'x', size);
	int epoll = epoll_create1(0);
	struct connection *all = calloc((size_t)count, sizeof *all);
	for (int i = 0; i < count; i++)
		open_connection(&all[i], port, epoll);
	double start = now(), end = start + seconds;
	for (int i = 0; i < count; i++)
		send_message(&all[i]);

	long messages = 0;
	struct epoll_event events[512];
	while (now() < end) {
		int n = epoll_wait(epoll, events, 512, 100);
		for (int i = 0; i < n; i++)
			messages += receive(events[i].data.ptr);
	}
	printf("%ld %.0f %d\n", messages, (double)messages / (now() - start),
		median(messages));
	return 0;
}

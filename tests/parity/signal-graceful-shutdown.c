/* SPDX-License-Identifier: MIT */
/* a signal stops a server: active requests finish, the pool is closed last */
/* drivers: epoll uring */
#include "parity_net.h"

#include <signal.h>

static int borrowed;

static int handler(cio_stream *s)
{
	char name[32];
	(void)read_line(s, name, sizeof name);
	char *ticks = strchr(name, ' ');
	*ticks++ = 0;
	borrowed++;
	(void)cio_sleep(atoi(ticks) * T);
	borrowed--;
	return send_text(s, "%s served row\n", name);
}

struct client {
	uint16_t port;
	const char *name;
	int ticks;
};

static int client(const struct client *c)
{
	cio_stream *s;
	char line[64];
	if (cio_tcp_connect(&s, "127.0.0.1", c->port, NULL) < 0) {
		say("%s refused", c->name);
		return 0;
	}
	(void)send_text(s, "%s %d\n", c->name, c->ticks);
	if (read_line(s, line, sizeof line) > 0)
		say("%s", line);
	cio_stream_close(s);
	return 0;
}

static int terminate(const int *unused)
{
	(void)unused;
	(void)cio_sleep(6 * T);
	return kill(getpid(), SIGTERM);
}

static int scenario(void *arg)
{
	struct server server;
	cio_signals stop;
	(void)arg;
	server_open(&server, handler);
	uint16_t port = cio_listener_port(server.listener);
	CHECK_INT(cio_signals_open(&stop, CIO_SIGNAL(SIGTERM)), 0);
	cio_task *quick = cio_spawn(client, &(struct client){port, "quick", 2}),
		 *slow = cio_spawn(client, &(struct client){port, "slow", 12});
	cio_detach(cio_spawn(terminate, NOTHING), NULL);
	CHECK_INT(cio_signals_wait(&stop), SIGTERM);
	say("terminate received, active %d", server.now);
	server_stop(&server);
	(void)client(&(struct client){port, "late", 1});
	server_close(&server);
	CHECK_INT(cio_gather(CIO_TASKS(quick, slow)), 0);
	say("pool closed, borrowed %d", borrowed);
	cio_signals_close(&stop);
	say("all finished");
	return 0;
}

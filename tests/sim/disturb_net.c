/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * disturb_net.c - connecting, listening, names and pools, disturbed everywhere
 *
 * Each connection that was made is somebody's; a listener that was closed has
 * left neither a port nor a file; a place in a pool is given back.
 */
#include "disturb.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cio.h>

enum { CALLERS = 3 };

struct site {
	cio_listener *l;
	const char *host, *path; /* one of them */
	int accepted, connected, cut;
};

struct connection {
	struct site *s;
	cio_stream *c;
};

/* A peer that was cut hangs up, or never answers; that is no failure here. */
static bool is_hung_up(const struct site *s, int err)
{
	return s->cut > 0 && (err == -ECONNRESET || err == -EPIPE ||
		err == -CIO_EEOF || err == -ETIMEDOUT);
}

/* ---- both ends ---- */

static int dial(struct site *s, cio_stream **out)
{
	if (s->path != NULL)
		return cio_unix_connect(out, s->path);
	return cio_tcp_connect(out, s->host, cio_listener_port(s->l),
		&(cio_tcp_options){.connect_timeout = CIO_S(20)});
}

static int calls(struct site *const *site)
{
	struct site *s = *site;
	cio_stream *c;
	char byte;
	int err = dial(s, &c);
	if (err < 0)
		return err;
	s->connected++;
	err = cio_stream_write(c, "x", 1, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(c, &byte, 1, NULL);
	cio_stream_close(c);
	s->cut += err < 0;
	return err;
}

static int echoes(const struct connection *k)
{
	char byte;
	ssize_t n = cio_stream_read(k->c, &byte, 1);
	int err = n < 0 ? (int)n : 0;
	if (n > 0)
		err = cio_stream_write(k->c, &byte, 1, NULL);
	cio_stream_close(k->c);
	k->s->cut += err < 0;
	return err;
}

/* Accepts until it is cancelled; an echo that fails is the caller's business. */
static int accepts(struct site *const *site)
{
	struct site *s = *site;
	cio_stream *c;
	int err = 0;
	CIO_GROUP (g, &err, .errors = CIO_COLLECT) {
		while ((err = cio_listener_accept(s->l, &c)) == 0) {
			s->accepted++;
			err = cio_group_try_spawn(&g, echoes,
				&(struct connection){s, c});
			if (err < 0) {
				cio_stream_close(c);
				break;
			}
		}
		s->cut++;
	}
	return err;
}

static int call_all(struct site *s)
{
	int err = 0;
	CIO_TIMEOUT (CIO_MS(50), &err) {
		CIO_GROUP (g, &err) {
			for (int i = 0; i < CALLERS && err == 0; i++)
				err = cio_group_spawn(&g, calls, &s);
		}
	}
	return err;
}

static int serve_and_call(struct site *s)
{
	int err = 0;
	CIO_GROUP (g, &err) {
		err = cio_group_spawn(&g, accepts, &s);
		if (err == 0)
			err = call_all(s);
		cio_group_cancel(&g, "all have called");
	}
	return is_hung_up(s, err) ? cio_refused() : err;
}

/* One more call works; before it may stand some that were cut. */
static void call_again(struct site *s)
{
	cio_stream *c, *far;
	char byte = 0;
	if (!CHECK_INT(dial(s, &c), 0))
		return;
	CHECK_INT(cio_stream_write(c, "y", 1, NULL), 0);
	while (byte != 'y' && CHECK_INT(cio_listener_accept(s->l, &far), 0)) {
		if (cio_stream_read(far, &byte, 1) <= 0)
			byte = 0;
		cio_stream_close(far);
	}
	cio_stream_close(c);
}

static int tcp(void)
{
	struct site s = {.host = "127.0.0.1"};
	int err = cio_tcp_listen(&s.l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	err = serve_and_call(&s);
	CALM() {
		cio_stream *c;
		call_again(&s);
		uint16_t port = cio_listener_port(s.l);
		cio_listener_close(s.l);
		CHECK_INT(cio_tcp_connect(&c, "127.0.0.1", port, NULL),
			-ECONNREFUSED);
		CHECK_INT(cio_tcp_listen(&s.l, "127.0.0.1", port, NULL), 0);
	}
	cio_listener_close(s.l);
	return err;
}

static int tcp_by_name(void)
{
	struct site s = {.host = "localhost"};
	int err = cio_tcp_listen(&s.l, "localhost", 0, NULL);
	if (err < 0)
		return err;
	err = serve_and_call(&s);
	cio_listener_close(s.l);
	return err;
}

static int unix_sockets(void)
{
	static char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/tmp/cio-disturb-%d", (int)getpid());
	struct site s = {.path = path};
	int err = cio_unix_listen(&s.l, path, NULL);
	if (err < 0) {
		CHECK(stat(path, &st) < 0);
		return err;
	}
	err = serve_and_call(&s);
	CALM() {
		call_again(&s);
	}
	cio_listener_close(s.l);
	CHECK(stat(path, &st) < 0);
	return err;
}

static int abstract_sockets(void)
{
	static char path[64];
	snprintf(path, sizeof path, "@cio-disturb-%d", (int)getpid());
	struct site s = {.path = path};
	int err = cio_unix_listen(&s.l, path, NULL);
	if (err < 0)
		return err;
	err = serve_and_call(&s);
	CALM() {
		call_again(&s);
	}
	cio_listener_close(s.l);
	return err;
}

/* ---- a server of streams ---- */

static int serves(cio_stream *c, void *arg)
{
	struct site *s = arg;
	char byte;
	ssize_t n = cio_stream_read(c, &byte, 1);
	int err = n < 0 ? (int)n : 0;
	if (n > 0)
		err = cio_stream_write(c, &byte, 1, NULL);
	s->cut += n <= 0 || err < 0;
	return err;
}

static int dials_server(struct site *s, uint16_t port)
{
	cio_stream *c;
	char byte;
	int err = cio_tcp_connect(&c, "127.0.0.1", port, NULL);
	if (err < 0)
		return err;
	err = cio_stream_write(c, "x", 1, NULL);
	if (err == 0)
		err = cio_stream_read_exactly(c, &byte, 1, NULL);
	cio_stream_close(c);
	return is_hung_up(s, err) ? 0 : err;
}

/* What could not be accepted hangs up without its handler having run. */
static int stream_server(void)
{
	struct site s = {.cut = 0};
	cio_stream_server *server;
	int err = cio_stream_server_open(&server, serves, &s, NULL);
	if (err < 0)
		return err;
	uint16_t port = cio_stream_server_port(server);
	s.cut = disturb_way() != 0;
	CIO_TIMEOUT (CIO_MS(50), &err) {
		for (int i = 0; i < 2 && err == 0; i++)
			err = dials_server(&s, port);
	}
	(void)cio_stream_server_close(server, CIO_MS(50));
	CALM() {
		cio_stream *c;
		CHECK_INT(cio_tcp_connect(&c, "127.0.0.1", port, NULL),
			-ECONNREFUSED);
	}
	return is_hung_up(&s, err) ? cio_refused() : err;
}

/* ---- names: the system's resolver knows one ---- */

int getaddrinfo(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **out)
{
	static struct sockaddr_in in = {.sin_family = AF_INET};
	static struct addrinfo found = {.ai_family = AF_INET,
		.ai_addrlen = sizeof in,
		.ai_addr = (struct sockaddr *)&in};
	(void)service, (void)hints;
	*out = &found;
	return strcmp(name, "known.test") == 0 ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *a)
{
	(void)a;
}

static int resolves(void)
{
	cio_address found[4];
	int n = cio_resolve("known.test", 80, found, 4);
	CHECK(n == 1 || n < 0);
	CALM() {
		CHECK_INT(cio_resolve("unknown.test", 80, found, 4), -CIO_EDNS);
		CHECK_INT(cio_resolve("known.test", 80, found, 4), 1);
		CHECK_INT(cio_address_port(found), 80);
	}
	return n;
}

/* ---- pools ---- */

static struct {
	int open, made, most;
} things;

static int open_thing(void *arg, cio_str key, const void *how, void **item)
{
	(void)arg, (void)key, (void)how;
	int err = cio_sleep(CIO_US(2));
	if (err < 0)
		return err;
	int *thing = calloc(1, sizeof *thing);
	if (thing == NULL)
		return -ENOMEM;
	things.made++;
	if (++things.open > things.most)
		things.most = things.open;
	*item = thing;
	return 0;
}

static void close_thing(void *arg, void *item)
{
	(void)arg;
	CHECK_INT(*(int *)item, 0);
	things.open--;
	free(item);
}

static int use_thing(cio_pool *p, const char *key, bool fresh)
{
	cio_lease lease;
	int err = fresh ? cio_pool_acquire_new(p, cio_str_of(key), NULL, &lease)
			: cio_pool_acquire(p, cio_str_of(key), NULL, &lease);
	if (err < 0)
		return err;
	CHECK_INT(++*(int *)lease.item, 1); /* it is ours alone */
	err = cio_sleep(CIO_US(2));
	--*(int *)lease.item;
	cio_pool_release(p, &lease, err == 0 && !fresh);
	return err;
}

struct pool_user {
	cio_pool *p;
	int i;
};

static int uses_pool(const struct pool_user *u)
{
	int err = use_thing(u->p, u->i % 2 == 0 ? "even" : "odd", u->i == 3);
	return err < 0 ? err : use_thing(u->p, "even", false);
}

static int pool(void)
{
	cio_pool *p;
	things.open = things.made = things.most = 0;
	int err = cio_pool_open(&p, &(cio_pool_options){.limit = 2,
		.limit_per_key = 1, .acquire_timeout = CIO_S(50),
		.open = open_thing, .close = close_thing});
	if (err < 0)
		return err;
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 5 && err == 0; i++)
			err = cio_group_spawn(&g, uses_pool,
				&(struct pool_user){p, i});
	}
	CALM() {
		cio_pool_figures f = cio_pool_get_figures(p);
		CHECK(f.in_use == 0 && f.waiting == 0);
		CHECK_INT(f.idle, things.open);
		CHECK(things.most <= 2);
		CHECK_INT(use_thing(p, "even", false), 0);
		CHECK_INT(use_thing(p, "odd", true), 0);
	}
	CHECK_INT(cio_pool_close(p), 0);
	CHECK_INT(things.open, 0);
	return err;
}

static const struct scenario scenarios[] = {
	{"tcp", tcp, DISTURB_ALL},
	/* its connects race in tasks that are nobody's to cancel alone */
	{"tcp_by_name", tcp_by_name,
		DISTURB_ALL & ~(DISTURB_ONE | DISTURB_NEXT)},
	{"unix", unix_sockets, DISTURB_ALL},
	{"abstract", abstract_sockets, DISTURB_ALL},
	{"resolve", resolves,
		DISTURB_CANCEL | DISTURB_MEMORY | DISTURB_STACKS},
	{"stream_server", stream_server,
		DISTURB_ALL & ~(DISTURB_ONE | DISTURB_NEXT)},
	{"pool", pool, DISTURB_TASKS},
};

int main(void)
{
	return disturb_main(scenarios, sizeof scenarios / sizeof *scenarios);
}

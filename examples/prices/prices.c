/* SPDX-License-Identifier: MIT */
/*
 * prices - a price service with 1,000 products, the flagship example
 *
 *	prices [--port N] [--delay MS] [--flaky]
 *
 *	GET /prices/{id}   {"id":7,"name":"product 7","cents":1234}
 *	GET /healthz       ok
 *
 * Products live in SQLite, asked in a thread (store.c). Every answer is delayed
 * on purpose, 200 ms by default, as a slow upstream would. With --flaky about 2 %
 * of the products answer their first request with 503 or a reset. SIGTERM or
 * SIGINT: no new connections, requests at hand finish, then it ends.
 */
#include <cio.h>
#include <cio/http_server.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "store.h"

struct service {
	struct store *store;
	uint16_t port;
	cio_duration delay;
	bool flaky, told; /* told: the loop ran, and said what went wrong */
	bool tried[PRODUCTS + 1]; /* the first request has been made */
};

/* Fail the first request for this product? 1 in 50, spread by a hash. */
static bool unlucky(struct service *s, int64_t id)
{
	if (!s->flaky || id < 1 || id > PRODUCTS || s->tried[id])
		return false;
	s->tried[id] = true;
	return ((uint64_t)id * 2654435761u >> 7) % 50 == 0;
}

static int get_price(cio_request *req, cio_response *res)
{
	struct service *s = cio_request_state(req);
	struct product p = {.id = cio_path_int(req, "id")};

	int err = cio_sleep(s->delay);
	if (err < 0)
		return err;
	if (unlucky(s, p.id)) {
		if (p.id % 2 == 0)
			return cio_respond(res, 503, "text/plain", "try again\n");
		cio_request_abort(req);
		return 0;
	}
	err = store_find(s->store, &p);
	if (err < 0)
		return err; /* -ENOENT becomes 404 */
	return cio_respond_format(res, 200, "application/json",
		"{\"id\":%lld,\"name\":\"%s\",\"cents\":%d}\n", (long long)p.id,
		p.name, p.cents);
}

static int healthz(cio_request *req, cio_response *res)
{
	(void)req;
	return cio_respond(res, 200, "text/plain", "ok\n");
}

static const cio_route routes[] = {
	{CIO_GET, "/prices/{id:int}", get_price},
	{CIO_GET, "/healthz", healthz},
	{CIO_GET, NULL, NULL},
};

/* Serve until a signal comes, then drain. */
static int serve(struct service *s)
{
	cio_http_server *server;
	cio_signals stop;
	cio_http_server_drained told = {0};

	int err = cio_signals_open(&stop,
		CIO_SIGNAL(SIGTERM) | CIO_SIGNAL(SIGINT));
	if (err < 0)
		return err;
	err = cio_http_server_open(&server, &(cio_http_server_options){
		.port = s->port, .routes = routes, .state = s});
	if (err == 0) {
		printf("prices: http://127.0.0.1:%u/prices/1\n",
			cio_http_server_port(server));
		fflush(stdout);
		err = cio_signals_wait(&stop);
		int drained = cio_http_server_close(server, CIO_S(10), &told);
		printf("prices: %s: %llu requests at hand finished, %llu "
			"idle connections closed, %llu requests cut\n",
			drained == 0 ? "drained" : "gave up draining",
			(unsigned long long)told.finished,
			(unsigned long long)told.idle,
			(unsigned long long)told.cut);
	}
	cio_signals_close(&stop);
	return err;
}

static int app(void *arg)
{
	struct service *s = arg;
	int err = store_open(&s->store);
	if (err == 0)
		err = serve(s);
	s->told = true;
	if (err < 0)
		fprintf(stderr, "prices: %s\n", cio_error_text()[0] != '\0' ?
			cio_error_text() : cio_strerror(err));
	store_close(s->store);
	return err;
}

static bool number(const char *text, long most, long *out)
{
	char *end;
	*out = text != NULL ? strtol(text, &end, 10) : -1;
	return text != NULL && *text != '\0' && *end == '\0' && *out >= 0 &&
		*out <= most;
}

static bool parse(struct service *s, char **argv)
{
	long n = 0;
	for (char **at = argv + 1; *at != NULL; at++) {
		if (strcmp(*at, "--flaky") == 0)
			s->flaky = true;
		else if (strcmp(*at, "--port") == 0 && number(*++at, 65535, &n))
			s->port = (uint16_t)n;
		else if (strcmp(*at, "--delay") == 0 && number(*++at, 60000, &n))
			s->delay = CIO_MS(n);
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct service s = {.port = 8080, .delay = CIO_MS(200)};
	(void)argc;
	if (!parse(&s, argv)) {
		fprintf(stderr, "usage: prices [--port 0-65535] "
			"[--delay MILLISECONDS] [--flaky]\n");
		return 2;
	}
	int err = cio_run(app, &s);
	if (err < 0 && !s.told)
		fprintf(stderr, "prices: cannot start: %s\n", cio_error_text());
	return err < 0;
}

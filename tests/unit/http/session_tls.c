/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * session_tls.c - https: who is believed, what is shared, what is cut
 */
#include "canned.h"

#include "unit/tls/ends.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define SMALL OK "Content-Length: 2\r\n\r\nok"
#define LAST OK "Connection: close\r\nContent-Length: 2\r\n\r\nok"

static cio_http_session *open_with(cio_tls_options tls,
	cio_http_session_options o)
{
	if (tls.ca_file == NULL)
		tls.ca_file = file("ca.crt");
	o.tls = &tls;
	return cio_http_session_open(&o);
}

static cio_http_session *trusting(void)
{
	return open_with((cio_tls_options){0}, (cio_http_session_options){0});
}

static int ask_as(cio_http_session *s, const char *url, const char *name,
	cio_http_response *r)
{
	cio_buf_clear(&r->body);
	r->keep_body = true;
	return cio_http_request_do(s, &(cio_http_request_options){.url = url,
		.server_name = name}, r);
}

/* One request of a session of its own. */
static int ask_once(cio_http_session *s, const char *url, cio_http_response *r)
{
	int status = s != NULL ? ask_as(s, url, NULL, r) : -ENOMEM;
	cio_http_session_close(s);
	return status;
}

static void says(const char *part)
{
	if (!CHECK(strstr(cio_error_text(), part) != NULL))
		printf("# \"%s\" does not say \"%s\"\n", cio_error_text(), part);
}

static void become(struct canned *c, const char *name, cio_tls_options o)
{
	cio_tls_config_close(c->tls);
	c->tls = server_with(name, o);
}

/* canned_run with TLS; the client may change the certificate. */
static int tls_run(struct canned *c, int (*client)(struct canned *))
{
	become(c, "good", (cio_tls_options){0});
	int err = canned_run(c, client);
	cio_tls_config_close(c->tls);
	return err;
}

static bool pool_is_clean(cio_http_session *s, uint32_t idle)
{
	cio_pool_figures f = cio_http_session_get_figures(s).connections;
	return CHECK_INT(f.in_use, 0) && CHECK_INT(f.waiting, 0) &&
		CHECK_INT(f.idle, idle);
}

/* ---- who is believed ---- */

static const struct {
	const char *certificate, *said;
} refused[] = {
	{"expired", "its certificate expired on 2021-01-01"},
	{"early", "not valid before 2055-01-01"},
	{"host", "is for other.test, another.test, 10.1.2.3"},
	{"self", "self-signed"},
	{"stranger", "(some other CA)"},
	{"purpose", "wrong purpose"},
	{"lone", "(cio test intermediate)"},
};

static int refusing_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = open_with((cio_tls_options){0},
		(cio_http_session_options){.retries = 3});
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const char *url = canned_url(c, "/echo");
		become(c, refused[i].certificate, (cio_tls_options){0});
		CHECK_INT(ask_as(s, url, NULL, &r), -CIO_ETLS);
		CHECK_INT(r.error, CIO_HTTP_ERROR_TLS);
		CHECK_INT(r.attempts, 1); /* it will not become better */
		CHECK_INT(r.status, 0);
		says(url);
		says(": TLS: ");
		says(refused[i].said);
		pool_is_clean(s, 0);
		cio_tls_options insecure = {.insecure = true};
		CHECK_INT(ask_once(open_with(insecure,
			(cio_http_session_options){0}), url, &r), 200);
	}
	CHECK_INT(c->requests, sizeof refused / sizeof *refused);
	become(c, "good", (cio_tls_options){0});
	CHECK_INT(ask_as(s, canned_url(c, "/echo"), NULL, &r), 200);
	pool_is_clean(s, 1);
	cio_http_session_close(s);
	/* without a CA of ours: the system's, which do not know this one */
	CHECK_INT(ask_once(cio_http_session_open(NULL), canned_url(c, "/"), &r),
		-CIO_ETLS);
	cio_http_response_finish(&r);
	return 0;
}

static int who_is_refused(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, refusing_client);
}

static int client_with_certificate(struct canned *c)
{
	cio_http_response r = {0};
	cio_tls_options strict = {.verify_client = true,
		.ca_file = file("ca.crt")};
	cio_tls_options ours = {.certificate_file = file("client.pem"),
		.key_file = file("client.key")};
	become(c, "good", strict);
	CHECK_INT(ask_once(open_with(ours, (cio_http_session_options){0}),
		canned_url(c, "/echo"), &r), 200);
	for (cio_tls_version v = CIO_TLS_1_2; v <= CIO_TLS_1_3; v++) {
		cio_tls_options none = {.max_version = v};
		CHECK_INT(ask_once(open_with(none,
			(cio_http_session_options){0}), canned_url(c, "/echo"),
			&r), -CIO_ETLS);
		CHECK_INT(r.error, CIO_HTTP_ERROR_TLS);
		says("certificate");
		says("127.0.0.1");
	}
	CHECK_INT(c->requests, 1);
	ours.certificate_file = file("nowhere.pem");
	CHECK_INT(ask_once(open_with(ours, (cio_http_session_options){0}),
		canned_url(c, "/echo"), &r), -CIO_ETLS);
	says("nowhere.pem");
	cio_http_response_finish(&r);
	return 0;
}

static int client_certificates(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, client_with_certificate);
}

static const char *good_pin(char text[64])
{
	FILE *f = fopen(file("good.pin"), "r");
	CHECK(f != NULL && fgets(text, 64, f) != NULL);
	if (f != NULL)
		fclose(f);
	return text;
}

static int pinning_client(struct canned *c)
{
	char text[64] = "";
	cio_http_response r = {0};
	const char *right[] = {good_pin(text), NULL};
	const char *wrong[] = {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		NULL};
	for (int insecure = 0; insecure < 2; insecure++) {
		cio_tls_options o = {.insecure = insecure, .pin_sha256 = right};
		CHECK_INT(ask_once(open_with(o, (cio_http_session_options){0}),
			canned_url(c, "/echo"), &r), 200);
		o.pin_sha256 = wrong;
		CHECK_INT(ask_once(open_with(o, (cio_http_session_options){0}),
			canned_url(c, "/echo"), &r), -CIO_ETLS);
		says("pin");
	}
	CHECK_INT(c->requests, 2);
	cio_http_response_finish(&r);
	return 0;
}

static int pins(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, pinning_client);
}

/* ---- what is shared ---- */

static int names_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = trusting();
	const char *url = canned_url(c, "/echo");
	static const char *const names[] = {"good.test", "localhost", NULL};
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 3; i++) {
			CHECK_INT(ask_as(s, url, names[i], &r), 200);
			CHECK_INT(r.reused, round == 1);
			CHECK_INT(c->connections, round == 1 ? 3 : (int)i + 1);
		}
	}
	pool_is_clean(s, 3);
	CHECK_INT(ask_as(s, url, "other.test", &r), -CIO_ETLS);
	says("other.test");
	/* no name at all: never a connection that was made under another */
	char longer[600];
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	CHECK_INT(ask_as(s, url, longer, &r), -EINVAL);
	CHECK_INT(ask_as(s, url, "", &r), -EINVAL);
	says("name");
	CHECK_INT(c->requests, 6);
	pool_is_clean(s, 3);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int names_are_kept_apart(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, names_client);
}

static int resuming_client(struct canned *c)
{
	static const struct answer last[] = {{.path = "/", .text = LAST}, {0}};
	cio_http_response r = {0};
	c->answers = last;
	for (cio_tls_version v = CIO_TLS_1_2; v <= CIO_TLS_1_3; v++) {
		cio_http_session *s = open_with(
			(cio_tls_options){.max_version = v},
			(cio_http_session_options){0});
		for (int i = 0; i < 4; i++)
			CHECK_INT(ask_as(s, canned_url(c, "/"), NULL, &r), 200);
		cio_http_session_figures f = cio_http_session_get_figures(s);
		CHECK_INT(f.tls_handshakes, 4);
		CHECK_INT(f.tls_resumed, 3);
		CHECK(r.time_appconnect >= r.time_connect);
		pool_is_clean(s, 0);
		cio_http_session_close(s);
	}
	/* another session begins afresh */
	cio_http_session *s = trusting();
	CHECK_INT(ask_as(s, canned_url(c, "/"), NULL, &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).tls_resumed, 0);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int resumption(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, resuming_client);
}

static int two_sessions_client(struct canned *c)
{
	cio_http_response r = {0};
	become(c, "self", (cio_tls_options){0});
	const char *url = canned_url(c, "/echo");
	cio_http_session *any = open_with((cio_tls_options){.insecure = true},
		(cio_http_session_options){0});
	cio_http_session *strict = trusting();
	for (int i = 0; i < 3; i++) {
		CHECK_INT(ask_as(any, url, NULL, &r), 200);
		CHECK_INT(ask_as(strict, url, NULL, &r), -CIO_ETLS);
	}
	CHECK_INT(c->requests, 3);
	pool_is_clean(any, 1);
	pool_is_clean(strict, 0);
	CHECK_INT(cio_http_session_get_figures(strict).tls_handshakes, 0);
	cio_http_session_close(any);
	cio_http_session_close(strict);
	cio_http_response_finish(&r);
	return 0;
}

static int sessions_do_not_share(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, two_sessions_client);
}

/* Tickets come after the handshake, by themselves: neither bytes nor an end. */
static int reusing_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = trusting();
	for (int i = 0; i < 50; i++) {
		char path[24];
		snprintf(path, sizeof path, "/echo-%d", i);
		CHECK_INT(ask_as(s, canned_url(c, path), NULL, &r), 200);
		CHECK(is_text(&r.body, path));
		CHECK_INT(r.reused, i > 0);
		for (int k = 0; k < i % 5; k++)
			CHECK_INT(cio_yield(), 0);
	}
	CHECK_INT(c->connections, 1);
	pool_is_clean(s, 1);
	cio_http_session_close(s);

	/* the goodbye has come while it was idle */
	static const struct answer closing[] = {
		{.path = "/a", .text = SMALL, .how = THEN_CLOSE},
		{.path = "/b", .text = SMALL, .how = THEN_CUT},
		{.path = "/c", .text = SMALL, .how = STALE}, {0}};
	static const char *const paths[] = {"/a", "/b"};
	c->answers = closing;
	s = trusting();
	for (int i = 0; i < 2; i++) {
		CHECK_INT(ask_as(s, canned_url(c, paths[i]), NULL, &r), 200);
		while (c->open > 0 && cio_yield() == 0)
			continue;
	}
	CHECK_INT(ask_as(s, canned_url(c, "/c"), NULL, &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).replays, 0);
	/* it comes just as the next request does */
	CHECK_INT(ask_as(s, canned_url(c, "/c"), NULL, &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).replays, 1);
	CHECK_INT(r.attempts, 1);
	cio_http_request_options post = {.method = CIO_POST, .body = "x",
		.body_size = 1, .url = canned_url(c, "/c"), .retries = 2};
	CHECK_INT(cio_http_request_do(s, &post, &r), -ECONNRESET);
	CHECK_INT(cio_http_session_get_figures(s).replays, 1);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int reuse(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, reusing_client);
}

/* ---- what is cut ---- */

static void cut_everywhere(struct canned *c, const char *text, unsigned how)
{
	cio_http_session *s = trusting();
	cio_http_response r = {0};
	for (size_t n = 0; n < strlen(text); n++) {
		struct answer cut[] = {{"/cut", text, how, 0, n + 1}, {0}};
		c->answers = cut;
		int err = ask_as(s, canned_url(c, "/cut"), NULL, &r);
		if (!CHECK_INT(err, -ECONNRESET))
			printf("# after %zu bytes: %s\n", n, cio_error_text());
		CHECK_INT(r.body.n, 0);
	}
	pool_is_clean(s, 0);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
}

static int cutting_client(struct canned *c)
{
	static const char length[] = OK "Content-Length: 5\r\n\r\nhello";
	static const char chunks[] = OK "Transfer-Encoding: chunked\r\n\r\n"
					"5\r\nhello\r\n0\r\n\r\n";
	static const char open_end[] = OK "Connection: close\r\n\r\nhello";
	cut_everywhere(c, length, THEN_CUT);
	cut_everywhere(c, length, THEN_CLOSE);
	cut_everywhere(c, length, THEN_RESET);
	cut_everywhere(c, chunks, THEN_CUT);
	cut_everywhere(c, chunks, THEN_CLOSE);
	/* whole in TCP's eyes, but nobody said goodbye */
	cut_everywhere(c, open_end, THEN_CUT);

	cio_http_response r = {0};
	struct answer whole[] = {{.path = "/x", .text = open_end,
		.how = THEN_CUT}, {0}};
	c->answers = whole;
	CHECK_INT(ask_once(trusting(), canned_url(c, "/x"), &r), -ECONNRESET);
	CHECK_INT(r.error, CIO_HTTP_ERROR_RESET);
	CHECK_INT(r.body.n, 0);
	says("goodbye");
	whole[0].how = THEN_CLOSE;
	CHECK_INT(ask_once(trusting(), canned_url(c, "/x"), &r), 200);
	CHECK(is_text(&r.body, "hello"));
	cio_http_response_finish(&r);
	return 0;
}

static int cut_answers(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, cutting_client);
}

/* ---- no handshake ---- */

/* The https URL of a server that does not speak it. */
static const char *https(struct canned *c)
{
	static char url[64];
	snprintf(url, sizeof url, "https://127.0.0.1:%u/", c->port);
	return url;
}

static int silent_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session_options o = {.tls_timeout = CIO_MS(20)};
	CHECK_INT(ask_once(open_with((cio_tls_options){0}, o), https(c), &r),
		-ETIMEDOUT);
	CHECK_INT(r.error, CIO_HTTP_ERROR_TIMEOUT);
	says("TLS: not done within the tls_timeout of 20 ms");
	says(https(c));
	o = (cio_http_session_options){.timeout = CIO_MS(20)};
	CHECK_INT(ask_once(open_with((cio_tls_options){0}, o), https(c), &r),
		-ETIMEDOUT);
	says("TLS: not done within the timeout of 20 ms");
	o = (cio_http_session_options){.total_timeout = CIO_MS(20)};
	CHECK_INT(ask_once(open_with((cio_tls_options){0}, o), https(c), &r),
		-ETIMEDOUT);
	says("TLS: not done within the total_timeout of 20 ms");
	if (strcmp(check_driver(), "sim") == 0) { /* the clock costs nothing */
		o = (cio_http_session_options){.tls_timeout = CIO_S(40)};
		cio_time begun = cio_now();
		CHECK_INT(ask_once(open_with((cio_tls_options){0}, o),
			https(c), &r), -ETIMEDOUT);
		CHECK(cio_now() - begun >= CIO_S(40));
		says("tls_timeout of 40 s");
		begun = cio_now();
		cio_tls_options own = {.handshake_timeout = CIO_S(3)};
		CHECK_INT(ask_once(open_with(own, o), https(c), &r),
			-ETIMEDOUT);
		CHECK_INT((cio_now() - begun) / CIO_S(1), 3);
		says("tls_timeout of 3 s");
	}
	cio_http_response_finish(&r);
	return 0;
}

static int garbage_client(struct canned *c)
{
	cio_http_response r = {0};
	static const char *const garbage[] = {"HTTP/1.1 400 Bad\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\xff\xff garbage"};
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		c->greeting = garbage[i];
		CHECK_INT(ask_once(trusting(), https(c), &r), -CIO_ETLS);
		CHECK_INT(r.error, CIO_HTTP_ERROR_TLS);
		says(https(c));
		says(i < 2 ? "does not speak TLS" : "TLS with 127.0.0.1");
	}
	cio_http_response_finish(&r);
	return 0;
}

static int silent_server(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, silent_client);
}

static int garbage(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, garbage_client);
}

/* A server that hangs up in the middle is like one that resets: asked again. */
static int hang_up(void *arg)
{
	cio_listener *l = arg;
	cio_stream *s;
	int n = 0, err;
	while ((err = cio_listener_accept(l, &s)) == 0) {
		(void)cio_stream_fill(s);
		cio_stream_consume(s, cio_stream_peek(s).n);
		cio_stream_close(s);
		n++;
	}
	return n;
}

static int hang_up_task(cio_listener *const *l)
{
	return hang_up(*l);
}

static int retried_handshakes(void *arg)
{
	(void)arg;
	cio_listener *l;
	cio_http_response r = {0};
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	char url[64];
	snprintf(url, sizeof url, "https://127.0.0.1:%u/", cio_listener_port(l));
	cio_task *t = cio_spawn(hang_up_task, &(cio_listener *){l});
	cio_http_session_options o = {.retries = 2, .backoff = 1};
	CHECK_INT(ask_once(open_with((cio_tls_options){0}, o), url, &r),
		-ECONNRESET);
	CHECK_INT(r.error, CIO_HTTP_ERROR_RESET);
	CHECK_INT(r.attempts, 3);
	says("during the handshake");
	cio_task_cancel(t, "test");
	CHECK_INT(cio_await(t), 3);
	cio_listener_close(l);
	cio_http_response_finish(&r);
	return 0;
}

/* ---- the end of a connection that is kept ---- */

struct asking {
	cio_http_session *s;
	const char *url;
	cio_http_response *r;
};

static int ask_in_task(const struct asking *a)
{
	return ask_as(a->s, a->url, NULL, a->r);
}

/* Answers one request: what it then reads, 0 at a goodbye. */
static int answers_once(const struct accepting *a)
{
	cio_stream *s;
	char line[16];
	int err = cio_tls_accept(&s, a->inner, a->config);
	if (err < 0) {
		cio_stream_close(a->inner);
		return err;
	}
	cio_str head;
	err = cio_stream_readuntil(s, cio_str_of("\r\n\r\n"), &head);
	if (err == 1)
		err = cio_stream_write(s, SMALL, strlen(SMALL), NULL);
	if (err == 0)
		err = (int)cio_stream_read(s, line, sizeof line);
	cio_stream_close(s);
	return err;
}

static int ends_politely(cio_http_session_options o)
{
	cio_listener *l;
	cio_stream *inner;
	char url[64];
	cio_http_response r = {0};
	struct ends unused;
	int err = cio_tcp_listen(&l, "127.0.0.1", 0, NULL);
	if (err < 0)
		return err;
	cio_tls_config *c = server_with("good", (cio_tls_options){0});
	cio_http_session *s = open_with((cio_tls_options){0}, o);
	snprintf(url, sizeof url, "https://127.0.0.1:%u/", cio_listener_port(l));
	cio_task *t = cio_spawn(ask_in_task, &(struct asking){s, url, &r});
	CHECK_INT(cio_listener_accept(l, &inner), 0);
	cio_task *server = cio_spawn(answers_once,
		&(struct accepting){inner, c, &unused});
	CHECK_INT(cio_await(t), 200);
	if (o.keep_alive == 0) { /* else it ends by itself */
		pool_is_clean(s, 1);
		cio_http_session_close(s);
	}
	CHECK_INT(cio_await(server), 0);
	if (o.keep_alive > 0) {
		pool_is_clean(s, 0);
		cio_http_session_close(s);
	}
	cio_tls_config_close(c);
	cio_listener_close(l);
	cio_http_response_finish(&r);
	return 0;
}

static int goodbyes(void *arg)
{
	(void)arg;
	int err = ends_politely((cio_http_session_options){0});
	return err < 0 ? err : ends_politely((cio_http_session_options){
		.keep_alive = CIO_MS(20)});
}

/* ---- between http and https ---- */

struct two {
	struct canned plain, secure; /* first: the client is given its address */
	char to_secure[128], to_plain[128];
};

static int both_client(struct canned *c)
{
	struct two *t = (struct two *)(void *)((char *)c -
		offsetof(struct two, secure));
	struct canned *plain = &t->plain;
	cio_http_response r = {0};
	static const char go[] = "HTTP/1.1 302 R\r\nContent-Length: 0\r\n"
				 "Location: %s\r\n\r\n";
	snprintf(t->to_secure, sizeof t->to_secure, go, canned_url(c, "/end"));
	snprintf(t->to_plain, sizeof t->to_plain, go,
		canned_url(plain, "/end"));
	struct answer from_plain[] = {{.path = "/up", .text = t->to_secure},
		{.path = "/end", .text = SMALL}, {0}};
	struct answer from_secure[] = {{.path = "/down", .text = t->to_plain},
		{.path = "/end", .text = SMALL}, {0}};
	plain->answers = from_plain;
	c->answers = from_secure;

	cio_http_session *s = trusting();
	CHECK_INT(ask_as(s, canned_url(plain, "/up"), NULL, &r), 200);
	CHECK_INT(r.redirects, 1);
	CHECK(strncmp(r.url.p, "https://", 8) == 0);
	int asked = plain->requests;
	CHECK_INT(ask_as(s, canned_url(c, "/down"), NULL, &r), -CIO_EURL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_REDIRECT);
	says("from https to http");
	CHECK_INT(plain->requests, asked);
	pool_is_clean(s, 2);
	cio_http_session_close(s);

	s = open_with((cio_tls_options){0},
		(cio_http_session_options){.https_only = true});
	CHECK_INT(ask_as(s, canned_url(plain, "/up"), NULL, &r), -CIO_EURL);
	CHECK_INT(r.error, CIO_HTTP_ERROR_URL);
	says("https_only");
	CHECK_INT(ask_as(s, canned_url(c, "/end"), NULL, &r), 200);
	CHECK_INT(ask_as(s, canned_url(c, "/down"), NULL, &r), -CIO_EURL);
	CHECK_INT(plain->requests, asked);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int beside_client(struct canned *plain)
{
	struct two *t = (struct two *)(void *)plain;
	return tls_run(&t->secure, both_client);
}

static int redirects(void *arg)
{
	(void)arg;
	struct two *t = calloc(1, sizeof *t);
	int err = t != NULL ? canned_run(&t->plain, beside_client) : -ENOMEM;
	free(t);
	return err;
}

/* ---- slow, cancelled, without memory ---- */

static int bytes_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = trusting();
	char text[400];
	snprintf(text, sizeof text, OK "Transfer-Encoding: chunked\r\n\r\n"
		"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
	struct answer a[] = {{.path = "/chunks", .text = text,
		.how = BYTE_BY_BYTE}, {0}};
	c->answers = a;
	for (int i = 0; i < 3; i++) {
		CHECK_INT(ask_as(s, canned_url(c, "/chunks"), NULL, &r), 200);
		CHECK(is_text(&r.body, "hello"));
	}
	CHECK_INT(c->connections, 1);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int byte_by_byte(void *arg)
{
	(void)arg;
	return tls_run(&(struct canned){0}, bytes_client);
}

static int quiet_client(struct canned *c)
{
	cio_http_response r = {0};
	cio_http_session *s = open_with((cio_tls_options){0},
		(cio_http_session_options){.retries = 1, .backoff = 1});
	if (s == NULL)
		return -ENOMEM;
	static const struct answer answers[] = {{"/busy",
		"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", 0, 1, 0},
		{"/busy", SMALL, 0, 0, 0},
		{"/go", "HTTP/1.1 302 R\r\nLocation: /x\r\n"
			"Content-Length: 0\r\n\r\n", 0, 0, 0},
		{"/x", LAST, 0, 0, 0}, {0}};
	static const char *const paths[] = {"/echo", "/busy", "/go", "/echo2"};
	c->answers = answers;
	for (int i = 0; i < 4; i++) {
		int status = ask_as(s, canned_url(c, paths[i]), NULL, &r);
		CHECK(status < 0 || status == 200 || cio_refused() < 0);
		if (status == 200 && i % 3 == 0)
			CHECK(is_text(&r.body, paths[i]));
	}
	CHECK_INT(cio_http_session_get_figures(s).connections.in_use, 0);
	cio_http_session_close(s);
	cio_http_response_finish(&r);
	return 0;
}

static int everything(void *arg)
{
	(void)arg;
	struct canned c = {0};
	cio_tls_options o = {.certificate_file = file("good.pem"),
		.key_file = file("good.key")};
	int err = cio_tls_config_open(&c.tls, &o);
	err = err < 0 ? err : canned_run(&c, quiet_client);
	cio_tls_config_close(c.tls);
	return err;
}

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(everything, NULL, "https");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(everything, NULL, "https");
}

RUNS(who_is_refused)
RUNS(client_certificates)
RUNS(pins)
RUNS(names_are_kept_apart)
RUNS(resumption)
RUNS(sessions_do_not_share)
RUNS(reuse)
RUNS(cut_answers)
RUNS(silent_server)
RUNS(garbage)
RUNS(retried_handshakes)
RUNS(goodbyes)
RUNS(redirects)
RUNS(byte_by_byte)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_who_is_refused),
		cmocka_unit_test(run_client_certificates),
		cmocka_unit_test(run_pins),
		cmocka_unit_test(run_names_are_kept_apart),
		cmocka_unit_test(run_resumption),
		cmocka_unit_test(run_sessions_do_not_share),
		cmocka_unit_test(run_reuse),
		cmocka_unit_test(run_cut_answers),
		cmocka_unit_test(run_silent_server),
		cmocka_unit_test(run_garbage),
		cmocka_unit_test(run_retried_handshakes),
		cmocka_unit_test(run_goodbyes),
		cmocka_unit_test(run_redirects),
		cmocka_unit_test(run_byte_by_byte),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

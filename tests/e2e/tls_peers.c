/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * tls_peers.c - TLS with others: openssl's s_server and s_client
 */
#include "check.h"

#include "e2e/program.h"
#include "tls/tls.h"
#include "unit/tls/ends.h"

/* ---- what they say ---- */

/* All that it says until it ends. */
static void hear_out(struct program *p, char *text, size_t room)
{
	size_t n = 0;
	ssize_t more;
	while (n < room - 1 && (more = read(p->out, text + n, room - 1 - n)) > 0)
		n += (size_t)more;
	text[n] = '\0';
}

/* What it says until `part` has come `times` in all. */
static void hear_until(struct program *p, char *text, size_t room,
	const char *part, int times)
{
	size_t n = strlen(text);
	for (;;) {
		int seen = 0;
		for (char *at = text; (at = strstr(at, part)) != NULL; at++)
			seen++;
		if (seen >= times || n >= room - 1 ||
			read(p->out, text + n, 1) != 1)
			return;
		text[++n] = '\0';
	}
}

static void say_to(const struct program *p, const char *text)
{
	CHECK_INT(write(p->in, text, strlen(text)), (long long)strlen(text));
}

/* "ACCEPT 127.0.0.1:4433" */
static uint16_t port_of(const struct program *p)
{
	char line[200] = "";
	for (size_t n = 0; n < sizeof line - 1; n++) {
		assert_int_equal(read(p->out, line + n, 1), 1);
		char *at = strstr(line, "ACCEPT 127.0.0.1:");
		if (line[n] == '\n' && at != NULL)
			return (uint16_t)atoi(at + 17);
		if (line[n] == '\n')
			memset(line, 0, n + 1), n = (size_t)-1;
	}
	fail_msg("s_server did not say its port");
	return 0;
}

static struct program serve(const char *more)
{
	char command[1024];
	snprintf(command, sizeof command, "exec openssl s_server "
		"-accept 127.0.0.1:0 -cert %s -key %s -CAfile %s %s 2>/dev/null",
		file("good.pem"), file("good.key"), file("ca.crt"), more);
	return program_start(command);
}

/* ---- our client ---- */

struct client {
	uint16_t port;
	cio_tls_options options;
	struct program *server;
	const char *version, *said; /* wanted */
	char *heard;
	size_t room;
	cio_tls_config *config;
};

static int dial(struct client *c, cio_stream **out)
{
	cio_stream *tcp;
	int err = cio_tcp_connect(&tcp, "127.0.0.1", c->port, NULL);
	CHECK_INT(err, 0);
	if (err < 0)
		return err;
	err = cio_tls_connect(out, tcp, c->config, "good.test", NULL);
	if (err < 0)
		cio_stream_close(tcp);
	return err;
}

static int with_config(struct client *c, int (*fn)(struct client *c))
{
	c->options.ca_file = file("ca.crt");
	CHECK_INT(cio_tls_config_open(&c->config, &c->options), 0);
	int err = fn(c);
	cio_tls_config_close(c->config);
	return err;
}

static int reverse(struct client *c)
{
	for (int i = 0; i < 3; i++) {
		cio_stream *s;
		cio_str line;
		cio_tls_info info;
		int err = dial(c, &s);
		CHECK_INT(err, 0);
		if (err < 0) {
			printf("# %s\n", cio_error_text());
			return err;
		}
		CHECK_INT(cio_stream_write(s, "hello\n", 6, NULL), 0);
		CHECK_INT(cio_stream_readline(s, &line), 1);
		CHECK(cio_str_equal(line, cio_str_of("olleh")));
		CHECK_INT(cio_tls_get_info(s, &info), 0);
		CHECK(strcmp(info.version, c->version) == 0);
		CHECK_INT(info.resumed, i > 0);
		CHECK(strcmp(info.alpn, "h2") == 0);
		CHECK(info.verified);
		CHECK(cio_stream_reusable(s));
		/* s_server -rev says goodbye to a line "CLOSE" */
		CHECK_INT(cio_stream_write(s, "CLOSE\n", 6, NULL), 0);
		CHECK_INT(cio_stream_readline(s, &line), 0);
		cio_stream_close(s);
	}
	return 0;
}

static int run_reverse(void *arg)
{
	return with_config(arg, reverse);
}

static void client_to_s_server(void **state)
{
	(void)state;
	for (cio_tls_version v = CIO_TLS_1_2; v <= CIO_TLS_1_3; v++) {
		struct program p = serve("-rev -alpn h2");
		struct client c = {.port = port_of(&p),
			.version = v == CIO_TLS_1_2 ? "TLSv1.2" : "TLSv1.3",
			.options = {.max_version = v, .alpn = "http/1.1,h2"}};
		assert_int_equal(check_run(run_reverse, &c), 0);
		program_stop(&p);
	}
}

static int refused(struct client *c)
{
	cio_stream *s = NULL;
	char byte;
	int err = dial(c, &s);
	if (err == 0) /* TLS 1.3: the server's verdict comes later */
		err = (int)cio_stream_read(s, &byte, 1);
	CHECK_INT(err, -CIO_ETLS);
	if (!CHECK(strstr(cio_error_text(), c->said) != NULL))
		printf("# %s\n", cio_error_text());
	cio_stream_close(s);
	return 0;
}

static int run_refused(void *arg)
{
	return with_config(arg, refused);
}

static void refusals_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *server, *said;
	} cases[] = {
		{"-rev -Verify 1 -verify_return_error",
			"it wants a certificate of ours"},
		{"-rev -tls1_1 -cipher DEFAULT@SECLEVEL=0",
			"it speaks none of our versions of TLS"},
		{"-rev -tls1_2 -cipher PSK", "nothing that we offer suits it"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct program p = serve(cases[i].server);
		struct client c = {.port = port_of(&p), .said = cases[i].said};
		assert_int_equal(check_run(run_refused, &c), 0);
		program_stop(&p);
	}
}

static int shown(struct client *c)
{
	cio_stream *s = NULL;
	cio_str line;
	CHECK_INT(dial(c, &s), 0);
	CHECK_INT(cio_stream_write(s, "hello\n", 6, NULL), 0);
	CHECK_INT(cio_stream_readline(s, &line), 1);
	cio_stream_close(s);
	return 0;
}

static int run_shown(void *arg)
{
	return with_config(arg, shown);
}

static void our_certificate_is_taken(void **state)
{
	(void)state;
	struct program p = serve("-rev -Verify 1 -verify_return_error");
	struct client c = {.port = port_of(&p), .options = {
		.certificate_file = file("client.pem"),
		.key_file = file("client.key")}};
	assert_int_equal(check_run(run_shown, &c), 0);
	program_stop(&p);
}

/* s_server's commands: "K" asks for new keys of both, "k" tells of its own. */
static int new_keys(struct client *c)
{
	cio_stream *s = NULL;
	cio_str line;
	CHECK_INT(dial(c, &s), 0);
	/* a line of it comes behind the tickets */
	say_to(c->server, "first\n");
	CHECK_INT(cio_stream_readline(s, &line), 1);
	for (int i = 0; i < 3; i++) {
		/* it takes a command only at the beginning of what it reads */
		BIO *bio = SSL_get_rbio(tls_of(s)->ssl);
		uint64_t before = BIO_number_read(bio);
		say_to(c->server, i == 1 ? "k\n" : "K\n");
		while (BIO_number_read(bio) == before) {
			CHECK(cio_stream_reusable(s));
			CHECK_INT(cio_sleep(CIO_MS(1)), 0);
		}
		say_to(c->server, "hello\n");
		CHECK_INT(cio_stream_readline(s, &line), 1);
		CHECK(cio_str_equal(line, cio_str_of("hello")));
		CHECK_INT(cio_stream_write(s, "and to you\n", 11, NULL), 0);
		hear_until(c->server, c->heard, c->room, "and to you", i + 1);
	}
	/* killed, not ended: no goodbye */
	kill(c->server->pid, SIGKILL);
	int n = cio_stream_readline(s, &line);
	CHECK(n == -CIO_EEOF || n == -ECONNRESET);
	cio_stream_close(s);
	CHECK(strstr(c->heard, "and to you") != NULL);
	return 0;
}

static int run_new_keys(void *arg)
{
	return with_config(arg, new_keys);
}

static void s_server_changes_keys_and_dies(void **state)
{
	(void)state;
	struct program p = serve("-tls1_3");
	char heard[8192] = "";
	struct client c = {.port = port_of(&p), .server = &p, .heard = heard,
		.room = sizeof heard};
	assert_int_equal(check_run(run_new_keys, &c), 0);
	program_stop(&p);
}

/* s_server's command "R" asks for another handshake, which TLS 1.2 would allow:
 * whatever becomes of the connection, there is none. */
static int once_only(struct client *c)
{
	cio_stream *s = NULL;
	cio_str line;
	CHECK_INT(dial(c, &s), 0);
	say_to(c->server, "first\n");
	CHECK_INT(cio_stream_readline(s, &line), 1);
	BIO *bio = SSL_get_rbio(tls_of(s)->ssl);
	uint64_t before = BIO_number_read(bio);
	say_to(c->server, "R\n");
	while (BIO_number_read(bio) == before) {
		CHECK(cio_stream_reusable(s));
		CHECK_INT(cio_sleep(CIO_MS(1)), 0);
	}
	say_to(c->server, "hello\n");
	(void)cio_stream_readline(s, &line);
	CHECK_INT(SSL_num_renegotiations(tls_of(s)->ssl), 0);
	cio_stream_close(s);
	return 0;
}

static int run_once_only(void *arg)
{
	return with_config(arg, once_only);
}

static void no_second_handshake(void **state)
{
	(void)state;
	struct program p = serve("-tls1_2");
	struct client c = {.port = port_of(&p), .server = &p};
	assert_int_equal(check_run(run_once_only, &c), 0);
	program_stop(&p);
}

/* ---- our server ---- */

struct server {
	cio_tls_options options;
	const char *more; /* for s_client */
	int want;         /* of the accept */
	char *heard;
	size_t room;
	struct program p;
	cio_tls_config *config;
};

static int serve_one(struct server *v, cio_listener *l)
{
	cio_stream *tcp, *s;
	cio_str line;
	int err = cio_listener_accept(l, &tcp);
	CHECK_INT(err, 0);
	if (err < 0)
		return err;
	err = cio_tls_accept(&s, tcp, v->config);
	CHECK_INT(err, v->want);
	if (err < 0) {
		cio_stream_close(tcp);
		return 0;
	}
	CHECK_INT(cio_stream_readline(s, &line), 1);
	CHECK(cio_str_equal(line, cio_str_of("from s_client")));
	CHECK_INT(cio_stream_write(s, "from cio\n", 9, NULL), 0);
	cio_stream_close(s);
	return 0;
}

static int run_server(void *arg)
{
	struct server *v = arg;
	cio_listener *l;
	char command[1024];
	v->options.certificate_file = file("chained.pem");
	v->options.key_file = file("chained.key");
	CHECK_INT(cio_tls_config_open(&v->config, &v->options), 0);
	CHECK_INT(cio_tcp_listen(&l, "127.0.0.1", 0, NULL), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(command, sizeof command, "{ echo from s_client; cat; } | "
			"exec openssl s_client -connect 127.0.0.1:%d -servername "
			"good.test -verify_hostname good.test -CAfile %s "
			"-verify_return_error -alpn x,h2 -sess_out %s "
			"-ign_eof %s%s %s 2>/dev/null", cio_listener_port(l),
			file("ca.crt"), file("session"), i > 0 ? "-sess_in " : "",
			i > 0 ? file("session") : "", v->more);
		v->p = program_start(command);
		CHECK_INT(serve_one(v, l), 0);
		close(v->p.in); /* ends cat */
		v->p.in = -1;
		size_t n = strlen(v->heard);
		hear_out(&v->p, v->heard + n, v->room - n);
		waitpid(v->p.pid, NULL, 0);
		close(v->p.out);
	}
	cio_listener_close(l);
	cio_tls_config_close(v->config);
	return 0;
}

static void s_client_to_server(void **state)
{
	(void)state;
	static char heard[65536];
	static const char *const versions[] = {"-tls1_2", "-tls1_3"};
	for (size_t i = 0; i < 2; i++) {
		struct server v = {.heard = heard, .room = sizeof heard,
			.more = versions[i], .options = {.alpn = "h2"}};
		heard[0] = '\0';
		assert_int_equal(check_run(run_server, &v), 0);
		char *second = strstr(heard, "from cio");
		assert_non_null(second);
		assert_non_null(strstr(second + 1, "from cio"));
		assert_non_null(strstr(heard, "New, TLSv1."));
		assert_non_null(strstr(heard, "Reused, TLSv1."));
		assert_non_null(strstr(heard, "ALPN protocol: h2"));
		assert_non_null(strstr(heard, "Verify return code: 0 (ok)"));
	}
}

static void s_client_without_certificate(void **state)
{
	(void)state;
	static char heard[65536];
	struct server v = {.heard = heard, .room = sizeof heard,
		.more = "-no_ign_eof", .want = -CIO_ETLS, .options = {
			.verify_client = true, .ca_file = file("ca.crt")}};
	heard[0] = '\0';
	assert_int_equal(check_run(run_server, &v), 0);
	assert_null(strstr(heard, "from cio"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_to_s_server),
		cmocka_unit_test(refusals_are_named),
		cmocka_unit_test(our_certificate_is_taken),
		cmocka_unit_test(s_server_changes_keys_and_dies),
		cmocka_unit_test(no_second_handshake),
		cmocka_unit_test(s_client_to_server),
		cmocka_unit_test(s_client_without_certificate),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

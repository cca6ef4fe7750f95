/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * handshake.c - who is accepted, who is refused, and what is said of it
 */
#include "check.h"

#include "unit/tls/ends.h"

static bool says(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		return true;
	printf("# \"%s\" does not say \"%s\"\n", text, part);
	return false;
}

/* ---- certificates ---- */

static const struct {
	const char *server, *name, *said; /* NULL: accepted */
} cases[] = {
	{"good", "good.test", NULL},
	{"good", "localhost", NULL},
	{"good", "GOOD.Test.", NULL},
	{"good", "127.0.0.1", NULL},
	{"good", "::1", NULL},
	{"good", "[::1]", NULL},
	{"chained", "good.test", NULL},
	{"rsa", "good.test", NULL},
	{"ip", "127.0.0.1", NULL},
	{"wild", "a.wild.test", NULL},
	{"expired", "good.test", "its certificate expired on 2021-01-01"},
	{"early", "good.test", "not valid before 2055-01-01"},
	{"host", "good.test", "is for other.test, another.test, 10.1.2.3"},
	{"good", "127.0.0.2", "is for good.test, localhost, 127.0.0.1, [::1]"},
	{"good", "sub.good.test", "its certificate is for good.test"},
	{"self", "good.test", "self-signed"},
	{"stranger", "good.test", "(some other CA): give that CA's"},
	{"lone", "good.test", "(cio test intermediate): give that CA's"},
	{"purpose", "good.test", "wrong purpose: it is not for a server"},
	{"ip", "ip", "its certificate is for 127.0.0.1"},
	{"wild", "wild.test", "its certificate is for *.wild.test"},
	{"wild", "a.b.wild.test", "its certificate is for *.wild.test"},
	{"wild", "xy.part.test", "its certificate is for *.wild.test"},
	{"cn", "good.test", "is for nobody (no subjectAltName)"},
};

static int one_certificate(size_t i, bool insecure)
{
	struct ends e;
	cio_tls_config *server = server_with(cases[i].server,
		(cio_tls_options){0});
	cio_tls_config *client = client_with(
		(cio_tls_options){.insecure = insecure});
	int err = ends_open(&e, client, server, cases[i].name);
	if (cases[i].said == NULL || insecure) {
		CHECK_INT(err, 0);
		CHECK_INT(err < 0 ? 0 : ends_talk(&e), 0);
		cio_tls_info info = {0};
		if (err == 0)
			CHECK_INT(cio_tls_get_info(e.client, &info), 0);
		CHECK_INT(info.verified, !insecure);
	} else {
		CHECK_INT(e.client_err, -CIO_ETLS);
		CHECK(says(e.client_text, cases[i].said));
		CHECK(says(e.client_text, cases[i].name));
		CHECK(says(e.server_text, "alert"));
	}
	if (err != 0 && cases[i].said == NULL)
		printf("# %s for %s: %s\n", cases[i].server, cases[i].name,
			e.client_text);
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static int all_certificates(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		one_certificate(i, false);
		one_certificate(i, true);
	}
	return 0;
}

static void certificates_are_judged(void **state)
{
	(void)state;
	assert_int_equal(run_closing(all_certificates, NULL), 0);
	assert_string_equal(check_reports(), "");
}

/* ---- names ---- */

static int bad_names(void *arg)
{
	(void)arg;
	static const char *const bad[] = {"", ".", ".good.test", "good test",
		"g\xc3\xb6od.test", "line\nbreak", NULL};
	cio_tls_config *client = client_with((cio_tls_options){0});
	cio_stream *s = NULL;
	struct pair p;
	CHECK_INT(pair_open(&p), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_INT(cio_tls_connect(&s, p.a, client, bad[i], NULL),
			-EINVAL);
		CHECK(says(cio_error_text(), "name"));
	}
	char longer[300];
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	CHECK_INT(cio_tls_connect(&s, p.a, client, longer, NULL), -EINVAL);
	CHECK(s == NULL);
	/* nothing happened: it is as good as before */
	CHECK_INT(cio_stream_write(p.a, "x", 1, NULL), 0);
	pair_close(&p);
	cio_tls_config_close(client);
	return 0;
}

static void names_must_be_names(void **state)
{
	(void)state;
	assert_int_equal(run_closing(bad_names, NULL), 0);
}

static int without_name(void *arg)
{
	(void)arg;
	struct ends e;
	cio_tls_config *client = client_with((cio_tls_options){.insecure = true});
	cio_tls_config *server = server_with("odd", (cio_tls_options){0});
	cio_tls_info info;
	CHECK_INT(ends_open(&e, client, server, NULL), 0);
	CHECK_INT(ends_talk(&e), 0);
	CHECK_INT(cio_tls_get_info(e.client, &info), 0);
	/* what a peer says of itself cannot break a line of a log */
	CHECK(strchr(info.peer_subject, '\n') == NULL);
	CHECK(says(info.peer_subject, "CN = "));
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static void insecure_needs_no_name(void **state)
{
	(void)state;
	assert_int_equal(run_closing(without_name, NULL), 0);
}

/* ---- pins ---- */

static int pin_case(const char *server_name, bool insecure, const char *pin,
	const char *said)
{
	struct ends e;
	const char *pins[] = {"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		pin, NULL};
	cio_tls_config *client = client_with((cio_tls_options){
		.pin_sha256 = pins, .insecure = insecure});
	cio_tls_config *server = server_with(server_name, (cio_tls_options){0});
	/* twice: the second would be resumed */
	for (int i = 0; i < 2; i++) {
		int err = ends_open(&e, client, server, "good.test");
		CHECK_INT(e.client_err, said != NULL ? -CIO_ETLS : 0);
		if (said != NULL)
			CHECK(says(e.client_text, said));
		else if (err == 0)
			CHECK_INT(ends_talk(&e), 0);
		ends_close(&e);
	}
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static int pins(void *arg)
{
	char pin[64] = "", curls[80];
	(void)arg;
	FILE *f = fopen(file("good.pin"), "r");
	CHECK(f != NULL && fgets(pin, sizeof pin, f) != NULL);
	fclose(f);
	snprintf(curls, sizeof curls, "sha256//%s", pin);
	pin_case("good", false, pin, NULL);
	pin_case("good", false, curls, NULL);
	pin_case("good", true, pin, NULL);
	pin_case("rsa", false, pin, "its key is none of pin_sha256: it is sha256//");
	pin_case("rsa", true, pin, "its key is none of pin_sha256");
	pin_case("expired", false, pin, "expired");
	cio_tls_config *c;
	static const char *const bad[] = {"", "sha256//", "abc",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAAAAAAAAAAAA!AAAAAAAAAAAAAAAAAAAAAA="};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(cio_tls_config_open(&c, &(cio_tls_options){
			.pin_sha256 = (const char *[]){bad[i], NULL}}), -EINVAL);
	CHECK_INT(cio_tls_config_open(&c, &(cio_tls_options){
		.pin_sha256 = (const char *[]){NULL}}), -EINVAL);
	return 0;
}

static void pins_hold(void **state)
{
	(void)state;
	assert_int_equal(run_closing(pins, NULL), 0);
}

/* ---- versions, ciphers, ALPN ---- */

static int agree(cio_tls_options c, cio_tls_options s, const char *version,
	const char *alpn, const char *said)
{
	struct ends e;
	cio_tls_config *client = client_with(c);
	cio_tls_config *server = server_with("good", s);
	int err = ends_open(&e, client, server, "good.test");
	if (said == NULL) {
		cio_tls_info a = {0}, b = {0};
		CHECK_INT(err, 0);
		CHECK_INT(cio_tls_get_info(e.client, &a), 0);
		CHECK_INT(cio_tls_get_info(e.server, &b), 0);
		CHECK(strcmp(a.version, version) == 0);
		CHECK(strcmp(a.alpn, alpn) == 0);
		CHECK(strcmp(a.cipher, b.cipher) == 0);
		CHECK(strcmp(b.version, version) == 0);
		CHECK(strcmp(b.alpn, alpn) == 0);
		CHECK(says(a.peer_subject, "CN = good.test"));
		CHECK(b.peer_subject[0] == '\0' && !b.verified);
		CHECK(a.handshake_time >= 0);
		CHECK_INT(ends_talk(&e), 0);
	} else {
		CHECK(e.client_err < 0);
		CHECK(says(e.client_err < 0 ? e.client_text : "", said));
	}
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static int agreements(void *arg)
{
	(void)arg;
	cio_tls_options none = {0}, two = {.max_version = CIO_TLS_1_2},
		three = {.min_version = CIO_TLS_1_3};
	agree(none, none, "TLSv1.3", "", NULL);
	agree(two, none, "TLSv1.2", "", NULL);
	agree(none, two, "TLSv1.2", "", NULL);
	agree(three, three, "TLSv1.3", "", NULL);
	agree(three, two, NULL, NULL, "speaks none of our versions");
	agree(two, three, NULL, NULL, "speaks none of our versions");
	agree((cio_tls_options){.alpn = "h2,http/1.1"},
		(cio_tls_options){.alpn = "http/1.1,h2"}, "TLSv1.3", "http/1.1",
		NULL);
	agree((cio_tls_options){.alpn = "h2"},
		(cio_tls_options){.alpn = "http/1.1"}, NULL, NULL,
		"none of our protocols (alpn)");
	agree((cio_tls_options){.alpn = "h2"}, none, "TLSv1.3", "", NULL);
	agree(none, (cio_tls_options){.alpn = "h2"}, "TLSv1.3", "", NULL);
	agree((cio_tls_options){.max_version = CIO_TLS_1_2,
			.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"},
		none, "TLSv1.2", "", NULL);
	agree((cio_tls_options){.max_version = CIO_TLS_1_2,
			.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"},
		(cio_tls_options){.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"},
		NULL, NULL, "nothing that we offer suits it");
	agree((cio_tls_options){.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256"},
		none, "TLSv1.3", "", NULL);
	return 0;
}

static void both_agree_or_say_why(void **state)
{
	(void)state;
	assert_int_equal(run_closing(agreements, NULL), 0);
}

/* ---- clients' certificates ---- */

static int client_case(const char *name, bool tls_1_2, int server_err,
	const char *server_said, const char *client_said)
{
	struct ends e;
	char byte, pem[32], key[32];
	cio_tls_options o = {.max_version = tls_1_2 ? CIO_TLS_1_2 : 0};
	snprintf(pem, sizeof pem, "%s.pem", name != NULL ? name : "");
	snprintf(key, sizeof key, "%s.key", name != NULL ? name : "");
	if (name != NULL) {
		o.certificate_file = file(pem);
		o.key_file = file(key);
	}
	cio_tls_config *client = client_with(o);
	cio_tls_config *server = server_with("good", (cio_tls_options){
		.verify_client = true, .ca_file = file("ca.crt")});
	ends_open(&e, client, server, "good.test");
	CHECK_INT(e.server_err, server_err);
	if (server_err == 0) {
		cio_tls_info info;
		CHECK_INT(ends_talk(&e), 0);
		CHECK_INT(cio_tls_get_info(e.server, &info), 0);
		CHECK(info.verified && says(info.peer_subject, "a client"));
		ends_close(&e);
		/* and resumed */
		CHECK_INT(ends_open(&e, client, server, "good.test"), 0);
		CHECK_INT(ends_talk(&e), 0);
		CHECK_INT(cio_tls_get_info(e.server, &info), 0);
		CHECK(info.resumed && info.verified);
		CHECK(says(info.peer_subject, "a client"));
	} else {
		CHECK(says(e.server_text, server_said));
		/* TLS 1.3's client learns it when it reads */
		if (e.client_err == 0) {
			CHECK(!tls_1_2);
			CHECK_INT(cio_stream_read(e.client, &byte, 1), -CIO_ETLS);
			CHECK(says(cio_error_text(), client_said));
			CHECK_INT(cio_stream_read(e.client, &byte, 1), -CIO_ETLS);
			CHECK_INT(cio_stream_write(e.client, "x", 1, NULL),
				-CIO_ETLS);
			CHECK(!cio_stream_reusable(e.client));
		} else {
			CHECK_INT(e.client_err, -CIO_ETLS);
		}
	}
	ends_close(&e);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static int clients(void *arg)
{
	(void)arg;
	for (int two = 0; two < 2; two++) {
		client_case("client", two, 0, NULL, NULL);
		client_case(NULL, two, -CIO_ETLS, "it showed no certificate",
			"it wants a certificate of ours");
		client_case("bad-client", two, -CIO_ETLS, "(some other CA)",
			"it does not know the CA of our certificate");
		client_case("good", two, -CIO_ETLS, "it is not for a client",
			"it does not accept our certificate");
	}
	return 0;
}

static void clients_are_judged(void **state)
{
	(void)state;
	assert_int_equal(run_closing(clients, NULL), 0);
}

/* ---- options and files ---- */

static int load_case(cio_tls_options o, int opened, int loaded, const char *said)
{
	cio_tls_config *c = NULL;
	CHECK_INT(cio_tls_config_open(&c, &o), opened);
	if (opened == 0)
		CHECK_INT(cio_tls_config_load(c), loaded);
	if (said != NULL)
		CHECK(says(cio_error_text(), said));
	if (opened == 0 && loaded == 0) /* again: nothing to do */
		CHECK_INT(cio_tls_config_load(c), 0);
	cio_tls_config_close(c);
	return 0;
}

#define PEM(c, k) .certificate_file = file(c), .key_file = file(k)

static int files(void *arg)
{
	(void)arg;
	load_case((cio_tls_options){PEM("good.pem", "good.key")}, 0, 0, NULL);
	load_case((cio_tls_options){.ca_path = file("many")}, 0, 0, NULL);
	load_case((cio_tls_options){PEM("missing", "good.key")}, 0, -CIO_ETLS,
		"missing: No such file");
	load_case((cio_tls_options){PEM("good.pem", "missing")}, 0, -CIO_ETLS,
		"key_file");
	load_case((cio_tls_options){PEM("junk.pem", "good.key")}, 0, -CIO_ETLS,
		"junk.pem: no PEM in it");
	load_case((cio_tls_options){PEM("good.pem", "rsa.key")}, 0, -CIO_ETLS,
		"not that of the certificate");
	load_case((cio_tls_options){PEM("good.pem", "self.key")}, 0, -CIO_ETLS,
		"not that of the certificate");
	load_case((cio_tls_options){PEM("locked.pem", "locked.key")}, 0,
		-CIO_ETLS, "it has a password");
	load_case((cio_tls_options){.certificate_file = file("good.pem")}, 0,
		-CIO_ETLS, "key_file");
	load_case((cio_tls_options){.ca_file = file("none.pem")}, 0, -CIO_ETLS,
		"ca_file");
	load_case((cio_tls_options){.ca_file = file("junk.pem")}, 0, -CIO_ETLS,
		"junk.pem: ");
	load_case((cio_tls_options){.ca_path = file("none")}, 0, -CIO_ETLS,
		"no certificate in it");
	load_case((cio_tls_options){.ca_path = file("nowhere")}, 0, -CIO_ETLS,
		"nowhere: ");
	load_case((cio_tls_options){.ciphers = "NONSENSE"}, 0, -CIO_ETLS,
		"ciphers NONSENSE");
	load_case((cio_tls_options){.insecure = true}, 0, 0, NULL);
	load_case((cio_tls_options){.verify_client = true}, -EINVAL, 0,
		"verify_client");
	load_case((cio_tls_options){.key_file = "k"}, -EINVAL, 0, "key_file");
	load_case((cio_tls_options){.min_version = CIO_TLS_1_3,
		.max_version = CIO_TLS_1_2}, -EINVAL, 0, "min_version");
	load_case((cio_tls_options){.alpn = "h2,,x"}, -EINVAL, 0, "alpn");
	load_case((cio_tls_options){.alpn = ""}, -EINVAL, 0, "alpn");
	/* a server without a certificate, and a config closed in use */
	struct pair p;
	struct ends e;
	cio_tls_config *client = client_with((cio_tls_options){0});
	cio_tls_config *server = server_with("good", (cio_tls_options){0});
	CHECK_INT(pair_open(&p), 0);
	CHECK_INT(cio_tls_accept(&e.server, p.b, client), -EINVAL);
	CHECK_INT(ends_over(&e, &p, client, server, "good.test"), 0);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	CHECK_INT(ends_talk(&e), 0);
	ends_close(&e);
	cio_tls_config_close(NULL);
	return 0;
}

static void files_are_named(void **state)
{
	(void)state;
	assert_int_equal(run_closing(files, NULL), 0);
}

/* ---- peers that are none ---- */

struct speaker {
	cio_stream *s;
	const char *text; /* NULL: silent */
	bool stays;
};

static int speak(const struct speaker *k)
{
	char buf[1000];
	int err = k->text == NULL ? 0 :
		cio_stream_write(k->s, k->text, strlen(k->text), NULL);
	while (k->stays && cio_stream_read(k->s, buf, sizeof buf) > 0)
		;
	if (!k->stays)
		(void)cio_stream_shutdown(k->s);
	return err < 0 ? 0 : err;
}

static int strange_case(bool server, const char *text, bool stays, int want,
	const char *said)
{
	struct pair p;
	int err = 0;
	cio_stream *s = NULL;
	cio_tls_config *c = server_with("good", (cio_tls_options){
		.ca_file = file("ca.crt"), .handshake_timeout = CIO_MS(50)});
	CHECK_INT(pair_open(&p), 0);
	CHECK_INT(cio_tls_config_load(c), 0);
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, speak,
			&(struct speaker){p.b, text, stays});
		int got = server ? cio_tls_accept(&s, p.a, c) :
				   cio_tls_connect(&s, p.a, c, "good.test", NULL);
		CHECK_INT(got, want);
		CHECK(says(cio_error_text(), said));
		CHECK(s == NULL);
		cio_stream_close(p.a);
		p.a = NULL;
	}
	CHECK_INT(err, 0);
	pair_close(&p);
	cio_tls_config_close(c);
	return 0;
}

static int strangers(void *arg)
{
	static const char not_tls[] = "does not speak TLS on this port";
	(void)arg;
	for (int server = 0; server < 2; server++) {
		strange_case(server, "HTTP/1.1 400 Bad Request\r\n\r\n", true,
			-CIO_ETLS, not_tls);
		strange_case(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false,
			-CIO_ETLS, not_tls);
		strange_case(server, "220 smtp.test ready\r\n", true, -CIO_ETLS,
			not_tls);
		strange_case(server, "\x16\x03\x01\xff\xff", true, -CIO_ETLS,
			"TLS with ");
		strange_case(server, NULL, false, -CIO_EEOF,
			"closed the connection during the handshake");
		strange_case(server, "\x16", false, -CIO_EEOF,
			"closed the connection during the handshake");
		strange_case(server, NULL, true, -ETIMEDOUT,
			"no handshake within 50 ms");
		/* an alert that means no harm, then the end */
		strange_case(server, "\x15\x03\x03", false, -CIO_EEOF,
			"during the handshake");
	}
	return 0;
}

static void strangers_are_named(void **state)
{
	(void)state;
	assert_int_equal(run_closing(strangers, NULL), 0);
}

/* ---- cut anywhere ---- */

static int shake_hands(void *arg)
{
	(void)arg;
	struct ends e;
	cio_tls_config *client = NULL, *server = NULL;
	int err = cio_tls_config_open(&client, &(cio_tls_options){
		.ca_file = file("ca.crt"), .alpn = "h2",
		.pin_sha256 = NULL});
	if (err == 0)
		err = cio_tls_config_open(&server, &(cio_tls_options){
			PEM("good.pem", "good.key"), .alpn = "h2"});
	for (int i = 0; i < 2 && err == 0; i++) {
		err = ends_open(&e, client, server, "good.test");
		if (err == 0)
			err = ends_talk(&e);
		ends_close(&e);
	}
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return err;
}

static void cut_anywhere(void **state)
{
	(void)state;
	assert_int_equal(run_closing(shake_hands, NULL), 0);
	disturb(shake_hands, NULL, "handshake");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_judged),
		cmocka_unit_test(names_must_be_names),
		cmocka_unit_test(insecure_needs_no_name),
		cmocka_unit_test(pins_hold),
		cmocka_unit_test(both_agree_or_say_why),
		cmocka_unit_test(clients_are_judged),
		cmocka_unit_test(files_are_named),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(cut_anywhere),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

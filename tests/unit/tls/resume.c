/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * resume.c - sessions: when a handshake is short, and when it must not be
 */
#include "check.h"

#include "tls/tls.h"
#include "unit/tls/ends.h"

/* A connection and an exchange; was it resumed? -1: it failed. */
static int talk_to(cio_tls_config *client, cio_tls_config *server,
	const char *name)
{
	struct ends e;
	cio_tls_info a = {0}, b = {0};
	int err = ends_open(&e, client, server, name);
	if (err == 0)
		err = ends_talk(&e);
	if (err == 0) {
		CHECK_INT(cio_tls_get_info(e.client, &a), 0);
		CHECK_INT(cio_tls_get_info(e.server, &b), 0);
		CHECK_INT(a.resumed, b.resumed);
		/* it knows the peer from the session */
		CHECK(strcmp(a.peer_subject, "CN = good.test") == 0);
	}
	ends_close(&e);
	return err < 0 ? -1 : a.resumed;
}

static const char *pins_of_nobody[] = {
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", NULL};

static int resumption(void *arg)
{
	const cio_tls_version *most = arg;
	cio_tls_options o = {.max_version = *most};
	cio_tls_config *server = server_with("good", (cio_tls_options){0});
	cio_tls_config *one = client_with(o), *two = client_with(o);
	CHECK_INT(talk_to(one, server, "good.test"), 0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(talk_to(one, server, "good.test"), 1);
	/* another name of the same server */
	CHECK_INT(talk_to(one, server, "localhost"), 0);
	CHECK_INT(talk_to(one, server, "localhost"), 1);
	/* other rules, whatever they are */
	CHECK_INT(talk_to(two, server, "good.test"), 0);
	o.insecure = true;
	cio_tls_config *insecure = client_with(o);
	CHECK_INT(talk_to(insecure, server, "good.test"), 0);
	CHECK_INT(talk_to(insecure, server, "good.test"), 1);
	o = (cio_tls_options){.max_version = *most, .ca_file = file("other-ca.crt")};
	cio_tls_config *stranger = client_with(o);
	CHECK_INT(talk_to(stranger, server, "good.test"), -1);
	o = (cio_tls_options){.max_version = *most, .pin_sha256 = pins_of_nobody};
	cio_tls_config *pinned = client_with(o);
	CHECK_INT(talk_to(pinned, server, "good.test"), -1);
	CHECK_INT(talk_to(pinned, server, "good.test"), -1);
	/* another server cannot read the ticket: the handshake is a full one */
	cio_tls_config *other = server_with("good", (cio_tls_options){0});
	CHECK_INT(talk_to(one, other, "good.test"), 0);
	CHECK_INT(talk_to(one, other, "good.test"), 1);
	/* neither side that does not want it */
	o = (cio_tls_options){.max_version = *most, .no_resumption = true};
	cio_tls_config *never = client_with(o);
	CHECK_INT(talk_to(never, server, "good.test"), 0);
	CHECK_INT(talk_to(never, server, "good.test"), 0);
	cio_tls_config *forgetful = server_with("good",
		(cio_tls_options){.no_resumption = true});
	CHECK_INT(talk_to(two, forgetful, "good.test"), 0);
	CHECK_INT(talk_to(two, forgetful, "good.test"), 0);
	cio_tls_config *all[] = {server, one, two, insecure, stranger, pinned,
		other, never, forgetful};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		cio_tls_config_close(all[i]);
	return 0;
}

static void only_under_the_same_rules(void **state)
{
	(void)state;
	for (cio_tls_version v = CIO_TLS_1_2; v <= CIO_TLS_1_3; v++)
		assert_int_equal(run_closing(resumption, &v), 0);
}

/* A server with the same tickets, whose certificate a client must not take on
 * the word of an insecure one, nor for another name. */
static int crossing(void *arg)
{
	(void)arg;
	cio_tls_config *server = server_with("self", (cio_tls_options){0});
	cio_tls_config *insecure = client_with(
		(cio_tls_options){.insecure = true});
	cio_tls_config *strict = client_with((cio_tls_options){0});
	for (int i = 0; i < 2; i++) {
		CHECK_INT(talk_to(insecure, server, "good.test"), i);
		CHECK_INT(talk_to(strict, server, "good.test"), -1);
	}
	cio_tls_config_close(server);
	server = server_with("good", (cio_tls_options){0});
	CHECK_INT(talk_to(strict, server, "good.test"), 0);
	CHECK_INT(talk_to(strict, server, "elsewhere.test"), -1);
	CHECK_INT(talk_to(strict, server, "good.test"), 1);
	cio_tls_config_close(server);
	cio_tls_config_close(insecure);
	cio_tls_config_close(strict);
	return 0;
}

static void never_across_rules(void **state)
{
	(void)state;
	assert_int_equal(run_closing(crossing, NULL), 0);
}

/* ---- how many are kept ---- */

static SSL_SESSION *session_of(int version)
{
	SSL_SESSION *s = SSL_SESSION_new();
	static const unsigned char id[] = "an id";
	(void)SSL_SESSION_set_protocol_version(s, version);
	(void)SSL_SESSION_set1_id(s, id, sizeof id);
	SSL_SESSION_set_timeout(s, 100);
	return s;
}

static int cache(void *arg)
{
	(void)arg;
	struct sessions s = {.most = 6};
	list_init(&s.list);
	for (int i = 0; i < 10; i++)
		CHECK(cio__tls_sessions_put(&s, "a", 1, session_of(TLS1_3_VERSION)));
	CHECK_INT(s.count, 4);
	CHECK(cio__tls_sessions_put(&s, "a", 2, session_of(TLS1_2_VERSION)));
	CHECK(cio__tls_sessions_put(&s, "b", 1, session_of(TLS1_3_VERSION)));
	CHECK_INT(s.count, 6);
	CHECK(cio__tls_sessions_put(&s, "c", 1, session_of(TLS1_3_VERSION)));
	CHECK_INT(s.count, 6);
	/* of 1.3, each once; of 1.2, as often as it is asked for */
	for (int i = 0; i < 4; i++) {
		SSL_SESSION *got = cio__tls_sessions_take(&s, "a", 1);
		CHECK_INT(got != NULL, i < 3);
		SSL_SESSION_free(got);
		got = cio__tls_sessions_take(&s, "a", 2);
		CHECK(got != NULL);
		SSL_SESSION_free(got);
	}
	CHECK(cio__tls_sessions_take(&s, "A", 1) == NULL);
	CHECK(cio__tls_sessions_take(&s, "b", 2) == NULL);
	/* too old */
	SSL_SESSION *old = session_of(TLS1_2_VERSION);
	(void)SSL_SESSION_set_time(old, 1000);
	CHECK(cio__tls_sessions_put(&s, "old", 1, old));
	uint32_t count = s.count;
	CHECK(cio__tls_sessions_take(&s, "old", 1) == NULL);
	CHECK_INT(s.count, count - 1);
	cio__tls_sessions_clear(&s);
	CHECK_INT(s.count, 0);
	CHECK(cio__tls_sessions_take(&s, "a", 2) == NULL);
	/* as many connections to one as may be made at once, of a large one */
	s.most = 256;
	for (int i = 0; i < 100; i++)
		CHECK(cio__tls_sessions_put(&s, "a", 1, session_of(TLS1_3_VERSION)));
	CHECK_INT(s.count, 64);
	cio__tls_sessions_clear(&s);
	return 0;
}

static void so_many_are_kept(void **state)
{
	(void)state;
	assert_int_equal(check_run(cache, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_under_the_same_rules),
		cmocka_unit_test(never_across_rules),
		cmocka_unit_test(so_many_are_kept),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

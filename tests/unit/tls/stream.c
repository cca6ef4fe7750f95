/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * stream.c - bytes over TLS: both ways at once, in pieces, with new keys
 */
#include "check.h"

#include <sys/uio.h>

#include "unit/tls/both.h"

static int megabyte(struct ends *e)
{
	return both_ways(e, 1 << 20);
}

static int less(struct ends *e)
{
	return both_ways(e, 150000);
}

static int less_in_bits(struct ends *e)
{
	(void)cio_sim_set_faults(&(cio_sim_faults){.max_transfer = 7});
	return both_ways(e, 9000);
}

static void much_both_ways(void **state)
{
	(void)state;
	runs(megabyte);
	runs(less_in_bits);
}

static void much_disturbed(void **state)
{
	int (*fn)(struct ends *e) = less;
	(void)state;
	disturb(with_ends, &fn, "both ways");
	disturb(with_ends_1_2, &fn, "both ways, TLS 1.2");
}

/* ---- keys change meanwhile ---- */

static int update_keys(const struct half *h)
{
	for (int i = 0; i < 20; i++) {
		(void)SSL_key_update(tls_of(h->s)->ssl, i % 2 ?
			SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
		int err = cio_yield();
		if (err < 0)
			return err;
	}
	return 0;
}

static int much_with_updates(struct ends *e)
{
	int err = 0;
	CIO_GROUP(g, &err) {
		err = cio_group_spawn(&g, update_keys, &(struct half){e->client, 0});
		if (err == 0)
			err = cio_group_spawn(&g, update_keys,
				&(struct half){e->server, 0});
		if (err == 0)
			err = both_ways(e, 1 << 19);
	}
	return err;
}

static void keys_change(void **state)
{
	int (*fn)(struct ends *e) = much_with_updates;
	(void)state;
	assert_int_equal(run_closing(with_ends, &fn), 0);
}

/* ---- pieces ---- */

static int pieces(struct ends *e)
{
	static char large[40000];
	char small[20000];
	struct iovec iov[7] = {{NULL, 0}, {"ab", 2}, {NULL, 0}, {"cd", 2},
		{small, sizeof small}, {large, sizeof large}, {"z", 1}};
	size_t done = 0, total = 4 + sizeof small + sizeof large + 1;
	char *got = malloc(total);
	memset(small, 's', sizeof small);
	memset(large, 'l', sizeof large);
	int err = cio_stream_writev(e->client, iov, 7, &done);
	CHECK_INT(done, total);
	if (err == 0)
		err = cio_stream_read_exactly(e->server, got, total, NULL);
	CHECK(memcmp(got, "abcdssss", 8) == 0);
	CHECK(got[4 + sizeof small - 1] == 's' && got[4 + sizeof small] == 'l');
	CHECK(got[total - 2] == 'l' && got[total - 1] == 'z');
	free(got);
	cio_address a, b;
	CHECK_INT(cio_stream_peer(e->client, &a), 0);
	CHECK_INT(cio_stream_local(e->server, &b), 0);
	CHECK(a.len == b.len && memcmp(&a.storage, &b.storage, a.len) == 0);
	cio_tls_info info;
	CHECK_INT(cio_tls_get_info(tls_of(e->client)->inner, &info), -EINVAL);
	/* a line and the state of the buffer, as on any stream */
	cio_str line;
	if (err == 0)
		err = cio_stream_write(e->server, "one\r\ntwo", 8, NULL);
	if (err == 0)
		CHECK_INT(cio_stream_readline(e->client, &line), 1);
	CHECK(err < 0 || cio_str_equal(line, cio_str_of("one")));
	CHECK_INT(cio_stream_peek(e->client).n, 3);
	CHECK(!cio_stream_reusable(e->client));
	return err;
}

static void pieces_become_records(void **state)
{
	(void)state;
	runs(pieces);
}

/* ---- forgotten ---- */

static int forget(void *arg)
{
	(void)arg;
	struct ends e;
	cio_tls_config *client = client_with((cio_tls_options){0});
	cio_tls_config *server = server_with("good", (cio_tls_options){0});
	CHECK_INT(ends_open(&e, client, server, "good.test"), 0);
	cio_stream_close(e.server);
	cio_tls_config_close(client);
	cio_tls_config_close(server);
	return 0;
}

static void a_forgotten_one_is_named_once(void **state)
{
	(void)state;
	assert_int_equal(check_run(forget, NULL), 0);
	const char *first = strstr(check_reports(), "still open");
	assert_non_null(first);
	assert_null(strstr(first + 1, "still open"));
	assert_non_null(strstr(check_reports(), "ends.h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(much_both_ways),
		cmocka_unit_test(much_disturbed),
		cmocka_unit_test(keys_change),
		cmocka_unit_test(pieces_become_records),
		cmocka_unit_test(a_forgotten_one_is_named_once),
	};
	return cmocka_run_group_tests(tests, make_certs, remove_certs);
}

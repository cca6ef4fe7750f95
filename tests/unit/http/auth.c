/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * auth.c - the sums of Digest as its standards print them, which challenge is
 * taken, and netrc
 */
#include <errno.h>

#include "base/mem.h"
#include "check.h"
#include "http/auth.h"

static const char *answer(const char *header, const struct digest_request *q,
	int times)
{
	static char text[1024];
	struct cio_http_field field = {cio_str_of("WWW-Authenticate"),
		cio_str_of(header)};
	cio_http_response r = {.headers = &field, .header_count = 1};
	struct challenge c;
	cio_buf b = {0};
	text[0] = '\0';
	if (!digest_choose(&r, q->body.p != NULL, &c))
		return text;
	struct digest *d = digest_new(&c, &(struct url){0});
	assert_non_null(d);
	while (times-- > 0) {
		cio_buf_clear(&b);
		assert_int_equal(digest_write(d, &b, q), 0);
	}
	snprintf(text, sizeof text, "%s", b.p);
	cio_buf_finish(&b);
	digest_unref(d);
	return text;
}

/* RFC 7616 3.9.1 */
#define NONCE "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define FIELDS "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "

static const struct digest_request mufasa = {{"GET", 3},
	{"/dir/index.html", 15}, {"Mufasa", 6}, {"Circle of Life", 14}, CNONCE,
	{0}};

static void standard_examples(void **state)
{
	(void)state;
	const char *a = answer(FIELDS "algorithm=SHA-256, nonce=\"" NONCE
		"\", opaque=\"" OPAQUE "\"", &mufasa, 1);
	assert_string_equal(a, "Digest username=\"Mufasa\", "
		"realm=\"http-auth@example.org\", nonce=\"" NONCE
		"\", uri=\"/dir/index.html\", algorithm=SHA-256, qop=auth, "
		"nc=00000001, cnonce=\"" CNONCE "\", response=\""
		"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
		"\", opaque=\"" OPAQUE "\"");
	a = answer(FIELDS "algorithm=MD5, nonce=\"" NONCE "\"", &mufasa, 1);
	assert_non_null(strstr(a,
		"response=\"8ca523f5e9506fed4657c9700eebdbec\""));

	/* RFC 2617 3.5, and RFC 2069's form of it */
	static const struct digest_request old = {{"GET", 3},
		{"/dir/index.html", 15}, {"Mufasa", 6}, {"Circle Of Life", 14},
		"0a4f113b", {0}};
	a = answer("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\","
		" nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", &old, 1);
	assert_non_null(strstr(a,
		"response=\"6629fae49393a05397450978507c4ef1\""));
	assert_null(strstr(a, "algorithm"));
	a = answer("Digest realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", &old, 1);
	assert_non_null(strstr(a,
		"response=\"670fd8c2df070c60b045671b8b24ff02\""));
	assert_null(strstr(a, "nc="));
}

/* Of Python's hashlib: H(H(H(user:realm:pass):nonce:cnonce):nonce:nc:cnonce:
 * auth:H(method:uri)), the third answer to one nonce. */
static void sessions_and_counts(void **state)
{
	(void)state;
	const char *a = answer(FIELDS "algorithm=SHA-256-sess, nonce=\"" NONCE
		"\"", &mufasa, 3);
	assert_non_null(strstr(a, "nc=00000003"));
	assert_non_null(strstr(a, "algorithm=SHA-256-sess"));
	assert_non_null(strstr(a,
		"response=\"953fc4a595badf404ad578988d32292b61081ff7101c6322484aab00bdf1ded9\""));
	a = answer(FIELDS "algorithm=md5-SESS, nonce=\"" NONCE "\"", &mufasa, 3);
	assert_non_null(strstr(a,
		"response=\"26a014643ce3ecef8c4556343ab06ddd\""));
}

/* Of Python's hashlib, after RFC 7616 3.4.3 and 3.4.4. */
static void bodies_and_hidden_names(void **state)
{
	(void)state;
	struct digest_request q = mufasa;
	q.method = cio_str_of("POST");
	q.body = cio_str_of("a=b&c=d");
	const char *a = answer("Digest realm=\"http-auth@example.org\", "
		"qop=\"auth-int\", algorithm=SHA-256, nonce=\"" NONCE "\"",
		&q, 2);
	assert_non_null(strstr(a, "qop=auth-int, nc=00000002"));
	assert_non_null(strstr(a, "response=\""
		"9d3b42665ff5098eef1723afe5d52fdc55a6c5693682b8ac012b62a34b520351\""));
	a = answer("Digest realm=\"http-auth@example.org\", "
		"qop=\"auth-int\", nonce=\"" NONCE "\"", &q, 1);
	assert_non_null(strstr(a, "response=\"b7af3436ce664f690e8b612140354411\""));
	/* no body is an empty one; where both are offered "auth" will do */
	q.body = cio_str_of("");
	a = answer("Digest realm=\"http-auth@example.org\", "
		"qop=\"auth-int\", nonce=\"" NONCE "\"", &q, 1);
	assert_non_null(strstr(a, "response=\"35ec75c6389a8fd8412c13222b3affe8\""));
	assert_non_null(strstr(answer(FIELDS "nonce=n", &q, 1), "qop=auth,"));

	a = answer(FIELDS "algorithm=SHA-256, userhash=true, nonce=\"" NONCE
		"\"", &mufasa, 1);
	assert_non_null(strstr(a, "Digest username=\""
		"a947aad205e80e429958a387394944c6b496301e79f89d35a4cc23b6ee12b5b6\", "
		"userhash=true, realm="));
	assert_null(strstr(a, "Mufasa"));
	/* the sum is the same as with the name in the clear */
	assert_non_null(strstr(a, "response=\""
		"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"));
	a = answer(FIELDS "algorithm=SHA-256, userhash=false, nonce=\"" NONCE
		"\"", &mufasa, 1);
	assert_non_null(strstr(a, "Mufasa"));
	assert_null(strstr(a, "userhash"));
}

static void next_nonce(void **state)
{
	(void)state;
	static const struct {
		const char *value, *nonce, *count;
	} says[] = {{"nextnonce=\"b\\\"c\"", "nonce=\"b\\\"c\"", "00000001"},
		{"qop=auth, rspauth=\"x\", nextnonce=d", "nonce=\"d\"",
			"00000001"},
		{"rspauth=\"nextnonce=e\"", "nonce=\"a\"", "00000002"},
		{"nextnonce=\"\"", "nonce=\"a\"", "00000002"},
		{"nextnonce", "nonce=\"a\"", "00000002"}};
	for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
		struct cio_http_field fields[] = {
			{cio_str_of("WWW-Authenticate"),
				cio_str_of("Digest nonce=a, qop=auth")},
			{cio_str_of("authentication-info"),
				cio_str_of(says[i].value)}};
		cio_http_response r = {.headers = fields, .header_count = 2};
		struct challenge c;
		cio_buf b = {0};
		assert_true(digest_choose(&r, true, &c));
		struct digest *d = digest_new(&c, &(struct url){0});
		assert_int_equal(digest_write(d, &b, &mufasa), 0);
		assert_int_equal(digest_renew(d, &r), 0);
		cio_buf_clear(&b);
		assert_int_equal(digest_write(d, &b, &mufasa), 0);
		assert_non_null(strstr(b.p, says[i].nonce));
		assert_non_null(strstr(b.p, says[i].count));
		cio_buf_finish(&b);
		digest_unref(d);
	}
}

static void which_one(void **state)
{
	(void)state;
	const char *a = answer("Basic realm=x, Digest nonce=a, realm=r, "
		"qop=auth, Digest nonce=b, realm=r, algorithm=SHA-256, "
		"qop=\"auth\", Digest nonce=c, realm=r, algorithm=SHA-512-256",
		&mufasa, 1);
	assert_non_null(strstr(a, "nonce=\"b\""));
	a = answer("Digest nonce=a, Digest nonce=b", &mufasa, 1);
	assert_non_null(strstr(a, "nonce=\"a\""));
	a = answer("Digest nonce=a, realm=r, qop=\"auth-int\"", &mufasa, 1);
	assert_string_equal(a, "");
	a = answer("Digest realm=r, qop=auth", &mufasa, 1);
	assert_string_equal(a, "");
	a = answer("Basic realm=\"Digest nonce=x\"", &mufasa, 1);
	assert_string_equal(a, "");
	/* quotes cannot break out */
	static const struct digest_request evil = {{"GET", 3}, {"/\"x", 3},
		{"a\"b\\c", 5}, {"p", 1}, "c", {0}};
	a = answer("Digest nonce=\"n\\\"o\", realm=\"r\\\\\"", &evil, 1);
	assert_non_null(strstr(a, "username=\"a\\\"b\\\\c\", realm=\"r\\\\\", "
		"nonce=\"n\\\"o\", uri=\"/\\\"x\""));
}

/* ---- netrc ---- */

static const char file[] =
	"# a comment\n"
	"machine one.org login me password p#1 # another\n"
	"macdef x\n get machine two.org\n password y\n\n"
	"machine two.org\n\tlogin \"two words\"\n\taccount z\n"
	"\tpassword \"a\\\"b\\\\c\\td\"\n"
	"machine three.org password alone\r\n"
	"machine one.org login second password second\n"
	"default login anyone password x\n"
	"machine late.org login never password never\n";

static void finds(const char *text, const char *host, int want,
	const char *user, const char *password)
{
	cio_buf u = {0}, p = {0};
	int found = netrc_find(cio_str_of(text), host, &u, &p);
	if (found != want)
		fail_msg("%s: %d", host, found);
	assert_string_equal(u.p != NULL ? u.p : "", user);
	assert_string_equal(p.p != NULL ? p.p : "", password);
	cio_buf_finish(&u);
	cio_buf_finish(&p);
}

static void netrc(void **state)
{
	(void)state;
	finds(file, "one.org", 1, "me", "p#1");
	finds(file, "ONE.org", 1, "me", "p#1");
	finds(file, "two.org", 1, "two words", "a\"b\\c\td");
	finds(file, "three.org", 1, "", "alone");
	finds(file, "other.org", 1, "anyone", "x");
	finds(file, "late.org", 1, "anyone", "x");
	finds("machine a.org login b password c", "x.org", 0, "", "");
	finds("", "x.org", 0, "", "");
	finds("machine", "x.org", -EINVAL, "", "");
	finds("machine \"x.org", "x.org", -EINVAL, "", "");
	finds("user me", "x.org", -EINVAL, "", "");
}

static void no_memory(void **state)
{
	(void)state;
	uint64_t blocks = cio__heap_blocks(), left, n = 0;
	do {
		cio_buf u = {0}, p = {0};
		cio__heap_fail_at(++n);
		int found = netrc_find(cio_str_of(file), "two.org", &u, &p);
		left = cio__heap_fails_in();
		cio__heap_fail_at(0);
		assert_int_equal(found, left == 0 ? -ENOMEM : 1);
		cio_buf_finish(&u);
		cio_buf_finish(&p);
		assert_int_equal(cio__heap_blocks(), blocks);
	} while (left == 0);
	assert_true(n > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_examples),
		cmocka_unit_test(sessions_and_counts),
		cmocka_unit_test(bodies_and_hidden_names),
		cmocka_unit_test(next_nonce),
		cmocka_unit_test(which_one),
		cmocka_unit_test(netrc),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

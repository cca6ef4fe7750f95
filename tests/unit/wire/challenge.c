/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * challenge.c - several challenges in one header, and what is none
 */
#include "check.h"
#include "wire/challenge.h"

/* "scheme(params)" of each, one after another. */
static const char *const cases[][2] = {
	{"Basic realm=\"x\"", "Basic(realm=\"x\")"},
	{"Basic", "Basic()"},
	{"Negotiate abc==, Basic realm=x", "Negotiate()Basic(realm=x)"},
	{"NTLM, Digest a=b , c = \"d, e\" ,, Basic realm=\"y\"",
		"NTLM()Digest(a=b , c = \"d, e\" )Basic(realm=\"y\")"},
	{" , ,Digest a=b,", "Digest(a=b)"},
	{"Digest a=\"b \\\" c\", d=e", "Digest(a=\"b \\\" c\", d=e)"},
	{"Digest a=\"b", "Digest()"},
	{"Digest a=", "Digest()"},
	{"=x", ""},
	{"", ""},
};

static void several(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cio_str rest = cio_str_of(cases[i][0]);
		struct challenge c;
		cio_buf b = {0};
		assert_int_equal(cio_buf_reserve(&b, 1), 0);
		b.p[0] = '\0';
		while (cio__challenge_next(&rest, &c))
			assert_int_equal(cio_buf_printf(&b, "%.*s(%.*s)",
				(int)c.scheme.n, c.scheme.p, (int)c.params.n,
				c.params.p), 0);
		assert_string_equal(b.p, cases[i][1]);
		cio_buf_finish(&b);
	}
}

static void values(void **state)
{
	(void)state;
	cio_str rest = cio_str_of("Digest Realm=\"a \\\"b\\\"\", nonce=n,"
		"realm=second"), value;
	struct challenge c;
	cio_buf b = {0};
	assert_true(cio__challenge_next(&rest, &c));
	assert_true(cio__challenge_get(&c, "realm", &value));
	assert_int_equal(cio__challenge_unescape(&b, value), 0);
	assert_string_equal(b.p, "a \"b\"");
	assert_true(cio__challenge_get(&c, "NONCE", &value));
	assert_true(cio_str_equal(value, cio_str_of("n")));
	assert_false(cio__challenge_get(&c, "opaque", &value));
	cio_buf_clear(&b);
	assert_int_equal(cio__challenge_quote(&b, cio_str_of("x\"\\y")), 0);
	assert_string_equal(b.p, "\"x\\\"\\\\y\"");
	cio_buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several),
		cmocka_unit_test(values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

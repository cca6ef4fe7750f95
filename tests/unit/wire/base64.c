/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * base64.c - the vectors of RFC 4648 10, and every byte
 */
#include "check.h"
#include "wire/base64.h"

static void vectors(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="},
		{"f" "o", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
		{"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		{"test:123\xc2\xa3", "dGVzdDoxMjPCow=="}, /* RFC 7617 2.1 */
		{"\xfb\xff\xfe", "+//+"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		cio_buf b = {0};
		assert_int_equal(cio_buf_puts(&b, "x"), 0);
		assert_int_equal(cio__base64_write(&b, cio_str_of(pairs[i][0])),
			0);
		assert_string_equal(b.p + 1, pairs[i][1]);
		assert_int_equal(b.n, strlen(b.p));
		cio_buf_finish(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(vectors)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

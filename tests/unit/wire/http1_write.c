/* SPDX-License-Identifier: MIT */
/*
 * http1_write.c - the printing half of HTTP/1.1 (rule 27: nothing that comes
 * from outside can split a message)
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "wire/http1_write.h"

static cio_str S(const char *s)
{
	return cio_str_of(s);
}

static void test_request_and_response(void **state)
{
	cio_buf b = {0};

	(void)state;
	assert_int_equal(cio__http1_write_request(&b, S("GET"), S("/a?b")), 0);
	assert_int_equal(cio__http1_write_header(&b, S("Host"), S("a")), 0);
	assert_int_equal(cio__http1_write_length(&b, UINT64_MAX), 0);
	assert_int_equal(cio__http1_write_end(&b), 0);
	assert_string_equal(b.p, "GET /a?b HTTP/1.1\r\nHost: a\r\n"
				 "Content-Length: 18446744073709551615\r\n\r\n");
	cio_buf_clear(&b);
	assert_int_equal(cio__http1_write_status(&b, 404, (cio_str){0}), 0);
	assert_int_equal(cio__http1_write_status(&b, 200, S("Fine")), 0);
	assert_int_equal(cio__http1_write_status(&b, 299, (cio_str){0}), 0);
	assert_int_equal(cio__http1_write_chunked(&b), 0);
	assert_string_equal(b.p, "HTTP/1.1 404 Not Found\r\n"
				 "HTTP/1.1 200 Fine\r\nHTTP/1.1 299 \r\n"
				 "Transfer-Encoding: chunked\r\n");
	cio_buf_finish(&b);
}

static void test_chunks(void **state)
{
	cio_buf b = {0};

	(void)state;
	assert_int_equal(cio__http1_write_chunk_begin(&b, 0), -EINVAL);
	assert_int_equal(cio__http1_write_chunk_begin(&b, 26), 0);
	assert_int_equal(cio__http1_write_chunk_end(&b), 0);
	assert_int_equal(cio__http1_write_last_chunk(&b), 0);
	assert_string_equal(b.p, "1a\r\n\r\n0\r\n\r\n");
	cio_buf_finish(&b);
}

/* Every byte in the middle of every part. */
static void test_rule_27_no_part_can_split_a_message(void **state)
{
	cio_buf b = {0};

	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[4] = {'a', (char)c, 'b', 0};
		cio_str s = {text, 3};
		bool control = (c < 0x20 && c != '\t') || c == 0x7f;

		cio_buf_clear(&b);
		if (control || c == ' ' || c == '\t' || c == ':' || c >= 0x80) {
			assert_int_equal(cio__http1_write_header(&b, s, S("v")),
					 -EINVAL);
			assert_int_equal(
				cio__http1_write_request(&b, s, S("/")),
				-EINVAL);
		}
		if (control || c == ' ' || c == '\t' || c == '#' || c >= 0x80)
			assert_int_equal(
				cio__http1_write_request(&b, S("GET"), s),
				-EINVAL);
		assert_int_equal(b.n, 0);
		assert_int_equal(cio__http1_write_header(&b, S("n"), s),
				 control ? -EINVAL : 0);
		assert_int_equal(cio__http1_write_status(&b, 200, s),
				 control ? -EINVAL : 0);
		assert_int_equal(b.n > 0, !control);
	}
	cio_buf_finish(&b);
}

static void test_other_refusals(void **state)
{
	cio_buf b = {0};

	(void)state;
	assert_int_equal(cio__http1_write_header(&b, S(""), S("v")), -EINVAL);
	assert_int_equal(cio__http1_write_header(&b, S("n"), S(" v")), -EINVAL);
	assert_int_equal(cio__http1_write_header(&b, S("n"), S("v\t")), -EINVAL);
	assert_int_equal(cio__http1_write_request(&b, S("GET"), S("")), -EINVAL);
	assert_int_equal(cio__http1_write_request(&b, S(""), S("/")), -EINVAL);
	assert_int_equal(cio__http1_write_status(&b, 99, S("x")), -EINVAL);
	assert_int_equal(cio__http1_write_status(&b, 1000, S("x")), -EINVAL);
	assert_int_equal(b.n, 0);
	assert_int_equal(cio__http1_write_header(&b, S("n"), S("")), 0);
	cio_buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_and_response),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_rule_27_no_part_can_split_a_message),
		cmocka_unit_test(test_other_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

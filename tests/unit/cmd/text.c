/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * text.c - a row of `cio fetch` as JSON and as CSV, number for number
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "../../../cmd/cio/fetch_text.c"
#include "../../../cmd/cio/fetch_row.c"

static void test_numbers(void **state)
{
	static const struct {
		int64_t number;
		int decimals;
		const char *text;
	} all[] = {{0, 0, "0"}, {7, 0, "7"}, {10, 0, "10"}, {-1, 0, "-1"},
		{INT64_MAX, 0, "9223372036854775807"},
		{INT64_MIN, 0, "-9223372036854775808"}, {0, 6, "0.000000"},
		{5, 6, "0.000005"}, {999999, 6, "0.999999"},
		{1000000, 6, "1.000000"}, {-1500000, 6, "-1.500000"},
		{INT64_MIN, 6, "-9223372036854.775808"}};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		cio_buf b = {0};
		assert_int_equal(put_number(&b, all[i].number, all[i].decimals), 0);
		assert_string_equal(b.p, all[i].text);
		cio_buf_finish(&b);
	}
}

static void test_microseconds(void **state)
{
	(void)state;
	assert_int_equal(microseconds(0), 0);
	assert_int_equal(microseconds(499), 0);
	assert_int_equal(microseconds(500), 1);
	assert_int_equal(microseconds(1499), 1);
	assert_int_equal(microseconds(-500), -1);
	assert_int_equal(microseconds(CIO_S(2)), 2000000);
}

static void test_row(void **state)
{
	static struct fetch f;
	const struct fetch_item item = {.fetch = &f, .seq = 7, .text = "http://a/",
		.url = "http://a/"};
	const cio_http_response r = {.status = 204, .attempts = 1};
	struct fetch_output out = {.options = &f.options};
	struct fetch_row row = {0};
	cio_buf json = {0}, csv = {0};
	(void)state;
	assert_int_equal(fetch_row_of(&row, &item, &r, "a \"b\"", CIO_MS(1500)),
		0);
	row.ts = cio_str_of("then"); /* the only thing that is not ours to say */
	assert_int_equal(encode_json(&out, &json, &row), 0);
	assert_string_equal(json.p,
		"{\"seq\":7,\"url\":\"http://a/\",\"effective_url\":\"http://a/\","
		"\"http_code\":204,\"ok\":true,\"error_kind\":null,"
		"\"error\":\"a \\\"b\\\"\",\"attempts\":1,\"http_version\":\"1.1\","
		"\"remote_ip\":null,\"num_redirects\":0,\"size_download\":0,"
		"\"size_wire\":0,\"content_type\":null,\"time_namelookup\":0.000000,"
		"\"time_connect\":0.000000,\"time_appconnect\":0.000000,"
		"\"time_starttransfer\":0.000000,\"time_total\":1.500000,"
		"\"ts\":\"then\"}\n");
	assert_int_equal(encode_csv(&out, &csv, &row), 0);
	assert_string_equal(csv.p, "7,http://a/,http://a/,204,true,,\"a \"\"b\"\"\","
		"1,1.1,,0,0,0,,0.000000,0.000000,0.000000,0.000000,1.500000,"
		"then\n");
	cio_buf_finish(&json);
	cio_buf_finish(&csv);
	fetch_row_finish(&row);
}

/* What a row takes over from the one before it must be its own. */
static void test_times_and_addresses(void **state)
{
	static struct fetch f;
	const struct fetch_item item = {.fetch = &f, .seq = 1, .text = "x",
		.url = "x"};
	static const char *const hosts[] = {"192.0.2.1", "192.0.2.1", "192.0.2.2",
		"2001:db8::1", "192.0.2.1"};
	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		struct fetch_row row = {0};
		cio_http_response r = {.status = 200};
		assert_int_equal(cio_address_parse(hosts[i], 80, &r.remote), 0);
		time_t before = time(NULL);
		cio_duration ago = CIO_S(90 * (int64_t)(i % 2));
		assert_int_equal(fetch_row_of(&row, &item, &r, "", ago), 0);
		assert_int_equal(row.remote_ip.n, strlen(hosts[i]));
		assert_memory_equal(row.remote_ip.p, hosts[i], row.remote_ip.n);

		struct tm t = {0};
		char text[40];
		assert_int_equal(row.ts.n, 24);
		memcpy(text, row.ts.p, row.ts.n + 1);
		assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &t));
		time_t said = timegm(&t) + (time_t)(ago / CIO_S(1));
		assert_true(said >= before - 1 && said <= time(NULL));
		fetch_row_finish(&row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_microseconds),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_times_and_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

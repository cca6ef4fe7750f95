/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * router.c - every path finds its route, in whatever order they were given
 */
#include "http/server.h"

#include <errno.h>

#include <cio/sim.h>

#include "check.h"

/* The handlers are told apart by their addresses only. */
#define HANDLER(name) \
	static int name(cio_request *req, cio_response *res) \
	{ \
		(void)req; \
		return cio_respond(res, 200, NULL, #name); \
	}
HANDLER(root)
HANDLER(items)
HANDLER(create)
HANDLER(by_number)
HANDLER(by_name)
HANDLER(newest)
HANDLER(pair)
HANDLER(part)
HANDLER(removal)
HANDLER(slash)

static const cio_route table[] = {
	{CIO_GET, "/items/{name}", by_name},
	{CIO_GET, "/items/{id:int}", by_number},
	{CIO_GET, "/items/newest", newest},
	{CIO_POST, "/items", create},
	{CIO_GET, "/items", items},
	{CIO_GET, "/", root},
	{CIO_GET, "/{a}/x/{b}", pair},
	{CIO_GET, "/items/{id:int}/parts/{part}", part},
	{CIO_DELETE, "/items/{id:int}", removal},
	{CIO_GET, "/items/", slash},
	{0},
};

struct found {
	int err;
	struct route_match match;
	cio_buf decoded;
};

static void look(const cio_route *routes, cio_http_method m, const char *path,
	struct found *f)
{
	struct router *r;
	*f = (struct found){0};
	assert_int_equal(cio__router_open(&r, routes), 0);
	f->err = cio__router_find(r, m, cio_str_of(path), &f->decoded,
		&f->match);
	if (f->err == 0 && f->match.leaf == NULL)
		fail_msg("no leaf for %s", path);
	cio__router_close(r);
}

static void finds(cio_http_method m, const char *path, cio_handler *want)
{
	struct found f;
	look(table, m, path, &f);
	if (f.err != 0 || f.match.handler != want)
		fail_msg("%s: %d, or another handler", path, f.err);
	cio_buf_finish(&f.decoded);
}

static int result(cio_http_method m, const char *path)
{
	struct found f;
	look(table, m, path, &f);
	cio_buf_finish(&f.decoded);
	return f.err;
}

static void fixed_wins_over_number_over_text(void **state)
{
	(void)state;
	finds(CIO_GET, "/", root);
	finds(CIO_GET, "/items", items);
	finds(CIO_POST, "/items", create);
	finds(CIO_GET, "/items/newest", newest);
	finds(CIO_GET, "/items/12", by_number);
	finds(CIO_GET, "/items/12a", by_name);
	finds(CIO_GET, "/items/", slash);
}

static void goes_back_where_a_way_was_wrong(void **state)
{
	(void)state;
	finds(CIO_GET, "/items/x/parts", pair); /* {a} = items */
	finds(CIO_GET, "/items/7/parts/9", part);
	finds(CIO_GET, "/other/x/9", pair);
	finds(CIO_DELETE, "/items/7", removal);
	finds(CIO_HEAD, "/items", items);
}

static void misses(void **state)
{
	(void)state;
	assert_int_equal(result(CIO_GET, "/nothing"), -ENOENT);
	assert_int_equal(result(CIO_GET, "/items/7/parts"), -ENOENT);
	assert_int_equal(result(CIO_GET, "//"), -ENOENT);
	assert_int_equal(result(CIO_GET, "/items/7/parts/"), -ENOENT);
	assert_int_equal(result(CIO_GET, "*"), -ENOENT);
	assert_int_equal(result(CIO_GET, ""), -ENOENT);
	assert_int_equal(result(CIO_PUT, "/items"), -EOPNOTSUPP);
}

static void says_what_is_allowed(void **state)
{
	struct found f;
	(void)state;
	look(table, CIO_PATCH, "/items/5", &f);
	assert_int_equal(f.err, -EOPNOTSUPP);
	assert_int_equal(f.match.allow,
		1u << CIO_GET | 1u << CIO_HEAD | 1u << CIO_DELETE);
}

static void numbers_are_digits_that_fit(void **state)
{
	static const cio_route routes[] = {
		{CIO_GET, "/n/{id:int}", by_number},
		{0},
	};
	static const char *const bad[] = {"/n/", "/n/-1", "/n/+1", "/n/1x",
		"/n/0x1", "/n/9223372036854775808", "/n/1.0", "/n/%20",
		"/n/99999999999999999999999999"};
	struct router *r;
	struct route_match m;
	cio_buf decoded = {0};
	(void)state;
	assert_int_equal(cio__router_open(&r, routes), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (cio__router_find(r, CIO_GET, cio_str_of(bad[i]), &decoded,
			    &m) != -ENOENT)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(cio__router_find(r, CIO_GET,
		cio_str_of("/n/9223372036854775807"), &decoded, &m), 0);
	assert_true(cio__route_int(&m, "id") == INT64_MAX);
	assert_int_equal(cio__router_find(r, CIO_GET,
		cio_str_of("/n/%30%37"), &decoded, &m), 0);
	assert_int_equal(cio__route_int(&m, "id"), 7);
	assert_int_equal(cio__route_int(&m, "no"), 0);
	assert_null(cio__route_str(&m, "no").p);
	cio_buf_finish(&decoded);
	cio__router_close(r);
}

static void escapes_are_undone_in_a_segment(void **state)
{
	struct router *r;
	struct route_match m;
	cio_buf decoded = {0};
	(void)state;
	assert_int_equal(cio__router_open(&r, table), 0);
	assert_int_equal(cio__router_find(r, CIO_GET,
		cio_str_of("/i%74ems/a%2Fb%20%e4"), &decoded, &m), 0);
	cio_str name = cio__route_str(&m, "name");
	assert_true(cio_str_equal(name, cio_str_of("a/b \xe4")));

	static const char *const bad[] = {"/items/%", "/items/%4", "/items/%zz",
		"/items/%00", "/items/a%0", "/%", "/no/such/%g0"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (cio__router_find(r, CIO_GET, cio_str_of(bad[i]), &decoded,
			    &m) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
	cio_buf_finish(&decoded);
	cio__router_close(r);
}

static void too_many_segments_are_not_found(void **state)
{
	char path[201];
	(void)state;
	memset(path, '/', 200);
	path[200] = '\0';
	assert_int_equal(result(CIO_GET, path), -ENOENT);
}

static void refuses(const cio_route *routes, const char *a, const char *b)
{
	struct router *r = NULL;
	assert_int_equal(cio__router_open(&r, routes), -EINVAL);
	if (strstr(cio_error_text(), a) == NULL ||
		strstr(cio_error_text(), b) == NULL)
		fail_msg("'%s' does not name %s and %s", cio_error_text(), a,
			b);
}

static void conflicts_name_both(void **state)
{
	(void)state;
	refuses((cio_route[]){{CIO_GET, "/a/{x}", root},
		{CIO_POST, "/a/{z}", root}, {CIO_GET, "/a/{y}", root}, {0}},
		"/a/{x}", "/a/{y}");
	refuses((cio_route[]){{CIO_PUT, "/a", root}, {CIO_PUT, "/a", root},
		{0}}, "PUT", "/a");
}

static void bad_patterns_are_refused(void **state)
{
	static const char *const bad[] = {"a", "", "/{}", "/{a", "/a}", "/x{a}",
		"/{a:float}", "/{a-b}", "/a%20b", "/a?b", "/a#b", "/{a}/{a}",
		"/{:int}", "/\x01"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		refuses((cio_route[]){{CIO_GET, bad[i], root}, {0}}, "route",
			bad[i]);
	refuses((cio_route[]){{CIO_METHODS, "/a", root}, {0}}, "/a", "method");
	refuses((cio_route[]){{CIO_GET, NULL, root}, {0}}, "route", "path");
}

static void survives_failing_memory(void **state)
{
	(void)state;
	uint64_t before = cio_sim_blocks();
	int err = -ENOMEM;
	for (uint64_t n = 1; err == -ENOMEM; n++) {
		struct router *r = NULL;
		cio_sim_fail_allocation(n);
		err = cio__router_open(&r, table);
		cio_sim_fail_allocation(0);
		if (err == 0)
			cio__router_close(r);
		assert_int_equal(cio_sim_blocks(), before);
		assert_true(n < 1000);
	}
	assert_int_equal(err, 0);
}

static void many_fixed_routes(void **state)
{
	enum { N = 300 };
	static char paths[N][16];
	static cio_route routes[N + 1];
	struct router *r;
	struct route_match m;
	cio_buf decoded = {0};
	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(paths[i], sizeof paths[i], "/%d", i * 7919 % N);
		routes[i] = (cio_route){CIO_GET, paths[i],
			i % 2 != 0 ? root : items};
	}
	assert_int_equal(cio__router_open(&r, routes), 0);
	for (int i = 0; i < N; i++) {
		assert_int_equal(cio__router_find(r, CIO_GET,
			cio_str_of(paths[i]), &decoded, &m), 0);
		assert_true(m.handler == (i % 2 != 0 ? root : items));
	}
	cio__router_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_wins_over_number_over_text),
		cmocka_unit_test(goes_back_where_a_way_was_wrong),
		cmocka_unit_test(misses),
		cmocka_unit_test(says_what_is_allowed),
		cmocka_unit_test(numbers_are_digits_that_fit),
		cmocka_unit_test(escapes_are_undone_in_a_segment),
		cmocka_unit_test(too_many_segments_are_not_found),
		cmocka_unit_test(conflicts_name_both),
		cmocka_unit_test(bad_patterns_are_refused),
		cmocka_unit_test(survives_failing_memory),
		cmocka_unit_test(many_fixed_routes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

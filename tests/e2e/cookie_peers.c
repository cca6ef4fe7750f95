/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * cookie_peers.c - cookie files that curl writes and reads
 */
#include "unit/http/canned.h"

#include <unistd.h>

#include <cio/cookie_jar.h>
#include <cio/thread.h>

#define EMPTY "Content-Length: 0\r\n\r\n"

static char folder[] = "/tmp/cio-curl-XXXXXX";
static char path[64];
static char command[512];

static int run_command(void *arg)
{
	return system(arg) == 0 ? 0 : -EIO;
}

/* curl with options, to a path of ours under a name that means us. */
static void curl(struct canned *c, const char *options, const char *host,
	const char *where)
{
	snprintf(command, sizeof command,
		"curl -q -s -S -o /dev/null --noproxy '*' "
		"--resolve '%s:%u:127.0.0.1' %s %s 'http://%s:%u%s'",
		host, c->port, options, path, host, c->port, where);
	CHECK_INT(cio_to_thread(run_command, command), 0);
}

static bool sent(const struct canned *c, const char *line)
{
	return strstr(c->last, line) != NULL;
}

static int ours_client(struct canned *c)
{
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	static const char *const set[] = {"host=1; HttpOnly",
		"all=2; Domain=example.org; Max-Age=1000", "deep=3; Path=/d",
		"quoted=\"a b\"; Path=/d/e", "empty="};
	for (size_t i = 0; i < sizeof set / sizeof *set; i++)
		CHECK_INT(cio_cookie_jar_set(jar, "http://a.example.org/x",
			set[i]), 0);
	CHECK_INT(cio_cookie_jar_set(jar, "https://a.example.org/", "s=4; Secure"),
		0);
	CHECK_INT(cio_cookie_jar_set(jar, "http://127.0.0.1/", "ip=5"), 0);
	CHECK_INT(cio_cookie_jar_save(jar, path), 0);
	cio_cookie_jar_close(jar);

	curl(c, "-b", "a.example.org", "/d/e/f");
	CHECK(sent(c, "quoted=\"a b\""));
	CHECK(sent(c, "deep=3"));
	CHECK(sent(c, "host=1"));
	CHECK(sent(c, "all=2"));
	CHECK(sent(c, "empty="));
	CHECK(!sent(c, "s=4") && !sent(c, "ip=5"));
	curl(c, "-b", "b.a.example.org", "/d/e/f");
	CHECK(sent(c, "\r\nCookie: all=2\r\n"));
	curl(c, "-b", "other.org", "/d/e/f");
	CHECK(!sent(c, "Cookie"));
	curl(c, "-b", "127.0.0.1", "/d");
	CHECK(sent(c, "\r\nCookie: ip=5\r\n"));
	return 0;
}

static int curl_reads_ours(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, ours_client);
}

static const struct answer setting[] = {{"/x/set", "HTTP/1.1 200 OK\r\n"
	"Set-Cookie: host=1; HttpOnly\r\n"
	"Set-Cookie: all=2; Domain=example.org; Max-Age=1000; Path=/\r\n"
	"Set-Cookie: empty=\r\n"
	"Set-Cookie: quoted=\"a b\"; Path=/\r\n"
	"Set-Cookie: evil=1; Domain=org\r\n" EMPTY, 0, 0, 0}, {0}};

static void says(cio_cookie_jar *jar, const char *url, const char *want)
{
	cio_buf out = {0};
	CHECK_INT(cio_cookie_jar_get(jar, url, &out), 0);
	if (!CHECK(strcmp(out.p != NULL ? out.p : "", want) == 0))
		fprintf(stderr, "%s: '%s', not '%s'\n", url, out.p, want);
	cio_buf_finish(&out);
}

static int theirs_client(struct canned *c)
{
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	curl(c, "-c", "a.example.org", "/x/set");
	CHECK_INT(cio_cookie_jar_load(jar, path), 4);
	/* curl keeps no order that means anything: one at a time */
	cio_buf out = {0};
	CHECK_INT(cio_cookie_jar_get(jar, "http://a.example.org/x/y", &out), 0);
	CHECK(strstr(out.p, "host=1") < strstr(out.p, "all=2"));
	CHECK(strstr(out.p, "empty=") != NULL);
	CHECK(strstr(out.p, "quoted=\"a b\"") != NULL);
	cio_buf_finish(&out);
	says(jar, "http://b.a.example.org/x/y", "all=2");
	says(jar, "http://example.org/", "all=2");

	/* there and back: what curl makes of our copy of its file */
	CHECK_INT(cio_cookie_jar_save(jar, path), 0);
	curl(c, "-b", "b.a.example.org", "/echo");
	CHECK(sent(c, "\r\nCookie: all=2\r\n"));
	curl(c, "-b", "a.example.org", "/echo");
	CHECK(sent(c, "quoted=\"a b\"") && !sent(c, "host=1"));
	cio_cookie_jar_close(jar);
	return 0;
}

static int we_read_curls(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){.answers = setting}, theirs_client);
}

static void need_curl(void)
{
	if (system("curl --version >/dev/null 2>&1") != 0)
		check_skip("curl is not installed");
}

static void run_curl_reads_ours(void **state)
{
	(void)state;
	need_curl();
	assert_int_equal(check_run(curl_reads_ours, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static void run_we_read_curls(void **state)
{
	(void)state;
	need_curl();
	assert_int_equal(check_run(we_read_curls, NULL), 0);
	assert_string_equal(check_reports(), "");
}

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/jar", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_curl_reads_ours),
		cmocka_unit_test(run_we_read_curls),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

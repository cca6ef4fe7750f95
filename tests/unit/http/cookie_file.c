/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * cookie_file.c - a jar on the disk, and back
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cio.h>
#include <cio/cookie_jar.h>

#include "check.h"

static char folder[] = "/tmp/cio-cookies-XXXXXX";
static char path[64], other[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/jar", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder); /* fails if something was left behind */
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
	if (CHECK(f != NULL)) {
		fputs(text, f);
		fclose(f);
	}
}

static void says(cio_cookie_jar *jar, const char *url, const char *want)
{
	cio_buf out = {0};
	CHECK_INT(cio_cookie_jar_get(jar, url, &out), 0);
	if (!CHECK(strcmp(out.p != NULL ? out.p : "", want) == 0))
		fprintf(stderr, "%s: '%s', not '%s'\n", url, out.p, want);
	cio_buf_finish(&out);
}

#define S "https://a.example.org/d/e"

static int there_and_back(void *arg)
{
	(void)arg;
	cio_cookie_jar *jar, *again;
	struct stat st;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	CHECK_INT(cio_cookie_jar_open(&again, NULL), 0);
	CHECK_INT(cio_cookie_jar_set(jar, S, "later=1; Path=/; Max-Age=1000"),
		0);
	CHECK_INT(cio_cookie_jar_set(jar, S, "host=1; Secure; HttpOnly"), 0);
	CHECK_INT(cio_cookie_jar_set(jar, S, "all=a=b c; Domain=example.org"),
		0);
	CHECK_INT(cio_cookie_jar_set(jar, S, "empty="), 0);
	CHECK_INT(cio_cookie_jar_set(jar, "http://127.0.0.1/a;b/c", "ip=4"), 0);
	CHECK_INT(cio_cookie_jar_set(jar, "http://[::1]/", "ip=6"), 0);
	write_text(path, "what was before");
	CHECK_INT(cio_cookie_jar_save(jar, path), 0);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);

	CHECK_INT(cio_cookie_jar_load(again, path), 6);
	says(again, S, "host=1; all=a=b c; empty=; later=1");
	/* CVE-2026-54279: a cookie of one host stays one of that host */
	says(again, "https://x.a.example.org/d/e", "all=a=b c");
	says(again, "http://a.example.org/d/e", "all=a=b c; empty=; later=1");
	says(again, "http://127.0.0.1/a;b/d", "ip=4");
	says(again, "http://[::1]/", "ip=6");
	CHECK_INT(cio_cookie_jar_save(again, other), 0);
	CHECK_INT(cio_cookie_jar_load(again, other), 6);
	CHECK_INT(cio_cookie_jar_count(again), 6);
	cio_cookie_jar_close(jar);
	cio_cookie_jar_close(again);
	return 0;
}

static const struct {
	const char *text, *line;
} broken[] = {
	{"h\tFALSE\t/\tFALSE\t0\tn\tv\nnonsense\n", ":2: "},
	{"# c\n\nh\tNO\t/\tFALSE\t0\tn\tv", ":3: "},
	{"h\tFALSE\tpath\tFALSE\t0\tn\tv", ":1: "},
	{"h\tFALSE\t/\tmaybe\t0\tn\tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\tsoon\tn\tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\t-1\tn\tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\t\tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\tn;\tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\tn \tv", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\tn\t v", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\tn\tv\x01", ":1: "},
	{"h\tFALSE\t/\tFALSE\t0\tn\tv\tmore", ":1: "},
	{"\tFALSE\t/\tFALSE\t0\tn\tv", ":1: "},
	{"h/x\tFALSE\t/\tFALSE\t0\tn\tv", ":1: "},
	{"org\tTRUE\t/\tFALSE\t0\tn\tv", "public suffix"},
	{"h.org\tFALSE\t/\tFALSE\t0\t__Host-n\tv", "__Host-"},
	{"h.org\tTRUE\t/\tTRUE\t0\t__Host-n\tv", "__Host-"},
	{"h.org\tFALSE\t/\tFALSE\t0\t__Secure-n\tv", "__Secure-"},
};

static int malformed(void *arg)
{
	(void)arg;
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		write_text(path, broken[i].text);
		if (!CHECK_INT(cio_cookie_jar_load(jar, path), -EINVAL) ||
			!CHECK(strstr(cio_error_text(), broken[i].line) != NULL))
			fprintf(stderr, "%s: %s\n", broken[i].text,
				cio_error_text());
		CHECK_INT(cio_cookie_jar_count(jar), 0);
	}
	CHECK(strstr(cio_error_text(), path) != NULL);
	cio_cookie_jar_close(jar);
	return 0;
}

static int odd_but_good(void *arg)
{
	(void)arg;
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	write_text(path, "# Netscape HTTP Cookie File\r\n\r\n"
		".h.org\tTRUE\t/\tFALSE\t0\tdot\t1\r\n"
		"H.org\ttrue\t/\tfalse\t0\tplain\t2\n"
		"h.org\tFALSE\t/\tFALSE\t1000\tover\t3\n"
		"127.0.0.1\tTRUE\t/\tFALSE\t0\tip\t4\n"
		"h.org\tFALSE\t/\tFALSE\t0\tnovalue\n"
		"#HttpOnly_h.org\tFALSE\t/\tTRUE\t99999999999\tlast\t5");
	CHECK_INT(cio_cookie_jar_load(jar, path), 5);
	says(jar, "http://h.org/", "dot=1; plain=2; novalue=");
	says(jar, "https://x.h.org/", "dot=1; plain=2");
	says(jar, "https://h.org/", "dot=1; plain=2; novalue=; last=5");
	CHECK_INT(cio_cookie_jar_set(jar, "http://127.0.0.1/", "ip=5"), 0);
	says(jar, "http://127.0.0.1/", "ip=5"); /* the same one */
	cio_cookie_jar_close(jar);
	return 0;
}

static int count_files(void)
{
	int n = 0;
	DIR *d = opendir(folder);
	while (d != NULL && readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int files_that_are_none(void *arg)
{
	(void)arg;
	cio_cookie_jar *jar;
	CHECK_INT(cio_cookie_jar_open(&jar, NULL), 0);
	CHECK_INT(cio_cookie_jar_load(jar, "/nowhere/jar"), -ENOENT);
	CHECK(strstr(cio_error_text(), "/nowhere/jar") != NULL);
	CHECK_INT(cio_cookie_jar_save(jar, "/nowhere/jar"), -ENOENT);
	CHECK(strstr(cio_error_text(), "/nowhere/jar") != NULL);
	CHECK_INT(cio_cookie_jar_load(jar, folder), -EISDIR);
	CHECK_INT(cio_cookie_jar_load(jar, "/dev/null"), -EINVAL);
	unlink(other);
	CHECK_INT(mkdir(other, 0700), 0);
	int files = count_files();
	CHECK_INT(cio_cookie_jar_save(jar, other), -EISDIR);
	CHECK_INT(count_files(), files);
	CHECK_INT(rmdir(other), 0);
	cio_cookie_jar_close(jar);
	return 0;
}

/* Cut anywhere, a file is what it was or what it should be. */
static int some_of_it(void *arg)
{
	(void)arg;
	cio_cookie_jar *jar = NULL, *again = NULL;
	int err = cio_cookie_jar_open(&jar, NULL);
	err = err < 0 ? err : cio_cookie_jar_open(&again, NULL);
	err = err < 0 ? err : cio_cookie_jar_set(jar, S, "a=b");
	err = err < 0 ? err : cio_cookie_jar_set(jar, S, "c=d");
	err = err < 0 ? err : cio_cookie_jar_save(jar, path);
	if (err == 0) {
		int n = cio_cookie_jar_load(again, path);
		CHECK(n < 0 || n == 2);
		CHECK_INT(cio_cookie_jar_count(again), n < 0 ? 0 : 2);
	}
	cio_cookie_jar_close(jar);
	cio_cookie_jar_close(again);
	return 0;
}

#define RUNS(name) \
	static void run_##name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name, NULL), 0); \
		assert_string_equal(check_reports(), ""); \
	}
RUNS(there_and_back)
RUNS(malformed)
RUNS(odd_but_good)
RUNS(files_that_are_none)

static void cancel_everywhere(void **state)
{
	(void)state;
	check_cancel_everywhere(some_of_it, NULL, "save and load");
}

static void no_memory_anywhere(void **state)
{
	(void)state;
	check_fail_allocations(some_of_it, NULL, "save and load");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_there_and_back),
		cmocka_unit_test(run_malformed),
		cmocka_unit_test(run_odd_but_good),
		cmocka_unit_test(run_files_that_are_none),
		cmocka_unit_test(cancel_everywhere),
		cmocka_unit_test(no_memory_anywhere),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

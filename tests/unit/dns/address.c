/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * address.c - literals, their text, names, and the file of hosts
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "dns/dns.h"

static void literals(void **state)
{
	(void)state;
	static const struct {
		const char *literal, *text; /* NULL: none */
	} cases[] = {
		{"127.0.0.1", "127.0.0.1:80"},
		{"255.255.255.255", "255.255.255.255:80"},
		{"::1", "[::1]:80"},
		{"[::1]", "[::1]:80"},
		{"2001:db8::1:0:0:1", "[2001:db8::1:0:0:1]:80"},
		{"::ffff:1.2.3.4", "[::ffff:1.2.3.4]:80"},
		{"fe80::1%7", "[fe80::1%7]:80"},
		{"[fe80::1%7]", "[fe80::1%7]:80"},
		{"127.1", NULL},
		{"127.0.0.256", NULL},
		{"127.0.0.01", NULL},
		{"0x7f.0.0.1", NULL},
		{"127.0.0.1.", NULL},
		{" 127.0.0.1", NULL},
		{"127.0.0.1 ", NULL},
		{"[127.0.0.1]", NULL},
		{"2130706433", NULL},
		{"", NULL},
		{"[]", NULL},
		{"[", NULL},
		{"]", NULL},
		{"[::1", NULL},
		{"::1]", NULL},
		{"[[::1]]", NULL},
		{":::", NULL},
		{"fe80::1%", NULL},
		{"fe80::1%0", NULL},
		{"fe80::1%no-such-interface", NULL},
		{"fe80::1%99999999999999999999", NULL},
		{"1:2:3:4:5:6:7:8:9", NULL},
		{"0000000000000000000000000000000000000000000000000000000000000"
		 "0000000000000000000000000000000000000:1", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cio_address a;
		char text[CIO_ADDRESS_TEXT];
		int err = cio_address_parse(cases[i].literal, 80, &a);
		if ((err == 0) != (cases[i].text != NULL))
			fail_msg("%s: %d", cases[i].literal, err);
		if (err < 0) {
			assert_int_equal(err, -EINVAL);
			continue;
		}
		assert_string_equal(cio_address_text(&a, text), cases[i].text);
		assert_int_equal(cio_address_port(&a), 80);
	}
	cio_address a;
	assert_int_equal(cio_address_parse(NULL, 1, &a), -EINVAL);
}

static void local_texts(void **state)
{
	(void)state;
	char text[CIO_ADDRESS_TEXT];
	cio_address a = {.len = sizeof(struct sockaddr_un)};
	struct sockaddr_un *un = (struct sockaddr_un *)&a.storage;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, "/run/x", 7);
	assert_string_equal(cio_address_text(&a, text), "unix:/run/x");
	assert_int_equal(cio_address_port(&a), 0);
	memset(un->sun_path, 'y', sizeof un->sun_path);
	assert_int_equal(strlen(cio_address_text(&a, text)),
		CIO_ADDRESS_TEXT - 1);
	un->sun_path[0] = '\0';
	a.len = offsetof(struct sockaddr_un, sun_path) + 4;
	assert_string_equal(cio_address_text(&a, text), "unix:@yyy");
	a.len = offsetof(struct sockaddr_un, sun_path);
	assert_string_equal(cio_address_text(&a, text), "unix:");
	a = (cio_address){0};
	assert_string_equal(cio_address_text(&a, text), "(no address)");
}

static void names(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "example.org", "example.org.",
		"a-b.c_d", "1a", "1.2.3.a", "xn--bcher-kva.example"};
	static const char *const bad[] = {"", ".", "..", "a..b", ".a", "a b",
		"a\tb", "a\n", "a/b", "a:1", "user@host", "b\303\274cher",
		"127.1", "1.2.3.4.5", "1", "0x7f", "a.0X7F", "a.1."};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (cio__name_fault(good[i]) != NULL)
			fail_msg("%s: %s", good[i], cio__name_fault(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (cio__name_fault(bad[i]) == NULL)
			fail_msg("%s", bad[i]);

	char name[300];
	memset(name, 'a', sizeof name);
	for (size_t i = 50; i < sizeof name; i += 50)
		name[i] = '.';
	name[253] = '\0';
	assert_null(cio__name_fault(name));
	name[253] = 'a';
	name[254] = '\0';
	assert_non_null(cio__name_fault(name));
	name[64] = '\0';
	memset(name, 'a', 64);
	assert_non_null(cio__name_fault(name));
	name[63] = '\0';
	assert_null(cio__name_fault(name));
}

/* ---- the file of hosts ---- */

static char path[] = "/tmp/cio-hosts-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(const char *text, size_t n)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
}

static const char lines[] =
	"# a comment 1.1.1.1 one\n"
	"1.2.3.4\tone  One-Alias # two\n"
	"\n"
	"   5.6.7.8 three\r\n"
	"::7 one\n"
	"1.2.3.4 one\n"
	"no-address four\n"
	"1.1.1.1\n"
	"9.9.9.9 five#six\n"
	"8.8.8.8 last";

static int find(const struct hosts *h, const char *name, char *text)
{
	cio_address a[4];
	int n = cio__hosts_find(h, name, 7, a, 4);
	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		char one[CIO_ADDRESS_TEXT];
		strcat(strcat(text, cio_address_text(&a[i], one)), " ");
	}
	return n;
}

static void hosts_are_found(void **state)
{
	(void)state;
	struct hosts h = {0};
	char t[4 * CIO_ADDRESS_TEXT];
	put(lines, sizeof lines - 1);
	assert_int_equal(cio__hosts_read(&h, path), 1);
	assert_int_equal(find(&h, "one", t), 2); /* each once */
	assert_string_equal(t, "1.2.3.4:7 [::7]:7 ");
	assert_int_equal(find(&h, "ONE.", t), 2);
	assert_int_equal(find(&h, "one-alias", t), 1);
	assert_int_equal(find(&h, "three", t), 1);
	assert_string_equal(t, "5.6.7.8:7 ");
	assert_int_equal(find(&h, "five", t), 1);
	assert_int_equal(find(&h, "last", t), 1);
	static const char *const absent[] = {"two", "four", "six", "on", "onee",
		"1.2.3.4", "a", "", "comment"};
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		if (find(&h, absent[i], t) != 0)
			fail_msg("%s: %s", absent[i], t);
	cio_address a;
	assert_int_equal(cio__hosts_find(&h, "one", 7, &a, 1), 1);
	cio__hosts_finish(&h);
	cio__hosts_finish(&h);
}

static void hosts_are_read_again_when_changed(void **state)
{
	(void)state;
	struct hosts h = {0};
	char t[4 * CIO_ADDRESS_TEXT];
	put("1.1.1.1 x\n", 10);
	assert_int_equal(cio__hosts_read(&h, path), 1);
	assert_int_equal(cio__hosts_read(&h, path), 0);
	put("2.2.2.2 x y\n", 12);
	assert_int_equal(cio__hosts_read(&h, path), 1);
	assert_int_equal(find(&h, "x", t), 1);
	assert_string_equal(t, "2.2.2.2:7 ");
	put("", 0);
	assert_int_equal(cio__hosts_read(&h, path), 1);
	assert_int_equal(find(&h, "x", t), 0);

	/* None, no file, and one too large: no hosts, and no error. */
	assert_int_equal(cio__hosts_read(&h, "/nonexistent/hosts"), 1);
	assert_int_equal(find(&h, "x", t), 0);
	assert_int_equal(cio__hosts_read(&h, "/tmp"), 1);
	assert_int_equal(find(&h, "x", t), 0);
	put("1.1.1.1 x\n", 10);
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	assert_int_equal(cio__hosts_read(&h, path), 1);
	assert_int_equal(find(&h, "x", t), 0);
	cio__hosts_finish(&h);
}

/* Any bytes: nothing but an answer may come of it. */
static void hosts_may_be_anything(void **state)
{
	(void)state;
	unsigned seed = 7;
	static const char letters[] = " \t\n\r#.:%[]x1\0\xff";
	for (int round = 0; round < 2000; round++) {
		char *text = malloc(100);
		for (int i = 0; i < 100; i++)
			text[i] = letters[(unsigned)rand_r(&seed) %
				(sizeof letters - 1)];
		struct hosts h = {.text = text, .n = 100};
		cio_address a[2];
		int n = cio__hosts_find(&h, "x", 1, a, 2);
		assert_true(n >= 0 && n <= 2);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),
		cmocka_unit_test(local_texts),
		cmocka_unit_test(names),
		cmocka_unit_test(hosts_are_found),
		cmocka_unit_test(hosts_are_read_again_when_changed),
		cmocka_unit_test(hosts_may_be_anything),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}

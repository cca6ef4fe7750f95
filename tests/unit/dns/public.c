/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * public.c - which addresses are public: each range's edges, and every form in
 * which an IPv6 address carries an IPv4 one
 */
#include "check.h"

#include <cio/dns.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/un.h>

/* The first and last of a range that is not public; both neighbours, if they
 * are. */
static const struct {
	const char *before, *first, *last, *after;
} ranges[] = {
	{NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
	{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
	{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
	{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
	{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
	{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
	{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
	{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
	{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
	{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
	{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
	{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
	{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
	{"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL},
	{NULL, "240.0.0.0", "255.255.255.255", NULL},

	{NULL, "::", "::1", NULL},
	{NULL, "::2", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
	{"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::",
		"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
	{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
		"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
	{"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
		"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
	{"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL},
	{NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
	{NULL, "ff02::1", "ff0e::1", NULL},
};

static void expect(const char *text, bool public)
{
	cio_address a;
	if (text == NULL)
		return;
	if (cio_address_parse(text, 80, &a) < 0)
		fail_msg("%s is no address", text);
	if (cio_address_is_public(&a) != public)
		fail_msg("%s: taken for %spublic", text, public ? "not " : "");
}

static void edges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		expect(ranges[i].before, true);
		expect(ranges[i].first, false);
		expect(ranges[i].last, false);
		expect(ranges[i].after, true);
	}
	expect("8.8.8.8", true);
	expect("2606:4700:4700::1111", true);
	expect("2a00:1450::1", true);
}

/* In IPv6, a form that carries an IPv4 address is as public as that. */
static void carried(void **state)
{
	(void)state;
	char text[64];
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		const char *const four[] = {ranges[i].before, ranges[i].first,
			ranges[i].last, ranges[i].after};
		for (size_t k = 0; k < 4; k++) {
			unsigned b[4];
			bool public = k == 0 || k == 3;
			if (four[k] == NULL || strchr(four[k], ':') != NULL)
				continue;
			snprintf(text, sizeof text, "::ffff:%s", four[k]);
			expect(text, public);
			snprintf(text, sizeof text, "64:ff9b::%s", four[k]);
			expect(text, public);
			assert_int_equal(sscanf(four[k], "%u.%u.%u.%u", &b[0],
				&b[1], &b[2], &b[3]), 4);
			snprintf(text, sizeof text, "2002:%x:%x::1",
				b[0] << 8 | b[1], b[2] << 8 | b[3]);
			expect(text, public);
			snprintf(text, sizeof text, "::%s", four[k]);
			expect(text, false); /* nobody uses these */
			snprintf(text, sizeof text, "::ffff:0:%s", four[k]);
			expect(text, false);
		}
	}
}

static void others(void **state)
{
	(void)state;
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};
	cio_address a = {.len = sizeof un};
	memcpy(&a.storage, &un, sizeof un);
	assert_false(cio_address_is_public(&a));
	assert_false(cio_address_is_public(&(cio_address){0}));
	expect("127.0.0.1", false);
	expect("fe80::1%1", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(carried),
		cmocka_unit_test(others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

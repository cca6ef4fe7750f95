/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * nsswitch.c - which configurations of the system's leave names to us
 */
#include "check.h"

#include <stdlib.h>
#include <unistd.h>

#include "resolver/resolver.h"

static const struct {
	const char *text;
	bool needs;
} cases[] = {
	{"", false},
	{"passwd: files ldap\n", false},
	{"hosts: files dns\n", false},
	{"hosts:\tfiles dns\n", false},
	{"  hosts: dns", false},
	{"passwd: files\nhosts: files myhostname resolve [!UNAVAIL=return] dns\n"
	 "networks: nis\n", false},
	{"hosts: files [NOTFOUND=continue UNAVAIL=return] dns\n", false},
	{"hosts: files dns # mdns4\n", false},
	{"#hosts: nis\nhosts: files dns\n", false},
	{"hosts: files\n", true},
	{"hosts: myhostname files\n", true},
	{"hosts: files mdns4_minimal [NOTFOUND=return] dns\n", true},
	{"hosts: files dns mymachines\n", true},
	{"hosts: files [NOTFOUND=return] nis dns\n", true},
	{"hosts: db files dns\n", true},
	{"hosts:\n", true},
};

static void configurations(void **state)
{
	(void)state;
	char path[] = "/tmp/cio-nsswitch-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fputs(cases[i].text, f);
		fclose(f);
		if (nsswitch_needs_system(path) != cases[i].needs)
			fail_msg("%s", cases[i].text);
	}
	unlink(path);
	assert_false(nsswitch_needs_system(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configurations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* drivers: all */
/*
 * resolve.c - names, with a getaddrinfo of our own in place of libc's
 */
#include "check.h"

#include <arpa/inet.h>
#include <cio.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "dns/dns.h"

/* ---- the system's resolver: "found.test", "slow.test"; others it knows not ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool gate_open;   /* "slow.test" waits for it */
static int asked, within; /* ever; inside now */

static void open_gate(bool open)
{
	pthread_mutex_lock(&lock);
	gate_open = open;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* Called in a thread of cio: blocks until n questions are inside. */
static int wait_for_inside(void *arg)
{
	int *n = arg;
	pthread_mutex_lock(&lock);
	while (within != *n)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void pass_gate(const char *name)
{
	pthread_mutex_lock(&lock);
	asked++;
	within++;
	pthread_cond_broadcast(&changed);
	while (strcmp(name, "slow.test") == 0 && !gate_open)
		pthread_cond_wait(&changed, &lock);
	within--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static struct addrinfo *entry(const char *ip, struct addrinfo *next)
{
	struct sockaddr_in *in = calloc(1, sizeof *in);
	struct addrinfo *a = calloc(1, sizeof *a);
	in->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &in->sin_addr);
	*a = (struct addrinfo){.ai_family = AF_INET, .ai_addrlen = sizeof *in,
		.ai_addr = (struct sockaddr *)in, .ai_next = next};
	return a;
}

int getaddrinfo(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **out)
{
	(void)service;
	(void)hints;
	pass_gate(name);
	if (strcmp(name, "found.test") != 0 && strcmp(name, "slow.test") != 0)
		return EAI_NONAME;
	*out = entry("198.51.100.1", entry("198.51.100.2", NULL));
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a != NULL) {
		struct addrinfo *next = a->ai_next;
		free(a->ai_addr);
		free(a);
		a = next;
	}
}

/* ---- */

static char path[] = "/tmp/cio-resolve-XXXXXX";

static void put(const char *text)
{
	FILE *f = fopen(path, "w");
	if (CHECK(f != NULL)) {
		fputs(text, f);
		fclose(f);
	}
}

static const char *text_of(const cio_address *a)
{
	static char text[CIO_ADDRESS_TEXT];
	return cio_address_text(a, text);
}

static int plain(void *arg)
{
	(void)arg;
	cio_address a[8];
	CHECK_INT(cio_resolve("127.0.0.1", 80, a, 8), 1);
	CHECK(strcmp(text_of(a), "127.0.0.1:80") == 0);
	CHECK_INT(cio_resolve("[::1]", 80, a, 8), 1);
	CHECK_INT(cio_resolve("localhost", 80, a, 8), 2);
	CHECK(strcmp(text_of(&a[0]), "127.0.0.1:80") == 0);
	CHECK(strcmp(text_of(&a[1]), "[::1]:80") == 0);
	CHECK_INT(cio_resolve("LocalHost.", 80, a, 1), 1);
	CHECK_INT(asked, 0);

	CHECK_INT(cio_resolve("found.test", 443, a, 8), 2);
	CHECK(strcmp(text_of(&a[0]), "198.51.100.1:443") == 0);
	CHECK(strcmp(text_of(&a[1]), "198.51.100.2:443") == 0);
	CHECK_INT(cio_resolve("found.test", 443, a, 1), 1);
	CHECK_INT(asked, 2);
	CHECK_INT(cio_resolve("absent.test", 443, a, 8), -CIO_EDNS);
	CHECK(strncmp(cio_error_text(), "absent.test: ", 13) == 0);
	CHECK_INT(asked, 3);
	return 0;
}

static int faults(void *arg)
{
	(void)arg;
	cio_address a;
	char longest[300];
	memset(longest, 'x', sizeof longest);
	longest[299] = '\0';
	CHECK_INT(cio_resolve(NULL, 1, &a, 1), -EINVAL);
	CHECK_INT(cio_resolve("a", 1, &a, 0), -EINVAL);
	CHECK_INT(cio_resolve("a", 1, NULL, 1), -EINVAL);
	CHECK_INT(cio_resolve("", 1, &a, 1), -CIO_EDNS);
	CHECK(strcmp(cio_error_text(), "\"\" is no host name: it is empty") == 0);
	CHECK_INT(cio_resolve("a\x1b[2J", 1, &a, 1), -CIO_EDNS);
	CHECK(strstr(cio_error_text(), "\"a?[2J\"") != NULL);
	CHECK_INT(cio_resolve(longest, 1, &a, 1), -CIO_EDNS);
	CHECK_INT(cio_resolve("127.1", 1, &a, 1), -CIO_EDNS);
	CHECK_INT(asked, 0);
	return 0;
}

static int hosts_first(void *arg)
{
	(void)arg;
	cio_address a[8];
	put("10.0.0.1 found.test\n");
	CHECK_INT(cio__resolve_with(path, "found.test", 5, a, 8), 1);
	CHECK(strcmp(text_of(a), "10.0.0.1:5") == 0);
	CHECK_INT(asked, 0);
	put("10.0.0.22 found.test\n"); /* another size: seen at any clock */
	CHECK_INT(cio_sleep(CIO_MS(1100)), 0);
	CHECK_INT(cio__resolve_with(path, "found.test", 5, a, 8), 1);
	CHECK(strcmp(text_of(a), "10.0.0.22:5") == 0);
	put("");
	CHECK_INT(cio_sleep(CIO_MS(1100)), 0);
	CHECK_INT(cio__resolve_with(path, "found.test", 5, a, 8), 2);
	CHECK_INT(asked, 1);
	return 0;
}

static int resolve_slow(const int *unused)
{
	(void)unused;
	cio_address a;
	return cio_resolve("slow.test", 1, &a, 1);
}

/* A silent server holds threads, but nobody who has given up. */
static int slow(void *arg)
{
	(void)arg;
	int one = 1, err = 0;
	cio_address a;
	cio_task *t = cio_spawn(resolve_slow, &one);
	CHECK_INT(cio_to_thread(wait_for_inside, &one), 0);
	cio_task_cancel(t, "no more patience");
	CHECK_INT(cio_await(t), -ECANCELED);
	CHECK_INT(within, 1);
	CHECK_INT(cio_resolve("found.test", 1, &a, 1), 1); /* another thread */

	/* All four threads are held; the fifth question waits in the queue. */
	err = 0;
	CIO_GROUP(g, &err) {
		int four = 4;
		for (int i = 0; i < 4; i++)
			CHECK_INT(cio_group_spawn(&g, resolve_slow, &one), 0);
		CHECK_INT(cio_to_thread(wait_for_inside, &four), 0);
		cio_group_cancel(&g, "no more patience");
	}
	CHECK_INT(err, 0);
	CHECK_INT(within, 4);
	CHECK_INT(asked, 5); /* "found.test" was one */
	open_gate(true);
	/* In the queue this comes after the one that was withdrawn. */
	CHECK_INT(cio_resolve("found.test", 1, &a, 1), 1);
	CHECK_INT(asked, 6);
	return 0;
}

static int everything(void *arg)
{
	(void)arg;
	cio_address a[4];
	int err = cio_resolve("localhost", 1, a, 4);
	if (err > 0)
		err = cio__resolve_with(path, "h.test", 1, a, 4);
	if (err > 0)
		err = cio__resolve_with(path, "found.test", 1, a, 4);
	return err < 0 ? err : 0;
}

static void run(int (*fn)(void *))
{
	asked = 0;
	open_gate(false);
	assert_int_equal(check_run(fn, NULL), 0);
	assert_string_equal(check_reports(), "");
}

#define RUNS(test, fn) \
	static void test(void **state) \
	{ \
		(void)state; \
		run(fn); \
	}

RUNS(names_resolve, plain)
RUNS(faults_are_told, faults)
RUNS(hosts_come_first, hosts_first)
RUNS(slow_names_hold_nobody, slow)

static void disturbed(void **state)
{
	(void)state;
	put("10.0.0.1 h.test\n");
	run(everything);
	check_cancel_everywhere(everything, NULL, "resolve");
	check_fail_allocations(everything, NULL, "resolve");
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_resolve),
		cmocka_unit_test(faults_are_told),
		cmocka_unit_test(hosts_come_first),
		cmocka_unit_test(slow_names_hold_nobody),
		cmocka_unit_test(disturbed),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}

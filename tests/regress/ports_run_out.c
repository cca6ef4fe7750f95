/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * ports_run_out.c - no local port is left: how many there are, and what to do
 *
 * In a network of its own, with eight ports.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/http/canned.h"

enum { PORTS = 8, MANY = 2 * PORTS };

static const char *own_network(void)
{
	static const char range[] = "/proc/sys/net/ipv4/ip_local_port_range";
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return "no network of its own is allowed here";
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = ioctl(s, SIOCSIFFLAGS, &lo);
	close(s);
	int fd = open(range, O_WRONLY | O_CLOEXEC);
	if (err < 0 || fd < 0 || write(fd, "40000 40007", 11) != 11)
		return "its network cannot be set up";
	close(fd);
	return NULL;
}

/* Each reader keeps its connection; the listener has a port, too. */
static int exhaust(struct canned *c, cio_http_session *s)
{
	cio_http_reader *in[MANY];
	cio_http_response r[MANY] = {0};
	int n = 0, err = 0;
	while (n < MANY && err >= 0) {
		err = cio_http_reader_open(&in[n], s,
			&(cio_http_request_options){
				.url = canned_url(c, "/echo")}, &r[n]);
		n += err >= 0;
	}
	CHECK_INT(err, -EADDRNOTAVAIL);
	CHECK(n > 0 && n <= PORTS);
	CHECK_INT(r[n].error, CIO_HTTP_ERROR_CONNECT);
	CHECK(strstr(cio_error_text(), "all 8 local ports") != NULL);
	CHECK(strstr(cio_error_text(), "share one session") != NULL);
	for (int i = 0; i < n; i++) {
		char text[16];
		CHECK_INT(cio_http_reader_read(in[i], text, sizeof text), 5);
		CHECK_INT(cio_http_reader_read(in[i], text, sizeof text), 0);
		cio_http_reader_close(in[i]);
		cio_http_response_finish(&r[i]);
	}
	if (n < MANY)
		cio_http_response_finish(&r[n]);
	return n;
}

static int client(struct canned *c)
{
	cio_http_session *s = cio_http_session_open(
		&(cio_http_session_options){.limit = 100});
	int n = exhaust(c, s);
	/* those that came back serve any number */
	cio_http_response r = {0};
	for (int i = 0; i < 3 * n; i++)
		CHECK_INT(ask(s, canned_url(c, "/echo"), &r), 200);
	CHECK_INT(cio_http_session_get_figures(s).connections.opened, n);
	cio_http_response_finish(&r);
	cio_http_session_close(s);
	return 0;
}

static int run_out(void *arg)
{
	(void)arg;
	return canned_run(&(struct canned){0}, client);
}

static void it_is_said(void **state)
{
	const char *why = *state;
	if (why != NULL)
		check_skip("%s", why);
	assert_int_equal(check_run(run_out, NULL), 0);
	assert_string_equal(check_reports(), "");
}

int main(void)
{
	static const char *why;
	why = own_network(); /* while we have no other thread */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(it_is_said, (void *)(uintptr_t)why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

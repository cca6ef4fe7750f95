/* SPDX-License-Identifier: MIT */
/* drivers: epoll uring */
/*
 * end_behind_receive.c - an end that is there, and a look that does not see it
 *
 * A driver that was told in this turn that a socket is empty does not look again.
 * On epoll a receive that was tried in the middle of the turn passed for as old
 * as what the turn had told, so the end right behind its bytes was overlooked;
 * on uring a look that had to wait and met the end itself passed for such word.
 */
#include "check.h"

#include <cio.h>
#include <cio/impl.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to_us(cio_fd *out, int *peer)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 ||
		listen(fd, 8) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return -errno;
	cio_op op = {.kind = CIO_OP_SOCKET, .off = AF_INET, .len = SOCK_STREAM};
	int err = cio_perform(&op);
	*out = op.out;
	if (err >= 0)
		err = cio_perform(&(cio_op){.kind = CIO_OP_CONNECT, .fd = *out,
			.buf = &a, .len = n});
	*peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	close(fd);
	return err;
}

static int receive(cio_fd fd, int flags)
{
	char text[64];
	return cio_perform(&(cio_op){.kind = CIO_OP_RECV, .fd = fd, .buf = text,
		.len = sizeof text, .off = flags});
}

static int look(cio_fd fd)
{
	return receive(fd, MSG_PEEK | MSG_DONTWAIT);
}

/* Bytes and the end behind them, which are here when this returns. The slot is the
 * descriptor. */
static void send_last(int peer, cio_fd fd, const char *text)
{
	struct pollfd p = {.fd = (int)fd.slot, .events = POLLRDHUP};
	ssize_t n = (ssize_t)strlen(text);
	CHECK_INT(write(peer, text, (size_t)n), n);
	CHECK_INT(shutdown(peer, SHUT_WR), 0);
	CHECK_INT(poll(&p, 1, 10000), 1);
}

/* Tasks, which run when main waits. */
static int answer(const int *peer)
{
	return write(*peer, "answer", 6) == 6 ? 0 : -errno;
}

static int reset(const int *peer)
{
	struct linger at_once = {.l_onoff = 1};
	(void)setsockopt(*peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	return close(*peer);
}

/* ---- a receive at once ---- */

static int meets_both(void *arg)
{
	(void)arg;
	cio_fd fd;
	int peer, err = connect_to_us(&fd, &peer);
	if (err < 0)
		return err;
	cio_task *t = cio_spawn(answer, &peer);
	CHECK_INT(receive(fd, 0), 6);
	/* the turn that has brought this goes on */
	send_last(peer, fd, "more");
	CHECK_INT(receive(fd, MSG_DONTWAIT), 4);
	CHECK_INT(receive(fd, MSG_PEEK), 0);
	CHECK_INT(look(fd), 0);
	CHECK_INT(cio_await(t), 0);
	cio_fd_close(fd);
	return close(peer);
}

static int meets_both_at_once(void *arg)
{
	(void)arg;
	cio_fd fd;
	int peer, err = connect_to_us(&fd, &peer);
	if (err < 0)
		return err;
	/* of a connect's turn, which has told that the socket can be written to */
	send_last(peer, fd, "answer");
	CHECK_INT(receive(fd, 0), 6);
	CHECK_INT(look(fd), 0);
	cio_fd_close(fd);
	return close(peer);
}

/* ---- a look that waits ---- */

static int looks_and_waits(void *arg)
{
	(void)arg;
	cio_fd fd;
	int peer, err = connect_to_us(&fd, &peer);
	if (err < 0)
		return err;
	cio_task *t = cio_spawn(answer, &peer);
	CHECK_INT(receive(fd, 0), 6);
	CHECK_INT(cio_await(t), 0);
	t = cio_spawn(reset, &peer);
	CHECK_INT(receive(fd, MSG_PEEK), -ECONNRESET);
	CHECK_INT(look(fd), 0);
	CHECK_INT(cio_await(t), 0);
	cio_fd_close(fd);
	return 0;
}

static void an_end_behind_a_receive_is_seen(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(check_run(meets_both_at_once, NULL), 0);
	assert_int_equal(check_run(meets_both, NULL), 0);
}

static void an_end_that_a_look_has_met_stays(void **state)
{
	(void)state;
	assert_int_equal(check_run(looks_and_waits, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_behind_a_receive_is_seen),
		cmocka_unit_test(an_end_that_a_look_has_met_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

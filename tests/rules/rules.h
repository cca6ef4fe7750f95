/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what the tests of rules share
 *
 *	RULE(l_01_a_lock_handed_over_and_cancelled_is_released)
 *	{
 *		...
 *		return 0;
 *	}
 *
 * makes a test of that name whose body is the main task of a run; it passes if
 * the run returns 0 and every CHECK held. The name begins with the rule's id in
 * docs/internals/rules.md; tests/mutants/list has a change of the library that
 * makes it fail.
 */
#ifndef CIO_TESTS_RULES_H
#define CIO_TESTS_RULES_H

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cio.h>
#include <cio/impl.h>
#include <cio/sim.h>

#include "base/list.h"
#include "check.h"

#define RULE(name) \
	static int name##_body(void *arg); \
	static void name(void **state) \
	{ \
		(void)state; \
		assert_int_equal(check_run(name##_body, NULL), 0); \
	} \
	static int name##_body(__attribute__((unused)) void *arg)

/* Longer than any test may last. */
#define LONG CIO_S(3600)

static inline int sleeps(const cio_duration *d)
{
	return cio_sleep(*d);
}

static inline int returns(const int *value)
{
	return *value;
}

/* One end of a pair of sockets for the loop, the other for the test: the sim
 * driver works on such, too. */
static inline bool open_pair(cio_fd *ours, int *theirs)
{
	int fds[2];
	if (!CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0))
		return false;
	*theirs = fds[1];
	return CHECK_INT(cio_fd_adopt(fds[0], ours), 0);
}

static inline void close_handle(cio_fd fd)
{
	cio_op op = {.kind = CIO_OP_CLOSE, .fd = fd};
	CHECK_INT(cio_perform_settled(&op), 0);
}

/* How often one text stands in another. */
static inline int count(const char *text, const char *what)
{
	int n = 0;
	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * descriptors.h - run out of descriptors, and have them again, on every driver
 *
 *	struct rlimit limit;
 *	allow_one_more(&limit);
 *	...
 *	allow_all(&limit);
 *
 * Include check.h first. In tasks.
 */
#ifndef CIO_TESTS_DESCRIPTORS_H
#define CIO_TESTS_DESCRIPTORS_H

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cio/sim.h>

/* The next descriptor may be made, and then none. What held before stands in
 * `*limit`. */
static inline void allow_one_more(struct rlimit *limit)
{
	if (strcmp(check_driver(), "sim") == 0) {
		CHECK_INT(cio_sim_set_faults(
			&(cio_sim_faults){.fail_fd_after = 2}), 0);
		return;
	}
	CHECK_INT(getrlimit(RLIMIT_NOFILE, limit), 0);
	int next = dup(0);
	close(next);
	struct rlimit low = {(rlim_t)next + 1, limit->rlim_max};
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
}

static inline void allow_all(const struct rlimit *limit)
{
	if (strcmp(check_driver(), "sim") == 0)
		CHECK_INT(cio_sim_set_faults(&(cio_sim_faults){0}), 0);
	else
		CHECK_INT(setrlimit(RLIMIT_NOFILE, limit), 0);
}

#endif

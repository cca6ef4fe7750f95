/* SPDX-License-Identifier: MIT */
#ifndef CIO_EVERY_H
#define CIO_EVERY_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Every: call a function again and again, on a fixed schedule.
 *
 *	static int collect(void *cache) { ... return 0; }
 *
 *	int err = cio_every(CIO_S(30), collect, cache);
 *
 * The rounds are due at start, start + period, start + 2 periods and so on,
 * whatever a round takes: nothing drifts. Rounds do not overlap; those whose
 * time passed during another are skipped and counted. A round that fails is
 * reported, and the next one comes all the same. It goes on in the calling task
 * until a scope around it ends.
 */
typedef struct cio_every_figures {
	uint64_t rounds; /* begun */
	uint64_t missed; /* skipped, their time had passed */
	uint64_t failed; /* that returned an error */
} cio_every_figures;

typedef struct cio_every_options {
	cio_duration period;        /* more than 0 */
	const char *name;           /* in reports; NULL: the calling task's */
	cio_every_figures *figures; /* kept up to date; NULL: not wanted */
} cio_every_options;

/* Call `fn(arg)` every period, the first time at once, in the calling task.
 * Returns the refusal of the scope that ended it; -EINVAL for a bad period. */
CIO_API int cio_every(cio_duration period, int (*fn)(void *), void *arg);
CIO_API int cio_every_with(const cio_every_options *options, int (*fn)(void *),
	void *arg);

CIO_END_DECLS
#endif

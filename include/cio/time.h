/* SPDX-License-Identifier: MIT */
#ifndef CIO_TIME_H
#define CIO_TIME_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/* The loop's monotonic clock, read once a turn, and again after a task that has
 * kept the loop for milliseconds. Under `sim` it is virtual and moves only when
 * nothing else can happen. Never yields. */
CIO_API cio_time cio_now(void);

/* `d` after `t`, CIO_NEVER if that is too far. */
static inline cio_time cio_time_add(cio_time t, cio_duration d)
{
	return d > CIO_NEVER - t ? CIO_NEVER : t + d;
}

/* `d` from now, for deadlines: it looks at the clock itself, so what lasts until
 * then is never shorter than `d`, however long the turn has been. Never yields. */
CIO_API cio_time cio_time_after(cio_duration d);

/* Sleep for at least `d`. Always a scheduling point; d <= 0 is a plain yield. 0,
 * or -ECANCELED / -ETIMEDOUT if the scope ended first. */
CIO_API int cio_sleep(cio_duration d);

/* The same until a time of the loop's clock, which may have passed. */
CIO_API int cio_sleep_until(cio_time t);

/* Let the other ready tasks run once. 0, or a refusal as of `cio_sleep`. */
CIO_API int cio_yield(void);

CIO_END_DECLS
#endif

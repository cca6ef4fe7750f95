/* SPDX-License-Identifier: MIT */
/*
 * bounded_semaphore.c - a semaphore that knows how many permits there are
 *
 * Invariant: never more permits are free than there were at first.
 */
#include <cio/semaphore.h>

#include <errno.h>

void cio_bounded_semaphore_init(cio_bounded_semaphore *s, uint32_t permits)
{
	cio_semaphore_init(&s->semaphore, permits);
	s->bound = permits;
}

int cio_bounded_semaphore_finish(cio_bounded_semaphore *s)
{
	return cio_semaphore_finish(&s->semaphore);
}

int cio_bounded_semaphore_acquire(cio_bounded_semaphore *s)
{
	return cio_semaphore_acquire(&s->semaphore);
}

int cio_bounded_semaphore_try_acquire(cio_bounded_semaphore *s)
{
	return cio_semaphore_try_acquire(&s->semaphore);
}

int cio_bounded_semaphore_release(cio_bounded_semaphore *s)
{
	if (s->semaphore.permits >= s->bound)
		return cio_fail(-EINVAL,
			"all %u permits of this semaphore are free already",
			s->bound);
	cio_semaphore_release(&s->semaphore);
	return 0;
}

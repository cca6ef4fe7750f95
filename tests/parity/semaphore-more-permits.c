/* SPDX-License-Identifier: MIT */
/* a release without an acquire makes a permit; a bounded semaphore refuses it */
/* drivers: sim */
#include "parity.h"

static cio_semaphore s;

static int take(const char *const *name)
{
	int err = cio_semaphore_acquire(&s);
	if (err == 0)
		add(" %s", *name);
	return err;
}

static int scenario(void *arg)
{
	cio_bounded_semaphore b;
	cio_task *t[3];
	(void)arg;
	cio_semaphore_init(&s, 0);
	say("0 permits, locked %d", s.permits == 0);
	cio_semaphore_release(&s);
	cio_semaphore_release(&s);
	say("released twice, locked %d", s.permits == 0);
	CHECK_INT(cio_semaphore_acquire(&s), 0);
	CHECK_INT(cio_semaphore_acquire(&s), 0);
	say("acquired twice, locked %d", s.permits == 0);
	cio_bounded_semaphore_init(&b, 1);
	if (cio_bounded_semaphore_release(&b) == -EINVAL)
		say("bounded: one too many is refused");
	CHECK_INT(cio_bounded_semaphore_acquire(&b), 0);
	CHECK_INT(cio_bounded_semaphore_release(&b), 0);
	if (cio_bounded_semaphore_release(&b) == -EINVAL)
		say("bounded: refused again, locked %d",
			b.semaphore.permits == 0);
	t[0] = cio_spawn(take, &(const char *){"a"});
	t[1] = cio_spawn(take, &(const char *){"b"});
	t[2] = cio_spawn(take, &(const char *){"c"});
	add("two permits for three:");
	(void)cio_sleep(T);
	cio_semaphore_release(&s);
	cio_semaphore_release(&s);
	(void)cio_sleep(T);
	add("\n");
	cio_task_cancel(t[2], "no need");
	(void)cio_sleep(T);
	cio_semaphore_release(&s);
	CHECK_INT(cio_semaphore_try_acquire(&s), 0);
	say("the cancelled one takes none");
	for (int i = 0; i < 3; i++)
		(void)cio_await(t[i]);
	return 0;
}

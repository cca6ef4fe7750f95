/* SPDX-License-Identifier: MIT */
/* limits.c - how many at once: a semaphore, a limit that moves, readers and a writer */
#include <cio.h>

#include <stdio.h>

struct shared {
	cio_semaphore slots;
	cio_limiter uploads;
	cio_rwlock table;
	int now, most, reads, version;
};

static int take_slot(struct shared *s)
{
	int err = cio_semaphore_acquire(&s->slots);
	if (err < 0)
		return err;
	if (++s->now > s->most)
		s->most = s->now;
	err = cio_sleep(CIO_MS(1));
	s->now--;
	cio_semaphore_release(&s->slots); /* works in a cancelled task, too */
	return err;
}

static int upload(struct shared *s)
{
	int err = cio_limiter_acquire(&s->uploads);
	if (err < 0)
		return err;
	err = cio_sleep(CIO_MS(1));
	(void)cio_limiter_release(&s->uploads);
	return err;
}

static int read_table(struct shared *s)
{
	int err = cio_rwlock_acquire_read(&s->table);
	if (err < 0)
		return err;
	s->reads += s->version >= 0;
	err = cio_yield();
	(void)cio_rwlock_release_read(&s->table);
	return err;
}

static int change_table(struct shared *s)
{
	int err = cio_rwlock_acquire_write(&s->table);
	if (err < 0)
		return err;
	s->version = -1; /* nobody sees this */
	err = cio_yield();
	s->version = 2;
	(void)cio_rwlock_release_write(&s->table);
	return err;
}

static int work(struct shared *const *shared)
{
	int err = take_slot(*shared);
	if (err == 0)
		err = upload(*shared);
	if (err == 0)
		err = read_table(*shared);
	return err;
}

static int app(void *arg)
{
	struct shared *s = arg;
	int err = 0;
	cio_semaphore_init(&s->slots, 3);
	cio_limiter_init(&s->uploads, 1);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 10 && err == 0; i++)
			err = cio_group_spawn(&g, work, &s);
		if (err == 0)
			err = change_table(s);
		cio_limiter_set_total(&s->uploads, 10); /* more from now on */
	}
	printf("%d at once, %d reads, version %d\n", s->most, s->reads,
		s->version);
	return err == 0 && s->most == 3 && s->reads == 10 ? 0 : -1;
}

int main(void)
{
	struct shared s = {0};
	return cio_run(app, &s) < 0;
}

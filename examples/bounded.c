/* SPDX-License-Identifier: MIT */
/* bounded.c - permits that cannot become more: one release too many is refused */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

static cio_bounded_semaphore seats;
static int sitting, most;

static int sit(const int *unused)
{
	(void)unused;
	int err = cio_bounded_semaphore_acquire(&seats);
	if (err < 0)
		return err;
	if (++sitting > most)
		most = sitting;
	err = cio_sleep(CIO_MS(1));
	sitting--;
	int end = cio_bounded_semaphore_release(&seats);
	return err < 0 ? err : end;
}

static int app(void *arg)
{
	int err = 0;
	(void)arg;
	cio_bounded_semaphore_init(&seats, 2);
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 6 && err == 0; i++)
			err = cio_group_spawn(&g, sit, &i);
	}
	int again = cio_bounded_semaphore_release(&seats);
	printf("%d at once; once more: %s\n", most, cio_strerror(again));
	return err == 0 && most == 2 && again == -EINVAL ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

/* SPDX-License-Identifier: MIT */
/* two conditions on one lock: a bounded buffer */
/* drivers: sim */
#include "parity.h"

static cio_lock lock;
static cio_condition room, filled;
static int buffer[2], size;

static int producer(const int *unused)
{
	int err = 0;
	(void)unused;
	for (int n = 0; n < 4 && err == 0; n++)
		CIO_LOCKED (&lock, &err) {
			while (err == 0 && size == 2)
				err = cio_condition_wait(&room, &lock);
			if (err < 0)
				break;
			buffer[size++] = n;
			say("put %d of %d", n, size);
			cio_condition_notify(&filled, 1);
		}
	return err;
}

static int consumer(const int *unused)
{
	int err = 0;
	(void)unused;
	for (int n = 0; n < 4 && err == 0; n++) {
		err = cio_sleep(T);
		if (err < 0)
			break;
		CIO_LOCKED (&lock, &err) {
			while (err == 0 && size == 0)
				err = cio_condition_wait(&filled, &lock);
			if (err < 0)
				break;
			say("got %d", buffer[0]);
			buffer[0] = buffer[1];
			size--;
			cio_condition_notify(&room, 1);
		}
	}
	return err;
}

static int scenario(void *arg)
{
	(void)arg;
	CHECK_INT(cio_gather(CIO_TASKS(cio_spawn(producer, NOTHING),
			  cio_spawn(consumer, NOTHING))),
		0);
	say("left %d locked %d", size, lock.owner != NULL);
	return 0;
}

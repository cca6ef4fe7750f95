/* SPDX-License-Identifier: MIT */
/* broadcast.c - news for all who listen, and a setting of which all want the newest */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

struct listener {
	cio_broadcast *news;
	cio_watch *volume;
	int *heard, *loudest;
};

static int listen_in(const struct listener *l)
{
	cio_subscriber me;
	int item;
	cio_subscribe(&me, l->news);
	int64_t missed;
	while ((missed = cio_subscriber_receive(&me, &item)) >= 0)
		*l->heard += item;
	return missed == -ESHUTDOWN ? 0 : (int)missed;
}

static int follow(const struct listener *l)
{
	uint64_t seen = 0;
	int err, now;
	while ((err = cio_watch_next(l->volume, &seen, &now)) == 0)
		*l->loudest = now > *l->loudest ? now : *l->loudest;
	return err == -ESHUTDOWN ? 0 : err;
}

static int send_all(cio_broadcast *news, cio_watch *volume)
{
	int err = cio_yield(); /* they subscribe */
	for (int i = 1; i <= 10 && err == 0; i++) {
		err = cio_broadcast_send(news, &i);
		if (err == 0)
			err = cio_watch_set(volume, &i);
		if (err == 0)
			err = cio_yield();
	}
	cio_broadcast_close(news);
	cio_watch_close(volume);
	return err;
}

static int app(void *arg)
{
	(void)arg;
	cio_broadcast news;
	cio_watch volume;
	int value = 0, heard = 0, loudest = 0;
	int err = cio_broadcast_init(&news, sizeof(int), 4);
	if (err < 0)
		return err;
	cio_watch_init(&volume, &value, sizeof value);
	struct listener l = {&news, &volume, &heard, &loudest};
	CIO_GROUP (g, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&g, listen_in, &l);
		if (err == 0)
			err = cio_group_spawn(&g, follow, &l);
		if (err == 0)
			err = send_all(&news, &volume);
	}
	cio_broadcast_finish(&news);
	printf("three heard %d in all; the loudest was %d\n", heard, loudest);
	return err == 0 && heard == 3 * 55 && loudest == 10 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

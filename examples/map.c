/* SPDX-License-Identifier: MIT */
/* map.c - one function over many items, ten at a time */
#include <cio.h>

#include <stdio.h>

struct page {
	int number, length;
};

static int now, most;

/* Takes its time, as a fetch over the network does. */
static int fetch(struct page *p)
{
	if (++now > most)
		most = now;
	int err = cio_sleep(CIO_MS(1 + p->number % 3));
	now--;
	p->length = 100 + p->number;
	return err;
}

static int app(void *arg)
{
	(void)arg;
	struct page pages[100];
	for (int i = 0; i < 100; i++)
		pages[i] = (struct page){.number = i};

	int err = cio_map(fetch, pages, 100, .limit = 10);
	if (err < 0)
		return err;
	int total = 0;
	for (int i = 0; i < 100; i++)
		total += pages[i].length;
	printf("fetched %d bytes, %d pages at once\n", total, most);
	return total == 14950 && most == 10 ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

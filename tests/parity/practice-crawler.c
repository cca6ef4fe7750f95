/* SPDX-License-Identifier: MIT */
/* a crawler with a queue and workers */
/* drivers: sim */
#include "parity.h"

static const struct page {
	const char *url, *links[4];
} site[] = {
	{"/", {"/a", "/b", "/missing"}},
	{"/a", {"/b", "/c"}},
	{"/b", {"/", "/c", "/d"}},
	{"/c", {0}},
	{"/d", {"/e"}},
	{"/e", {"/a"}},
};

struct visit {
	const char *url;
	int depth;
};

static cio_queue q;
static struct visit visits[16];
static size_t n_visits; /* taken out of the queue, or waiting in it */
static const char *missing;

static int fetch(const char *url, const struct page **out)
{
	int err = cio_sleep(T);
	if (err < 0)
		return err;
	for (size_t i = 0; i < sizeof site / sizeof *site; i++)
		if (strcmp(site[i].url, url) == 0) {
			*out = &site[i];
			return 0;
		}
	return -ENOENT;
}

static void visit(const char *url, int depth)
{
	for (size_t i = 0; i < n_visits; i++)
		if (strcmp(visits[i].url, url) == 0)
			return;
	visits[n_visits++] = (struct visit){url, depth};
	CHECK_INT(cio_queue_try_put(&q, &visits[n_visits - 1]), 0);
}

static int worker(const int *unused)
{
	struct visit v;
	int err;
	(void)unused;
	while ((err = cio_queue_get(&q, &v)) == 0) {
		const struct page *page;
		if (fetch(v.url, &page) < 0)
			missing = v.url;
		else
			for (int i = 0; page->links[i] != NULL; i++)
				visit(page->links[i], v.depth + 1);
		cio_queue_task_done(&q);
	}
	return err;
}

static int by_url(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;
	return strcmp(x->url, y->url);
}

static int scenario(void *arg)
{
	int err = 0;
	(void)arg;
	cio_queue_init(&q, sizeof(struct visit), 0);
	visit("/", 0);
	CIO_GROUP (workers, &err) {
		for (int i = 0; i < 3 && err == 0; i++)
			err = cio_group_spawn(&workers, worker, NOTHING);
		CIO_TIMEOUT (LONG, &err)
			err = cio_queue_join(&q);
		cio_group_cancel(&workers, "all pages are done");
	}
	qsort(visits, n_visits, sizeof *visits, by_url);
	for (int depth = 0; depth < 4; depth++) {
		add("depth %d", depth);
		for (size_t i = 0; i < n_visits; i++)
			if (visits[i].depth == depth)
				add(" %s", visits[i].url);
		say("%s", "");
	}
	bool once = true;
	for (size_t i = 1; i < n_visits; i++)
		once = once && strcmp(visits[i - 1].url, visits[i].url) != 0;
	say("visited %zu | each once %d | errors %s", n_visits, once, missing);
	CHECK_INT(cio_queue_finish(&q), 0);
	return err;
}

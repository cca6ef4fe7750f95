/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_map.c - cio_map with and without options */
#include <cio/map.h>

struct page {
	const char *url;
	int status;
};

int all(struct page *pages, size_t n);

static int fetch(struct page *p)
{
	p->status = 200;
	return 0;
}

int all(struct page *pages, size_t n)
{
	struct page fixed[2] = {{"a", 0}, {"b", 0}};
	int results[2];
	int err = cio_map(fetch, pages, n);
	if (err == 0)
		err = cio_map(fetch, pages + 1, n - 1, .limit = 50);
	if (err == 0)
		err = cio_map(&fetch, fixed, 2, .limit = 1,
			.errors = CIO_COLLECT, .results = results, .name = "fetch");
	return err;
}

/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: an item function must be int fn\(T \*\) */
/* fail_map_type.c - an item function of another type than the items */
#include <cio/map.h>

struct page {
	int status;
};
struct other {
	int status;
};

int all(void);

static int fetch(struct page *p)
{
	return p->status;
}

int all(void)
{
#ifdef BROKEN
	struct other items[2] = {{1}, {2}};
#else
	struct page items[2] = {{1}, {2}};
#endif
	return cio_map(fetch, items, 2);
}

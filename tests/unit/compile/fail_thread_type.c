/* SPDX-License-Identifier: MIT */
/* also C++ */
/* refused: an item function must be int fn\(T \*\) */
/* fail_thread_type.c - a function for a thread that takes another type */
#include <cio/thread.h>

struct page {
	int status;
};
struct other {
	int status;
};

int one(void);

static int fetch(struct page *p)
{
	return p->status;
}

int one(void)
{
#ifdef BROKEN
	struct other item = {1};
#else
	struct page item = {1};
#endif
	return cio_to_thread_with(NULL, fetch, &item);
}

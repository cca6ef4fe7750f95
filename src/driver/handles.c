/* SPDX-License-Identifier: MIT */
/*
 * handles.c - descriptors with generations, and the cache of pooled buffers
 *
 * The kernel gives out the lowest free number, so the number itself makes a
 * dense index and finding a handle is one load and two comparisons.
 */
#include "driver/kernel.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* How many pooled buffers are kept: 1 MiB. */
#define SPARE_BUFFERS 64

static int grow(struct handles *t, size_t slot)
{
	size_t room = t->room > 0 ? t->room : 64;
	while (room <= slot)
		room *= 2;
	struct handle *items = cio__realloc(t->items, room * sizeof *items);
	if (items == NULL)
		return -ENOMEM;
	memset(items + t->room, 0, (room - t->room) * sizeof *items);
	for (size_t i = t->room; i < room; i++)
		items[i].fd = -1;
	t->items = items;
	t->room = room;
	return 0;
}

int cio__handles_add(struct handles *t, int fd, unsigned flags, cio_fd *out)
{
	assert(fd >= 0);
	size_t slot = (size_t)fd;
	if (slot >= t->room) {
		int err = grow(t, slot);
		if (err < 0)
			return err;
	}
	struct handle *h = &t->items[slot];
	if (h->fd >= 0)
		return -EEXIST;
	if (h->generation == 0)
		h->generation = 1;
	h->fd = fd;
	h->flags = flags | HANDLE_OPEN;
	h->told = 0;
	h->feed = (struct feed){0};
	t->open++;
	*out = (cio_fd){.slot = (uint32_t)slot, .generation = h->generation};
	return 0;
}

struct handle *cio__handles_get(const struct handles *t, cio_fd fd)
{
	if (fd.slot >= t->room)
		return NULL;
	struct handle *h = &t->items[fd.slot];
	if (h->generation != fd.generation || !(h->flags & HANDLE_OPEN))
		return NULL;
	return h;
}

void cio__handles_retire(struct handle *h)
{
	assert(h->flags & HANDLE_OPEN);
	h->flags &= ~(unsigned)HANDLE_OPEN;
	if (++h->generation == 0)
		h->generation = 1;
}

int cio__handles_drop(struct handles *t, struct handle *h)
{
	assert(h->fd >= 0 && !(h->flags & HANDLE_OPEN));
	assert(h->feed.state == FEED_NONE && h->feed.unread == 0);
	for (int lane = 0; lane < LANES; lane++)
		assert(h->lanes[lane] == NULL);
	int err = close(h->fd) < 0 ? -errno : 0;
	h->fd = -1;
	h->flags = 0;
	t->open--;
	/* Linux has closed it even then. */
	return err == -EINTR ? 0 : err;
}

void cio__handles_finish(struct handles *t)
{
	for (size_t i = 0; i < t->room; i++)
		if (t->items[i].fd >= 0)
			close(t->items[i].fd);
	cio__free(t->items);
	*t = (struct handles){0};
}

void *cio__buffers_take(struct buffers *b)
{
	void *buf = b->spare;
	if (buf == NULL)
		return cio__alloc(CIO_POOLED_SIZE);
	memcpy(&b->spare, buf, sizeof b->spare);
	b->count--;
	return buf;
}

void cio__buffers_give(struct buffers *b, void *buf)
{
	if (b->count >= SPARE_BUFFERS) {
		cio__free(buf);
		return;
	}
	memcpy(buf, &b->spare, sizeof b->spare);
	b->spare = buf;
	b->count++;
}

void cio__buffers_finish(struct buffers *b)
{
	while (b->count > 0)
		cio__free(cio__buffers_take(b));
	b->spare = NULL;
}

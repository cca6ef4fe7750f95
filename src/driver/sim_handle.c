/* SPDX-License-Identifier: MIT */
/*
 * sim_handle.c - the table behind cio_fd
 *
 * A slot has one handle at a time. Its generation moves when the handle is
 * retired, and the slot is given to another only when the handle is freed: in
 * between its last operations end, which nobody else may be taken for.
 */
#include "driver/sim.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

struct sim_handle *cio__sim_handle_find(struct sim *s, cio_fd fd)
{
	if (fd.slot >= s->slot_count || fd.generation == 0)
		return NULL;
	struct slot *slot = &s->slots[fd.slot];
	return slot->generation == fd.generation ? slot->handle : NULL;
}

static int grow_slots(struct sim *s)
{
	uint32_t count = s->slot_count == 0 ? 16 : s->slot_count * 2;
	struct slot *slots = cio__realloc(s->slots, count * sizeof *slots);
	if (slots == NULL)
		return -ENOMEM;
	for (uint32_t i = s->slot_count; i < count; i++)
		slots[i] = (struct slot){.generation = 1, .next_free = i + 1};
	s->slots = slots;
	s->slot_count = count;
	return 0;
}

int cio__sim_reserve(struct sim *s)
{
	size_t need = s->pending + s->live + 1;
	if (need <= s->run_capacity)
		return 0;
	size_t capacity = need * 2;
	cio_op **run = cio__realloc(s->run, capacity * sizeof(cio_op *));
	if (run == NULL)
		return -ENOMEM;
	s->run = run;
	s->run_capacity = capacity;
	return 0;
}

int cio__sim_handle_new(struct sim *s, int fd, struct sock *sock, cio_fd *out)
{
	if (s->free_slot == s->slot_count && grow_slots(s) < 0)
		return -ENOMEM;
	if (cio__sim_reserve(s) < 0)
		return -ENOMEM;
	struct sim_handle *h = cio__zalloc(sizeof *h);
	if (h == NULL)
		return -ENOMEM;

	struct slot *slot = &s->slots[s->free_slot];
	h->slot = s->free_slot;
	h->fd = fd;
	h->sock = sock;
	if (sock != NULL)
		sock->handle = h;
	s->free_slot = slot->next_free;
	slot->handle = h;
	*out = (cio_fd){h->slot, slot->generation};
	s->live++;
	s->held++;
	return 0;
}

void cio__sim_handle_retire(struct sim *s, struct sim_handle *h)
{
	struct slot *slot = &s->slots[h->slot];
	if (++slot->generation == 0)
		slot->generation = 1;
	s->live--;
}

void cio__sim_handle_free(struct sim *s, struct sim_handle *h)
{
	assert(h->ops == NULL);
	if (h->sock != NULL)
		cio__sim_socket_close(s, h->sock);
	if (h->fd >= 0) {
		list_remove(&h->adopted);
		s->adopted_count--;
		close(h->fd);
	}
	struct slot *slot = &s->slots[h->slot];
	slot->handle = NULL;
	slot->next_free = s->free_slot;
	s->free_slot = h->slot;
	s->held--;
	cio__free(h);
}

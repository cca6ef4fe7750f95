/* SPDX-License-Identifier: MIT */
/*
 * list.h - intrusive circular lists of cio_link
 *
 * Invariant: a link that is in no list is all zero, one that is in a list has
 * both ends set. An empty head is zero or points to itself, so that zeroed
 * memory is an empty list. No call here allocates or can fail.
 */
#ifndef CIO_BASE_LIST_H
#define CIO_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <cio/base.h>

#ifndef container_of
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

static inline void list_init(cio_link *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const cio_link *head)
{
	return head->next == NULL || head->next == head;
}

/* Is this link (not a head) in a list? */
static inline bool list_in(const cio_link *link)
{
	return link->next != NULL;
}

/* Join the tail. The link must be in no list. */
static inline void list_push(cio_link *head, cio_link *link)
{
	if (head->next == NULL)
		list_init(head);
	link->next = head;
	link->prev = head->prev;
	head->prev->next = link;
	head->prev = link;
}

/* Leave the list, whichever it is; nothing happens if it is in none. */
static inline void list_remove(cio_link *link)
{
	if (link->next == NULL)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = NULL;
	link->prev = NULL;
}

/* The oldest link, still in the list; NULL if the list is empty. */
static inline cio_link *list_first(const cio_link *head)
{
	return list_empty(head) ? NULL : head->next;
}

/* The oldest link, taken out; NULL if the list is empty. */
static inline cio_link *list_pop(cio_link *head)
{
	cio_link *link = list_first(head);
	if (link != NULL)
		list_remove(link);
	return link;
}

#endif

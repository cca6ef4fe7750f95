/* SPDX-License-Identifier: MIT */
/*
 * channel.c - items between loops
 *
 * Invariants, under the lock: who waits to receive finds it empty, who waits to
 * send finds it full; after the close nobody waits. A waiter lies on its task's
 * stack and is in one of three states:
 *
 *      WAITING --> SERVED     by who sends, receives or closes: it is out of the
 *         |                   line, has its result, and will be woken, once
 *         +------> LEFT       by the cancel of its task, in its own loop
 *
 * The lock arbitrates, the first step counts. A served waiter stays where it is
 * until its wake has come: the wake is its own message in its loop's inbox, so
 * the waiter, and by it the loop, outlive everything that serves it, and no
 * reference to the loop is needed. Only the served one's own thread, or who
 * served it, touches it then.
 */
#include <cio/channel.h>

#include <cio/impl.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "base/mem.h"

enum state { WAITING, SERVED, LEFT };

struct waiting {
	cio_link link; /* in the line, or in that of who wakes it */
	cio_channel *channel;
	cio_loop *loop;
	enum state state; /* under the lock */
	int result;
	void *into;       /* the receiver's memory */
	const void *from; /* the sender's item */
	cio_message message;
	cio_waiter waiter;
};

struct cio_channel {
	_Atomic uint32_t shares;
	size_t item_size, capacity;

	/* under the lock */
	pthread_mutex_t lock;
	bool closed;
	size_t size, first; /* items in it, and where the oldest is */
	cio_link senders, receivers;
	char items[];
};

/* ---- life ---- */

int cio_channel_open(cio_channel **out, size_t item_size, size_t capacity)
{
	if (item_size == 0 || capacity == 0 ||
		capacity > (PTRDIFF_MAX - sizeof(cio_channel)) / item_size)
		return cio_fail(-EINVAL,
			"a channel for %zu items of %zu bytes cannot be",
			capacity, item_size);
	cio_channel *ch = cio__alloc(sizeof *ch + item_size * capacity);
	if (ch == NULL)
		return -ENOMEM;
	*ch = (cio_channel){.item_size = item_size, .capacity = capacity};
	atomic_init(&ch->shares, 1);
	(void)pthread_mutex_init(&ch->lock, NULL);
	*out = ch;
	return 0;
}

cio_channel *cio_channel_dup(cio_channel *ch)
{
	atomic_fetch_add(&ch->shares, 1);
	return ch;
}

void cio_channel_put(cio_channel *ch)
{
	if (ch == NULL || atomic_fetch_sub(&ch->shares, 1) > 1)
		return;
	if (!list_empty(&ch->senders) || !list_empty(&ch->receivers))
		cio__misuse("puts the last share of a channel in which a task waits");
	(void)pthread_mutex_destroy(&ch->lock);
	cio__free(ch);
}

/* ---- items; the lock is held ---- */

static char *slot(cio_channel *ch, size_t n)
{
	return ch->items + (ch->first + n) % ch->capacity * ch->item_size;
}

static void push(cio_channel *ch, const void *item)
{
	memcpy(slot(ch, ch->size), item, ch->item_size);
	ch->size++;
}

static void pop(cio_channel *ch, void *item)
{
	memcpy(item, slot(ch, 0), ch->item_size);
	ch->first = (ch->first + 1) % ch->capacity;
	ch->size--;
}

/* The oldest of a line, served; NULL if nobody waits. */
static struct waiting *serve(cio_link *line, int result)
{
	cio_link *link = list_pop(line);
	if (link == NULL)
		return NULL;
	struct waiting *w = container_of(link, struct waiting, link);
	w->state = SERVED;
	w->result = result;
	return w;
}

/* Send if nobody has to wait for it; *served is to be woken, if not NULL. */
static int send_now(cio_channel *ch, const void *item, struct waiting **served)
{
	if (ch->closed)
		return -ESHUTDOWN;
	*served = serve(&ch->receivers, 0);
	if (*served != NULL)
		memcpy((*served)->into, item, ch->item_size);
	else if (ch->size < ch->capacity)
		push(ch, item);
	else
		return -EAGAIN;
	return 0;
}

static int receive_now(cio_channel *ch, void *item, struct waiting **served)
{
	if (ch->size == 0)
		return ch->closed ? -ESHUTDOWN : -EAGAIN;
	pop(ch, item);
	*served = serve(&ch->senders, 0);
	if (*served != NULL)
		push(ch, (*served)->from);
	return 0;
}

/* ---- waking and waiting ---- */

static void deliver(cio_message *m)
{
	cio_unpark(&container_of(m, struct waiting, message)->waiter);
}

/* The lock is not held. It may be gone afterwards. */
static void wake(struct waiting *w)
{
	if (w == NULL)
		return;
	if (w->loop == cio_current_loop())
		cio_unpark(&w->waiter);
	else
		cio_loop_post(w->loop, &w->message);
}

static void leave_line(void *arg)
{
	struct waiting *w = arg;
	pthread_mutex_lock(&w->channel->lock);
	bool first = w->state == WAITING;
	if (first) {
		list_remove(&w->link);
		w->state = LEFT;
	}
	pthread_mutex_unlock(&w->channel->lock);
	if (first) /* else the wake is on its way */
		cio_unpark(&w->waiter);
}

static void join_line(struct waiting *w, cio_channel *ch, cio_link *line)
{
	w->channel = ch;
	w->loop = cio_current_loop();
	w->message.deliver = deliver;
	list_push(line, &w->link);
}

static int wait_in_line(struct waiting *w, const char *what)
{
	cio_loop_expect();
	cio_settle(&w->waiter, NULL, what, leave_line, w);
	cio_loop_expect_end();
	return w->state == SERVED ? w->result : cio_refused();
}

/* ---- send and receive ---- */

int cio_channel_try_send(cio_channel *ch, const void *item)
{
	struct waiting *served = NULL;
	pthread_mutex_lock(&ch->lock);
	int err = send_now(ch, item, &served);
	pthread_mutex_unlock(&ch->lock);
	wake(served);
	return err;
}

int cio_channel_try_receive(cio_channel *ch, void *item)
{
	struct waiting *served = NULL;
	pthread_mutex_lock(&ch->lock);
	int err = receive_now(ch, item, &served);
	pthread_mutex_unlock(&ch->lock);
	wake(served);
	return err;
}

int cio_channel_send(cio_channel *ch, const void *item)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	struct waiting self = {.from = item}, *served = NULL;
	pthread_mutex_lock(&ch->lock);
	err = send_now(ch, item, &served);
	if (err == -EAGAIN)
		join_line(&self, ch, &ch->senders);
	pthread_mutex_unlock(&ch->lock);
	wake(served);
	return err == -EAGAIN ? wait_in_line(&self, "room in a channel") : err;
}

int cio_channel_receive(cio_channel *ch, void *item)
{
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	struct waiting self = {.into = item}, *served = NULL;
	pthread_mutex_lock(&ch->lock);
	err = receive_now(ch, item, &served);
	if (err == -EAGAIN)
		join_line(&self, ch, &ch->receivers);
	pthread_mutex_unlock(&ch->lock);
	wake(served);
	return err == -EAGAIN ? wait_in_line(&self, "an item of a channel") : err;
}

void cio_channel_close(cio_channel *ch)
{
	cio_link woken = {0}, *link;
	struct waiting *w;
	pthread_mutex_lock(&ch->lock);
	ch->closed = true;
	while ((w = serve(&ch->receivers, -ESHUTDOWN)) != NULL)
		list_push(&woken, &w->link);
	while ((w = serve(&ch->senders, -ESHUTDOWN)) != NULL)
		list_push(&woken, &w->link);
	pthread_mutex_unlock(&ch->lock);
	while ((link = list_pop(&woken)) != NULL)
		wake(container_of(link, struct waiting, link));
}

size_t cio_channel_size(cio_channel *ch)
{
	pthread_mutex_lock(&ch->lock);
	size_t n = ch->size;
	pthread_mutex_unlock(&ch->lock);
	return n;
}

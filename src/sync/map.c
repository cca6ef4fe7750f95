/* SPDX-License-Identifier: MIT */
/*
 * map.c - one function over many items
 *
 * A group with a limit, and a child for each item; each child gets the item's
 * address and where its result goes. Spawning waits for a place, so there are
 * never more records than places. Once a child has failed, the group's scope is
 * cancelled and the spawning refused: that is what ends the loop.
 */
#include <cio/map.h>

#include <cio/impl.h>

#include <errno.h>

struct item {
	int (*fn)(void *);
	void *item;
	int *result; /* NULL: nobody wants it */
};

static int run_item(const struct item *i)
{
	int result = i->fn(i->item);
	if (i->result != NULL)
		*i->result = result;
	return result;
}

static int spawn_all(cio_group *g, int (*fn)(void *), char *items, size_t size,
	const char *name, const char *site, const cio_map_options *o)
{
	int err = 0;
	for (size_t i = 0; i < o->n && err == 0; i++) {
		struct item it = {fn, items + i * size,
			o->results != NULL ? &o->results[i] : NULL};
		err = cio__group_spawn(g, 1, NULL, (int (*)(void *))run_item, &it,
			sizeof it, name, site);
	}
	return err;
}

int cio__map(int (*fn)(void *), void *items, size_t size, const char *name,
	const char *site, const cio_map_options *o)
{
	if (cio_current_task() == NULL)
		return cio_checkpoint(); /* it says why not */
	if (o->results != NULL)
		for (size_t i = 0; i < o->n; i++)
			o->results[i] = -ECANCELED;

	cio_group g;
	cio_group_open(&g,
		&(cio_group_options){.limit = o->limit, .errors = o->errors});
	int err = spawn_all(&g, fn, items, size,
		o->name != NULL ? o->name : name, site, o);
	if (err < 0 && o->errors == CIO_FAIL_FAST)
		cio__group_cancel(site, &g, "not all of the items could be started");
	return cio_group_close(&g, err);
}

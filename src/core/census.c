/* SPDX-License-Identifier: MIT */
/*
 * census.c - how much of their stacks the tasks of a run have used
 *
 * Only for a run that asked: at the end of each task's function the kernel is
 * asked which pages of the stack are there, and all but the top is given back,
 * so that the next task on it is seen by itself. A line for each name of a
 * function; names are compared by text, since one function may be spawned from
 * several files.
 */
#include "core/core.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

struct census {
	cio_stack_use *lines;
	size_t n, room;
	uint64_t lost; /* tasks for whose line there was no memory */
};

int census_open(cio_loop *l)
{
	const char *asked = getenv("CIO_STACKS");
	if (!l->options.stack_census && (asked == NULL || *asked != '1'))
		return 0;
	l->census = cio__zalloc(sizeof *l->census);
	return l->census != NULL ? 0 : -ENOMEM;
}

static cio_stack_use *line_of(struct census *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->lines[i].name == name ||
			strcmp(c->lines[i].name, name) == 0)
			return &c->lines[i];
	if (c->n == c->room) {
		size_t room = c->room > 0 ? 2 * c->room : 16;
		cio_stack_use *lines =
			cio__realloc(c->lines, room * sizeof *lines);
		if (lines == NULL)
			return NULL;
		c->lines = lines;
		c->room = room;
	}
	c->lines[c->n] = (cio_stack_use){.name = name};
	return &c->lines[c->n++];
}

/* Its own frames must not count: they lie in the page that stays. */
__attribute__((noinline)) void census_note(cio_loop *l, const cio_task *t)
{
	size_t used = stack_touched(t->stack);
	cio_stack_use *line = line_of(l->census, t->name);
	if (line == NULL) {
		l->census->lost++;
	} else {
		line->tasks++;
		line->size = stack_usable(t->stack);
		if (used > line->used)
			line->used = used;
	}
	stack_wipe(t->stack, __builtin_frame_address(0));
}

size_t cio_run_get_stacks(cio_stack_use *out, size_t room)
{
	const struct census *c = cio__loop != NULL ? cio__loop->census : NULL;
	if (c == NULL)
		return 0;
	for (size_t i = 0; i < c->n && i < room; i++)
		out[i] = c->lines[i];
	return c->n;
}

void census_close(cio_loop *l)
{
	struct census *c = l->census;
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		cio_report(CIO_LEVEL_WARNING,
			"stacks: %s used at most %zu of %zu KiB (tasks: %llu)",
			c->lines[i].name, c->lines[i].used / 1024,
			c->lines[i].size / 1024,
			(unsigned long long)c->lines[i].tasks);
	if (c->lost > 0)
		cio_report(CIO_LEVEL_WARNING,
			"stacks: no memory to count %llu tasks",
			(unsigned long long)c->lost);
	cio__free(c->lines);
	cio__free(c);
	l->census = NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * handle.c - what is open, and who opened it
 *
 * A list of records that lie in what was opened, oldest first. It is looked at
 * once, when the run ends: whatever is still in it was forgotten by its owner,
 * is named, and closed from the youngest to the oldest, since what was opened
 * later may stand on what was there before.
 *
 * The task's name is copied: the task may have ended long before its handle.
 */
#include "core/core.h"

#include <stdio.h>

void cio_handle_note(cio_handle *h, const cio_handle_kind *kind,
	const char *site)
{
	const cio_task *t = cio_current_task();
	if (cio__loop == NULL)
		return;
	h->kind = kind;
	h->site = site;
	h->loop = cio__loop->number;
	size_t n = t != NULL ? strnlen(t->name, sizeof h->task - 1) : 0;
	memcpy(h->task, t != NULL ? t->name : "", n);
	h->task[n] = '\0';
	if (site != NULL)
		list_push(&cio__loop->handles, &h->link);
}

void cio_handle_forget(cio_handle *h)
{
	if (list_in(&h->link))
		cio__handle_insist(h, "a close");
	list_remove(&h->link);
}

const char *cio__handle_text(const cio_handle *h, char *text)
{
	const char *site = h->site != NULL ? h->site : "";
	bool by_task = h->task[0] != '\0';
	(void)snprintf(text, CIO_HANDLE_TEXT, "the %s%s%s%s%s%s",
		h->kind != NULL ? h->kind->name : "handle",
		site[0] != '\0' ? " opened at " : by_task ? " opened" : "", site,
		by_task ? " by task '" : "", h->task, by_task ? "'" : "");
	return text;
}

static void name(cio_handle *h)
{
	char about[CIO_HANDLE_TEXT] = "";
	if (h->kind->describe != NULL)
		h->kind->describe(h, about);
	bool by_task = h->task[0] != '\0';
	cio_report(CIO_LEVEL_WARNING,
		"%s%s%s still open, opened at %s%s%s%s", h->kind->name,
		about[0] != '\0' ? " " : "", about, h->site,
		by_task ? " by task '" : "", h->task, by_task ? "'" : "");
}

void handles_end(cio_loop *l, bool close)
{
	cio_scope s;
	cio_shield_begin(&s, CIO_NEVER);
	while (!list_empty(&l->handles)) {
		cio_handle *h = container_of(l->handles.prev, cio_handle, link);
		list_remove(&h->link); /* so its close has nothing to forget */
		name(h);
		if (close && h->kind->close != NULL)
			h->kind->close(h);
	}
	(void)cio_scope_end(&s, 0);
}

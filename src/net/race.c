/* SPDX-License-Identifier: MIT */
/*
 * race.c - several addresses of one name (RFC 8305, "happy eyeballs")
 *
 * The next address is tried when one has failed, or has not answered for a
 * while; the first connection is taken and the other attempts are cancelled. So
 * an address that leads nowhere costs a quarter of a second, not a timeout.
 */
#include <errno.h>
#include <stdio.h>

#include <cio/event.h>
#include <cio/group.h>
#include <cio/time.h>

#include "net/net.h"

#define DELAY CIO_MS(250)

struct race {
	const char *site;
	const cio_address *to, *from;
	const cio_tcp_options *o;
	cio_stream *won;
	int tried, ended, err;
	char text[256]; /* of err */
	bool final;     /* no other address can cure it */
	bool over;      /* somebody has won, or nobody wants it any more */
	cio_event news;
};

struct runner {
	struct race *race;
	int i;
};

/* ---- one address ---- */

static int connect_if_allowed(const struct race *r, int i, cio_stream **out)
{
	int err = r->o->allow != NULL ? r->o->allow(r->o->arg, &r->to[i]) : 0;
	return err < 0 ? err :
			 cio__net_connect(r->site, out, &r->to[i], r->from);
}

/* Why an attempt failed; not if it was cut short by the end of the race. One
 * that was cancelled by itself ends the race: so would it have ended without a
 * task of its own. */
static void note(struct race *r, int err)
{
	if (r->over)
		return;
	r->err = err;
	r->final = cio_refused() < 0 || err == -EMFILE || err == -ENFILE ||
		err == -ENOMEM;
	(void)snprintf(r->text, sizeof r->text, "%s", cio_error_text());
}

static int run(const struct runner *self)
{
	struct race *r = self->race;
	cio_stream *s;
	int err = connect_if_allowed(r, self->i, &s);
	if (err < 0)
		note(r, err);
	else if (r->won == NULL)
		r->won = s;
	else
		cio_stream_close(s);
	r->ended++;
	cio_event_set(&r->news);
	return 0;
}

/* ---- all of them ---- */

/* The order of the resolver, but the families in turns. */
static void interleave(cio_address *to, int n)
{
	for (int i = 1; i < n; i++) {
		int j = i;
		while (j < n && to[j].storage.ss_family ==
				to[i - 1].storage.ss_family)
			j++;
		if (j == n)
			return;
		cio_address moved = to[j];
		memmove(&to[i + 1], &to[i], (size_t)(j - i) * sizeof *to);
		to[i] = moved;
	}
}

/* Until one of them ends, or for so long. */
static int wait_for_news(struct race *r, cio_duration d)
{
	cio_scope s;
	cio_scope_begin(&s, cio_time_after(d));
	int err = cio_scope_end(&s, cio_event_wait(&r->news));
	cio_event_clear(&r->news);
	return err == -ETIMEDOUT && cio_scope_expired(&s) ? 0 : err;
}

static int start_all(struct race *r, cio_group *g, int n, cio_duration delay)
{
	int err = 0;
	while (err == 0 && r->won == NULL && !r->final) {
		bool more = r->tried < n;
		if (!more && r->ended == r->tried)
			break;
		if (more)
			err = cio_group_spawn(g, run,
				&(struct runner){r, r->tried});
		if (more && err == 0)
			r->tried++;
		if (err == 0)
			err = wait_for_news(r,
				r->tried < n ? delay : CIO_NEVER);
	}
	return err;
}

static int race(struct race *r, int n)
{
	cio_duration delay = r->o->attempt_delay > 0 ? r->o->attempt_delay :
						       DELAY;
	cio_group g;
	cio_group_open(&g, NULL);
	int err = start_all(r, &g, n, delay);
	r->over = true;
	cio_group_cancel(&g, "another address has answered");
	return cio_group_close(&g, err);
}

int cio__net_race(const char *site, cio_stream **out, cio_address *to, int n,
	const cio_tcp_options *o, const cio_address *from)
{
	struct race r = {.site = site, .to = to, .from = from, .o = o};
	if (n == 1)
		return connect_if_allowed(&r, 0, out);
	interleave(to, n);
	int err = race(&r, n);
	if (r.won != NULL) {
		*out = r.won;
		return 0;
	}
	return err < 0 ? err : cio_fail(r.err, "%s", r.text);
}

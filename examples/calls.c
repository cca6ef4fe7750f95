/* SPDX-License-Identifier: MIT */
/* calls.c - functions that the loop calls by itself: soon, later, at a time */
#include <cio.h>

#include <stdio.h>

struct state {
	cio_call first, second, tick, never;
	cio_event done;
	int ticks;
};

/* On the loop's own stack, between tasks: it may not wait. */
static int say(void *text)
{
	puts(text);
	return 0;
}

static int on_tick(void *arg)
{
	struct state *s = arg;
	if (++s->ticks < 3)
		cio_call_later(&s->tick, CIO_MS(1), on_tick, s);
	else
		cio_event_set(&s->done);
	return 0;
}

static int app(void *arg)
{
	struct state *s = arg;
	cio_call_soon(&s->first, say, "soon: first");
	cio_call_soon(&s->second, say, "soon: second");
	cio_call_at(&s->tick, cio_now() + CIO_MS(1), on_tick, s);
	cio_call_later(&s->never, CIO_S(3600), say, "never");
	puts("asked for");
	int err = cio_event_wait(&s->done);
	cio_call_cancel(&s->never);
	printf("ticks: %d\n", s->ticks);
	return err == 0 && s->ticks == 3 ? 0 : -1;
}

int main(void)
{
	struct state s = {0};
	return cio_run(app, &s) < 0;
}

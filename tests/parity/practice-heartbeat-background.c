/* SPDX-License-Identifier: MIT */
/* a heartbeat beside the real work; its death does not go unnoticed */
/* drivers: sim */
#include "parity.h"

struct heartbeat {
	bool fragile;
	char *beats;
};

static int heartbeat(const struct heartbeat *h)
{
	int err = 0;
	for (int n = 1; err == 0; n++) {
		err = cio_sleep(4 * T);
		if (err == 0 && n == 2) {
			err = raise_error("heartbeat not sent");
			say("  beat %d %s", n, outcome(err));
			if (!h->fragile)
				err = 0;
		} else if (err == 0) {
			sprintf(h->beats + strlen(h->beats), " %d", n);
		}
	}
	say("  heartbeat ends");
	return err;
}

static void noticed(cio_done_callback *c, cio_task *t)
{
	(void)c;
	say("  noticed: %s", cio_task_cancelled(t) ? "cancelled" : "an error");
}

static int scenario(void *arg)
{
	(void)arg;
	for (int fragile = 0; fragile < 2; fragile++) {
		char beats[64] = "";
		cio_done_callback c = {.fn = noticed};
		say("%s", fragile ? "fragile" : "robust");
		cio_task *t = cio_spawn(heartbeat,
			&(struct heartbeat){fragile, beats});
		CHECK_INT(cio_task_add_done_callback(t, &c), 0);
		(void)cio_sleep(15 * T);
		cio_task_cancel(t, "the work is done");
		(void)cio_sleep(T);
		say("  work done | beats%s", beats);
		say("  outcome: %s", outcome(cio_await(t)));
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* deadline.c - a limit that moves as long as there is progress */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

/* Stands for a peer that gets slower and slower. */
static int next_piece(int n)
{
	return cio_sleep(CIO_MS(n * n));
}

static int app(void *arg)
{
	(void)arg;
	cio_scope idle;
	int pieces = 0, err = 0;
	cio_scope_begin(&idle, cio_now() + CIO_MS(50));
	while ((err = next_piece(pieces + 1)) == 0) {
		pieces++;
		/* refused once it has fired: what is late stays late */
		if (cio_scope_reschedule(&idle, cio_now() + CIO_MS(50)) < 0)
			break;
	}
	bool late = cio_scope_expired(&idle);
	err = cio_scope_end(&idle, err);
	printf("%s after %d pieces\n", cio_strerror(err), pieces);
	return late && err == -ETIMEDOUT && pieces > 0 ? 0 : -1;
}

int main(void)
{
	/* on a clock that jumps to whatever is next, as in a test */
	return cio_run_with(&(cio_run_options){.driver = "sim"}, app, NULL) < 0;
}

/* SPDX-License-Identifier: MIT */
/* timeout.c - a limit around any code, and a shield around its cleanup */
#include <cio.h>

#include <errno.h>
#include <stdio.h>

static int slow_query(int *rolled_back)
{
	int err = cio_sleep(CIO_S(3600)), cleanup = 0;
	if (err < 0) {
		/* without the shield, waiting would be refused here, too */
		CIO_SHIELD (CIO_S(1), &cleanup) {
			cleanup = cio_sleep(CIO_MS(1));
			*rolled_back = cleanup == 0;
		}
	}
	return err;
}

static int app(void *arg)
{
	(void)arg;
	int err = 0, rolled_back = 0;
	CIO_TIMEOUT (CIO_MS(5), &err) {
		err = slow_query(&rolled_back);
	}
	printf("the query: %s; rolled back: %s\n", cio_strerror(err),
		rolled_back ? "yes" : "no");
	return err == -ETIMEDOUT && rolled_back ? 0 : -1;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

/* SPDX-License-Identifier: MIT */
/* tiny_http.c - libcio-http is found, and links with what it stands on */
#include <cio/http.h>
#include <cio/run.h>

static int app(void *unused)
{
	(void)unused;
	return 0;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

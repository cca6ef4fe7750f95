/* SPDX-License-Identifier: MIT */
/* context.c - a request's id in every line, without passing it around */
#include <cio.h>

#include <stdarg.h>
#include <stdio.h>

static const CIO_CONTEXT_VAR(request_id, char[16], "-");

/* Whoever calls it: the line bears the id of the request it is about. */
CIO_PRINTF(1, 2) static void say(const char *format, ...)
{
	va_list args;
	printf("[%s] ", (const char *)cio_context_get(&request_id));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* Blocks, so it runs in a thread, and knows the request all the same. */
static int store(void *arg)
{
	say("stored %s", (const char *)arg);
	return 0;
}

static int audit(const int *size)
{
	say("audited, %d bytes", *size);
	return 0;
}

static int handle(const int *number)
{
	char id[16];
	(void)snprintf(id, sizeof id, "req-%d", *number);
	int err = cio_context_set(&request_id, &id, NULL);
	if (err < 0)
		return err;
	say("begins");
	err = cio_sleep(CIO_MS(20) * *number);
	if (err == 0)
		err = cio_to_thread(store, "an order");
	if (err == 0) /* a task of its own inherits the id */
		err = cio_await(cio_spawn(audit, &(int){100 * *number}));
	say("ends: %s", err < 0 ? cio_strerror(err) : "good");
	return err;
}

static int app(void *arg)
{
	(void)arg;
	int err = 0;
	say("starts");
	CIO_GROUP (g, &err) {
		for (int i = 1; i <= 2 && err == 0; i++)
			err = cio_group_spawn(&g, handle, &i);
	}
	say("has ended");
	return err;
}

int main(void)
{
	return cio_run(app, NULL) < 0;
}

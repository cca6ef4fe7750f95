/* SPDX-License-Identifier: MIT */
/* a context variable's token is used twice, and by another task */
/* drivers: sim */
#include "parity.h"

#include <cio/context.h>

static const int zero;
static const CIO_CONTEXT_VAR(var, int, &zero);

static int get(void)
{
	return *(const int *)cio_context_get(&var);
}

static int resets(cio_context_token *const *token)
{
	if (cio_context_reset(&var, *token) == -EINVAL)
		say("in another task: refused, sees %d", get());
	else
		say("in another task: accepted");
	return cio_context_set(&var, &(int){9}, NULL);
}

static int scenario(void *arg)
{
	cio_context_token first, second, *at = &second;
	(void)arg;
	CHECK_INT(cio_context_set(&var, &(int){1}, &first), 0);
	CHECK_INT(cio_context_set(&var, &(int){2}, &second), 0);
	CHECK_INT(cio_await(cio_spawn(resets, &at)), 0);
	say("main sees %d", get());
	CHECK_INT(cio_context_reset(&var, &second), 0);
	say("reset, sees %d", get());
	if (cio_context_reset(&var, &second) == -EINVAL)
		say("again: refused");
	else
		say("again: accepted");
	CHECK_INT(cio_context_reset(&var, &first), 0);
	say("reset, sees %d", get());
	return 0;
}

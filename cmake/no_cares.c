/* SPDX-License-Identifier: MIT */
/* no_cares.c - a build without c-ares: the system's resolver is asked */
#include "resolver/resolver.h"

#include <errno.h>

int asker_open(struct asker **out, const cio_resolver_options *o)
{
	(void)out;
	(void)o;
	return -EOPNOTSUPP;
}

void asker_close(struct asker *a)
{
	(void)a;
}

void asker_ask(struct asker *a, struct name *name,
	const cio_resolver_options *o)
{
	(void)a;
	(void)o;
	names_answer(name, -EOPNOTSUPP, "", 0);
}

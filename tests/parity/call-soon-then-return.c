/* SPDX-License-Identifier: MIT */
/* calls that were asked for just before the main function returns */
/* drivers: sim */
#define PARITY_RUNS
#include "parity.h"

static cio_call soon, later;

static int tell(void *text)
{
	say("%s", (const char *)text);
	return 0;
}

static int scenario(void *unused)
{
	(void)unused;
	cio_call_soon(&soon, tell, "soon");
	cio_call_later(&later, 5 * T, tell, "later");
	say("main returns");
	return 0;
}

static void runs(void)
{
	assert_int_equal(check_run(scenario, NULL), 0);
	say("after the run");
}

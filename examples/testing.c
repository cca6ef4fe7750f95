/* SPDX-License-Identifier: MIT */
/*
 * testing.c - a test that cancels a program at each of its waits, on the virtual
 * clock: an hour of sleep takes no time
 */
#include <cio.h>
#include <cio/sim.h>

#include <errno.h>
#include <stdio.h>

static int locked; /* what must be free at the end, whatever happens */

/* The program to be tested. */
static int program(void *arg)
{
	(void)arg;
	int err = cio_sleep(CIO_S(3600));
	if (err < 0)
		return err;
	locked++;
	err = cio_sleep(CIO_S(1));
	locked--; /* not only if err == 0 */
	return err;
}

static int run_cancelled_at(uint64_t k)
{
	cio_sim_cancel_at(k);
	return cio_run_with(&(cio_run_options){.driver = "sim"}, program, NULL);
}

int main(void)
{
	uint64_t blocks = cio_sim_blocks(), k = 0;
	int bad = 0, err;
	do {
		err = run_cancelled_at(++k);
		bad += locked != 0 || cio_sim_blocks() != blocks;
		bad += err != 0 && err != -ECANCELED;
	} while (err == -ECANCELED);
	printf("cancelled at %d places, %s\n", (int)k - 1,
		bad == 0 ? "clean" : "not clean");
	return bad != 0 || k != 3;
}

/* SPDX-License-Identifier: MIT */
/*
 * sim_fault.c - what goes wrong because a test wants it
 *
 * What is not asked for draws nothing from the seed, so a run without faults is
 * the same whatever faults there are.
 */
#include "driver/sim.h"

#include <errno.h>

bool cio__sim_strikes(struct sim *s, uint32_t n)
{
	if (n == 0 || cio__random_below(&s->random, n) != 0)
		return false;
	s->figures.struck++;
	return true;
}

bool cio__sim_fails_turn(struct sim *s)
{
	if (s->faults.failed_turns == 0)
		return false;
	s->faults.failed_turns--;
	s->figures.struck++;
	s->now += CIO_MS(1);
	return true;
}

bool cio__sim_is_slow(const struct sim *s)
{
	return s->faults.latency_us > 0 || s->faults.late_us > 0;
}

cio_time cio__sim_due(struct sim *s)
{
	uint64_t late = s->faults.late_us;
	if (late > 0)
		late = cio__random_below(&s->random, late + 1);
	return s->now + CIO_US(s->faults.latency_us) + CIO_US(late);
}

int cio__sim_descriptor(struct sim *s)
{
	uint32_t last = s->faults.fail_fd_after;
	s->figures.descriptors++;
	if (last > 0 && s->figures.descriptors >= last)
		return -EMFILE;
	if (!cio__sim_strikes(s, s->faults.no_descriptor))
		return 0;
	return cio__random_below(&s->random, 2) == 0 ? -EMFILE : -ENFILE;
}

size_t cio__sim_limit(struct sim *s, size_t n)
{
	if (s->faults.max_transfer > 0 && n > s->faults.max_transfer)
		n = s->faults.max_transfer;
	if (n > 1 && cio__sim_strikes(s, s->faults.short_transfers))
		n = 1 + (size_t)cio__random_below(&s->random, n - 1);
	return n > INT32_MAX ? INT32_MAX : n;
}

size_t cio__sim_send(struct sim *s, size_t n, bool *lost)
{
	uint64_t before = s->figures.bytes, at = s->faults.reset_at;
	*lost = at > before && at <= before + n;
	if (*lost) {
		n = (size_t)(at - before - 1);
		s->figures.bytes++; /* the lost one: it strikes once */
		s->figures.struck++;
	}
	s->figures.bytes += n;
	return n;
}

int cio_sim_set_faults(const cio_sim_faults *faults)
{
	struct driver *d = cio__current_driver();
	if (d == NULL || d->ops != &driver_sim)
		return -EOPNOTSUPP;
	struct sim *s = container_of(d, struct sim, driver);
	s->faults = *faults;
	s->figures = (cio_sim_figures){0};
	return 0;
}

cio_sim_figures cio_sim_get_figures(void)
{
	struct driver *d = cio__current_driver();
	if (d == NULL || d->ops != &driver_sim)
		return (cio_sim_figures){0};
	return container_of(d, struct sim, driver)->figures;
}

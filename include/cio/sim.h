/* SPDX-License-Identifier: MIT */
#ifndef CIO_SIM_H
#define CIO_SIM_H

#include <cio/base.h>

CIO_BEGIN_DECLS

/*
 * Sim: what a test asks of a run on the `sim` driver.
 *
 * The clock is virtual: it stands still while anything can run and then jumps
 * to the next timer. The network is in memory: any address can be listened on
 * and connected to inside the run, nothing leaves the process. The order of
 * completions that are ready together follows the run's seed.
 */

/* Faults from now on in the calling loop; zero: none. -EOPNOTSUPP if this loop
 * is not on `sim`. Never yields. */
typedef struct cio_sim_faults {
	uint32_t max_transfer;  /* at most so many bytes a read or write; 0: any */
	uint32_t fail_fd_after; /* the n-th new descriptor is -EMFILE, and all later
	                           ones; 0: never */
	uint32_t latency_us;    /* each operation completes this much later */
} cio_sim_faults;
CIO_API int cio_sim_set_faults(const cio_sim_faults *faults);

/* Any driver: cancel the main task at the run's k-th suspension (1 is the
 * first); 0: never. Set before `cio_run`, for the calling thread's next run. */
CIO_API void cio_sim_cancel_at(uint64_t k);

/* How many suspensions the calling thread's last run had. */
CIO_API uint64_t cio_sim_suspensions(void);

/* Heap: blocks now allocated by cio, all threads; and make the n-th allocation
 * from now on fail once (0: none). */
CIO_API uint64_t cio_sim_blocks(void);
CIO_API void cio_sim_fail_allocation(uint64_t n);

CIO_END_DECLS
#endif

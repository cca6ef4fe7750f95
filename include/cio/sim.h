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

/* Faults from now on in the calling loop, each by itself; zero: none.
 * -EOPNOTSUPP if this loop is not on `sim`. Never yields. */
typedef struct cio_sim_faults {
	uint32_t max_transfer;  /* at most so many bytes a read or write; 0: any */
	uint32_t fail_fd_after; /* the n-th new descriptor is -EMFILE, and all later
	                           ones; 0: never */
	uint32_t latency_us;    /* each operation completes this much later */
	uint32_t late_us;       /* and up to so much later again, by the seed */
	uint32_t failed_turns;  /* the driver cannot be asked so many times: -EIO, in
	                           a millisecond each */
	uint64_t reset_at;      /* who sends the n-th byte from now on loses the
	                           connection: -ECONNRESET at both ends; 0: nobody */

	/* One in so many, by the seed; 0: never. */
	uint32_t short_transfers; /* a read or write moves only a part */
	uint32_t spurious;        /* what was said to be ready is not (more than 1) */
	uint32_t no_buffers;      /* a send is -ENOBUFS, a pooled receive is put off
	                             (more than 1) */
	uint32_t full_queue;      /* what has to wait is not taken, or ends: -ENOMEM */
	uint32_t no_descriptor;   /* a new descriptor is -EMFILE or -ENFILE */
	uint32_t refused_connects; /* -ECONNREFUSED */
} cio_sim_faults;
CIO_API int cio_sim_set_faults(const cio_sim_faults *faults);

/* On sim, since the faults were set last; all zero elsewhere. Never yields. */
typedef struct cio_sim_figures {
	uint64_t struck;      /* faults, but for limits and latency */
	uint64_t bytes;       /* sent over connections */
	uint64_t descriptors; /* made */
} cio_sim_figures;
CIO_API cio_sim_figures cio_sim_get_figures(void);

/* Any driver: cancel the main task, the task that then suspends, or the one that
 * was woken and is to run next, if any, at the k-th suspension from now on (1 is
 * the next); 0: never. The last wish counts: in a task for the run at hand,
 * outside one for the calling thread's next run. */
CIO_API void cio_sim_cancel_at(uint64_t k);
CIO_API void cio_sim_cancel_suspended_at(uint64_t k);
CIO_API void cio_sim_cancel_next_at(uint64_t k);

/* How many suspensions the run at hand had so far, or the calling thread's last. */
CIO_API uint64_t cio_sim_suspensions(void);

/* Heap: blocks now allocated by cio, all threads; make the n-th allocation from
 * now on fail once (0: none); how many are left until then (0: it has failed). */
CIO_API uint64_t cio_sim_blocks(void);
CIO_API void cio_sim_fail_allocation(uint64_t n);
CIO_API uint64_t cio_sim_allocation_left(void);

/* Stacks: make the calling thread's n-th mapping of memory for them from now on
 * fail once (0: none), and how many are left until then. */
CIO_API void cio_sim_fail_mapping(uint64_t n);
CIO_API uint64_t cio_sim_mapping_left(void);

CIO_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/*
 * driver.h - all that core knows of a driver; a driver knows no tasks
 *
 * Core owns the operations' deadlines and groups; a driver only submits, waits
 * and completes. One driver belongs to one loop and one thread; only `wake` may
 * be called from elsewhere. Nothing but a driver makes a system call on a
 * descriptor of the loop: what "try first" there is happens inside `submit`.
 *
 * The contract:
 *   - submit: CIO_DONE (op->res is set, op->done is not called), CIO_PENDING
 *     (cio__op_complete later, never from within submit), or < 0: not taken
 *     (-EBADF stale handle, -EOPNOTSUPP kind unknown here, -ENOMEM).
 *   - Every pending op completes exactly once through cio__op_complete (multi:
 *     CIO_OP_MORE set in flags until the last), after cancel too.
 *   - After completion the kernel holds no pointer into the op's memory.
 *   - cancel may complete the op from within itself.
 *   - CLOSE ends the handle's other operations with -ECANCELED first; at the
 *     submit the generation moves, so the handle is stale at once.
 *   - At most one RECV/READ and one SEND/WRITE at a time on a handle, and either
 *     of them beside POLL; a second of a kind is -EBUSY.
 */
#ifndef CIO_CORE_DRIVER_H
#define CIO_CORE_DRIVER_H

#include <cio/impl.h>

struct driver; /* each driver's own, with this as its first member */

struct driver_options {
	uint64_t seed;
};

struct driver_ops {
	const char *name;

	/* -ENOSYS, -EPERM, -ENOMEM: why it cannot run here. */
	int (*open)(struct driver **out, const struct driver_options *o);

	/* All operations have completed; adopted descriptors left are closed. */
	void (*close)(struct driver *d);

	/* CLOCK_MONOTONIC, or the virtual clock; ns, never 0, never backwards. */
	cio_time (*now)(struct driver *d);

	int (*submit)(struct driver *d, cio_op *op);
	void (*cancel)(struct driver *d, cio_op *op);

	/* Wait for completions until `until` (absolute; 0: do not wait, CIO_NEVER:
	 * no limit), or a wake; then complete all that are ready. The count of
	 * completions, or -errno. */
	int (*turn)(struct driver *d, cio_time until);

	/* End a wait, or make the next one return at once. Any thread, any
	 * signal handler. */
	void (*wake)(struct driver *d);

	int (*adopt)(struct driver *d, int fd, cio_fd *out);

	/* A pooled buffer comes back. */
	void (*give)(struct driver *d, void *buf);

	/* Descriptors that it holds for the loop now. */
	uint64_t (*handles)(struct driver *d);
};

struct driver {
	const struct driver_ops *ops;

	/* A thread owes us a message: sim waits for it for real before it jumps
	 * the clock. */
	bool wait_for_wake;
};

extern const struct driver_ops driver_epoll, driver_uring, driver_sim;

/* The driver of the calling thread's loop, NULL outside one. */
struct driver *cio__current_driver(void);

/* To be called by drivers: op->res (and out, buf, CIO_OP_MORE) are set. */
void cio__op_complete(cio_op *op);

#endif

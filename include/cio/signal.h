/* SPDX-License-Identifier: MIT */
#ifndef CIO_SIGNAL_H
#define CIO_SIGNAL_H

#include <cio/task.h>

CIO_BEGIN_DECLS

/*
 * Signal: process signals as something to wait for.
 *
 *	cio_signals stop;
 *	err = cio_signals_open(&stop, CIO_SIGNAL(SIGTERM) | CIO_SIGNAL(SIGINT));
 *	int signo = cio_signals_wait(&stop);
 *	cio_signals_close(&stop);
 *
 * While open, these signals do what the waiting tasks do, and nothing else; the
 * handler that was there before is put back by the close, unless somebody has
 * replaced ours meanwhile.
 *
 * A signal is told to one watcher in the process. Of several workers one watches
 * (`if (cio_worker() == 0)`) and tells the others, by <cio/channel.h>; what is
 * only to end the run needs no watcher: `.signals` of <cio/run.h> reaches all.
 */
#define CIO_SIGNAL(signo) ((uint64_t)1 << (signo))

typedef struct cio_signals {
	cio_link link, waiters; /* private */
	uint64_t mask, arrived;
} cio_signals;

/* `int cio_signals_open(cio_signals *s, uint64_t mask)`: watch these signals on
 * this loop. 0, -EINVAL (SIGKILL, SIGSTOP, none), or -EBUSY if one of them is
 * watched already. Never yields. */
#define cio_signals_open(...) cio__signals_open(CIO__SITE, __VA_ARGS__)
CIO_API int cio__signals_open(const char *site, cio_signals *s, uint64_t mask);
CIO_API void cio_signals_close(cio_signals *s);

/* The number of a signal that arrived since it was last told, else wait for
 * one. Each arrival is told once; several of a kind may become one, as POSIX
 * has it. A refusal if the scope ended first; -ESHUTDOWN if closed meanwhile. */
CIO_API int cio_signals_wait(cio_signals *s);

CIO_END_DECLS
#endif

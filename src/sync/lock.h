/* SPDX-License-Identifier: MIT */
/* lock.h - what conditions need of a lock */
#ifndef CIO_SYNC_LOCK_H
#define CIO_SYNC_LOCK_H

#include <cio/lock.h>

/* Take the lock whatever happens to the calling task. Not refused. */
void cio__lock_settle(cio_lock *l);

#endif

/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_locked.c - CIO_LOCKED, nested and left on every way */
#include <cio/lock.h>

int work(cio_lock *l);
int leave_by_break(cio_lock *l);
int leave_by_return(cio_lock *l);
int leave_by_goto(cio_lock *l);

int work(cio_lock *l)
{
	int err;
	CIO_LOCKED(l, &err) {
		err = leave_by_break(l);
	}
	CIO_TIMEOUT(CIO_S(1), &err) {
		CIO_LOCKED(l, &err) {
			err = leave_by_return(l);
		}
	}
	return err;
}

int leave_by_break(cio_lock *l)
{
	int err = 0;
	for (int i = 0; i < 3; i++) {
		CIO_LOCKED(l, &err) {
			if (i == 1)
				break;
			if (i == 2)
				continue;
			err = work(l);
		}
	}
	return err;
}

/* The block may be refused: then what follows it runs. */
int leave_by_return(cio_lock *l)
{
	int err;
	CIO_LOCKED(l, &err) {
		return work(l);
	}
	return err;
}

int leave_by_goto(cio_lock *l)
{
	int err;
	CIO_LOCKED(l, &err) {
		err = work(l);
		if (err < 0)
			goto out;
	}
	err = 1;
out:
	return err;
}

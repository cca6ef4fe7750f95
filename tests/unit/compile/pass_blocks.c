/* SPDX-License-Identifier: MIT */
/* also C++ */
/* pass_blocks.c - the block forms, nested and left on every way */
#include <cio/scope.h>

int work(void);
int leave_by_break(void);
int leave_by_return(void);
int leave_by_goto(void);

int work(void)
{
	int err = 0;
	CIO_TIMEOUT(CIO_MS(500), &err) {
		err = leave_by_break();
	}
	CIO_TIMEOUT(CIO_S(1)) {
		CIO_SHIELD(CIO_MS(10), &err) {
			err = leave_by_return();
		}
	}
	return err;
}

int leave_by_break(void)
{
	int err = 0;
	for (int i = 0; i < 3; i++) {
		CIO_TIMEOUT(CIO_MS(i), &err) {
			if (i == 1)
				break;
			if (i == 2)
				continue;
			err = work();
		}
	}
	return err;
}

/* Every path returns inside: no warning of a missing return may follow. */
int leave_by_return(void)
{
	CIO_TIMEOUT(CIO_MS(500)) {
		return work();
	}
}

int leave_by_goto(void)
{
	int err = 0;
	CIO_SHIELD(CIO_S(1), &err) {
		err = work();
		if (err < 0)
			goto out;
	}
	err = 1;
out:
	return err;
}

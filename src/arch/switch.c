/* SPDX-License-Identifier: MIT */
/*
 * switch.c - the first frame of a stack
 *
 * Laid so that cio__switch, popping it, arrives in cio__switch_start with the
 * entry function in the first callee-saved register and the stack aligned as
 * the ABI wants it before a call.
 */
#include "arch/switch.h"

#include <stdint.h>
#include <string.h>

void cio__switch_start(void);

void *cio__switch_frame(void *top, void (*entry)(void))
{
	uintptr_t end = (uintptr_t)top & ~(uintptr_t)15;
#if defined(__x86_64__)
	/* r15 r14 r13 r12 rbx rbp, then the address to jump to; two words stay
	 * above, so that after the seven pops the stack is aligned */
	uintptr_t *frame = (uintptr_t *)end - 9;
	memset(frame, 0, 9 * sizeof *frame);
	frame[4] = (uintptr_t)entry;
	frame[6] = (uintptr_t)cio__switch_start;
	return frame;
#elif defined(__aarch64__)
	uintptr_t *frame = (uintptr_t *)end - 20;
	memset(frame, 0, 20 * sizeof *frame);
	frame[0] = (uintptr_t)entry;
	frame[11] = (uintptr_t)cio__switch_start;
	return frame;
#else
#error "cio runs on x86-64 and aarch64"
#endif
}

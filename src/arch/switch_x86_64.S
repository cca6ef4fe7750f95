/* SPDX-License-Identifier: MIT */
/*
 * switch_x86_64.S - System V: rbx, rbp, r12-r15 and the stack pointer
 *
 * Leaves by `ret`: nearly every switch comes from the one call in sched.c, so
 * the processor's return stack predicts it and the two returns behind it. With
 * `jmp` those two are mispredicted, since one entry too many is left on top.
 */
#ifdef __x86_64__
	.text
	.p2align 4
	.globl	cio__switch
	.hidden	cio__switch
	.type	cio__switch, @function
cio__switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.size	cio__switch, .-cio__switch

	/* The bottom frame: an unwinder stops here. */
	.p2align 4
	.globl	cio__switch_start
	.hidden	cio__switch_start
	.type	cio__switch_start, @function
cio__switch_start:
	.cfi_startproc
	.cfi_undefined %rip
	call	*%rbx
	ud2
	.cfi_endproc
	.size	cio__switch_start, .-cio__switch_start
#endif
	.section .note.GNU-stack, "", %progbits

/* SPDX-License-Identifier: MIT */
/*
 * overflow.c - a stack overflow names its task
 *
 * A fault in the guard of the running task's stack is an overflow. The handler,
 * on an alternate stack of the loop's thread, writes one line that says whose
 * stack it was, and then puts back what was there before it and returns: the
 * instruction faults again, and debugger, core dump or another handler see it as
 * if we had not been here. Any other fault only takes the second half.
 *
 * One handler serves all loops of the process; the last loop takes it out.
 */
#include "core/core.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51 /* Linux 5.14 */
#endif

enum { ALTERNATE_BYTES = 64 << 10, LINE_BYTES = 512 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int users;
static struct sigaction before_segv, before_bus;

void overflow_lock(void)
{
	(void)pthread_mutex_lock(&lock);
}

void overflow_unlock(void)
{
	(void)pthread_mutex_unlock(&lock);
}

/* ---- the line, without anything that is unsafe in a handler ---- */

struct line {
	char text[LINE_BYTES];
	size_t n;
};

static void add(struct line *line, const char *s)
{
	while (*s != '\0' && line->n < sizeof line->text)
		line->text[line->n++] = *s++;
}

static void add_number(struct line *line, size_t value)
{
	char digits[24];
	size_t at = sizeof digits;
	digits[--at] = '\0';
	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	add(line, digits + at);
}

static void name_task(const cio_task *t)
{
	struct line line = {.n = 0};
	add(&line, "cio: task ");
	add(&line, t->name);
	add(&line, " overflowed its ");
	add_number(&line, stack_usable(t->stack) >> 10);
	add(&line, " KiB stack; it was spawned at ");
	add(&line, t->site);
	add(&line, t->large ? ": raise the stack_size it was given\n" :
			      ": give it more by cio_spawn_with and .stack_size\n");
	if (write(STDERR_FILENO, line.text, line.n) < 0)
		return; /* nobody left to tell */
}

_Noreturn void overflow_found(const cio_task *t)
{
	name_task(t);
	abort();
}

/* ---- the handler ---- */

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)context;
	int saved = errno;
	cio_loop *l = cio__loop;
	cio_task *t = l != NULL ? l->current : NULL;
	if (t != NULL && t->stack != NULL &&
		stack_guards(t->stack, info->si_addr))
		name_task(t);
	(void)sigaction(signo, signo == SIGSEGV ? &before_segv : &before_bus,
		NULL);
	errno = saved;
}

static void install(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK};
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGSEGV, &sa, &before_segv);
	(void)sigaction(SIGBUS, &sa, &before_bus);
}

/* Take it out only where it is still ours: others may have come after us. */
static void remove_handler(int signo, const struct sigaction *before)
{
	struct sigaction now;
	if (sigaction(signo, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
		now.sa_sigaction == on_fault)
		(void)sigaction(signo, before, NULL);
}

/* ---- a loop's part ---- */

static size_t alternate_size(void)
{
	size_t least = (size_t)getauxval(AT_MINSIGSTKSZ);
	return ALTERNATE_BYTES + ((least + 4095) & ~(size_t)4095);
}

void overflow_open(cio_loop *l)
{
	if (l->options.no_handlers)
		return;
	stack_t had, mine = {.ss_size = alternate_size()};
	if (sigaltstack(NULL, &had) < 0)
		return;
	if (had.ss_flags & SS_DISABLE) {
		mine.ss_sp = mmap(NULL, mine.ss_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (mine.ss_sp == MAP_FAILED)
			return; /* an overflow will go unnamed */
		(void)sigaltstack(&mine, NULL);
		l->alternate = mine.ss_sp;
		l->alternate_size = mine.ss_size;
	}
	(void)pthread_mutex_lock(&lock);
	if (users++ == 0)
		install();
	(void)pthread_mutex_unlock(&lock);
	l->names_overflows = true;
}

void overflow_close(cio_loop *l)
{
	if (!l->names_overflows)
		return;
	(void)pthread_mutex_lock(&lock);
	if (--users == 0) {
		remove_handler(SIGSEGV, &before_segv);
		remove_handler(SIGBUS, &before_bus);
	}
	(void)pthread_mutex_unlock(&lock);
	if (l->alternate != NULL) {
		stack_t none = {.ss_flags = SS_DISABLE};
		(void)sigaltstack(&none, NULL);
		(void)munmap(l->alternate, l->alternate_size);
	}
}

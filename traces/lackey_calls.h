/*
 * lackey_calls.h - what a program's system calls do to its address space, from the lines that valgrind prints
 * with --trace-syscalls=yes (Valgrind 3.19, amd64: numbers of calls and order of arguments are the kernel's):
 * pages that are given back (munmap(), MADV_DONTNEED, MADV_FREE, brk(), mmap() over what was there), moved
 * (mremap()), mapped from files, and touched by the kernel for the program (read(), write() and the like,
 * which lackey does not see).
 *
 * What lies below the first brk() is the program itself and its loader, which valgrind maps without a call.
 *
 * Left out: calls that read or write several buffers (readv()), whose places are not said; small structures
 * that others fill in.
 */
#ifndef TRACES_LACKEY_CALLS_H
#define TRACES_LACKEY_CALLS_H

#include "traces/address_map.h"
#include "traces/importer.h"

struct lackey_calls {
	struct importer *importer;
	struct address_map pages;
	GArray *files;	 /* struct span: pages mapped from files, in no order, without overlaps */
	u64 brk;	 /* the end of the heap; 0: not said yet */
	u64 pending;	 /* the call whose result comes on a line of its own, and what it was called with */
	u64 argument[6]; /* of the call at hand */
	bool seen;	 /* any line at all */
};

void lackey_calls_init(struct lackey_calls *calls, struct importer *importer);
void lackey_calls_release(struct lackey_calls *calls);
/* The number of a page that is touched; ADDRESS_MAP_NONE: one too many. */
u32 lackey_calls_touch(struct lackey_calls *calls, u64 page);
/* A line that begins with "SYSCALL[" or, what goes on after one, with " -->". What is not known is stepped
 * over. */
bool lackey_calls_line(struct lackey_calls *calls, struct text *text, GError **error);

#endif

/*
 * exec.h - what execve() does to the memory of the program it begins (fs/exec.c, 6.1-7.2).
 *
 * The name of the program, its environment and its arguments are copied to the top of its stack, and for each
 * the page is looked up anew (get_arg_page(): get_user_pages_remote(), which touches what it finds). To be
 * touched twice makes a page active, so every program has one active page from the start, or more if there is
 * much to be copied, which is left out. That is enough for reclaim's figures not to be 0: a page that comes
 * back as soon as it has gone is activated, and active pages may be deactivated then.
 *
 * What is charged for a process that begins while the machine runs is in exec_mmap().
 */
#ifndef MODELS_MM_EXEC_H
#define MODELS_MM_EXEC_H

#include "models/kernel.h"

/* The top of a stack. */
static inline bool is_argument_page(const struct kernel *k, u32 page)
{
	return is_stack(k, page) && page + 1 == vma_of(k, page)->first_page + vma_of(k, page)->pages;
}

/* @folio, which @t has just given to its CPU's batch, holds the arguments. */
void exec_touch_arguments(struct kernel *k, const struct task *t, u32 folio);

#endif

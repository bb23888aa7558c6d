/*
 * build.h - PATTERN_BUILD: one of the jobs of make -j, a chain of short processes that compile.
 *
 * A process has the compiler's text, and behind it its heap. It reads its source file and some of the
 * headers, writes the data pages at the end of the text (private copies of them), and then its heap grows,
 * page by page. After each new page it goes back to pages of the text, popular ones more often, and of the
 * heap, new ones more often. In the end it writes an object file and exits. Which headers, popular ones more
 * often, and how large the heap gets, is drawn anew for each process.
 *
 * The files of all processes of a task are numbered as the process's pages as far as the text goes; behind it
 * come the headers, then a source and an object file for each process there will be.
 */
#ifndef MODELS_WORK_BUILD_H
#define MODELS_WORK_BUILD_H

#include "models/work/patterns.h"

/* Pages of the heap of the process it now is: drawn from the sizes of the processes of a kernel build. */
u32 build_heap(const struct workload *load, const struct work *w);

/* What is read or written as a whole: @w->done counts the files read before; the source comes first. Pages
 * from the beginning of the files. */
void build_file(const struct workload *load, const struct work *w, bool object, u32 *first, u32 *end);

/* Of steps of a process: files read, data pages, accesses while the heap grows. */
static inline u64 build_reads(const struct workload *load)
{
	return 1 + load->includes;
}
static inline u64 build_steps(const struct workload *load, const struct work *w)
{
	return build_reads(load) + load->data_pages + (u64)build_heap(load, w) * load->touches;
}

/* The page of access @n, the data pages included, and whether it is a write. */
static inline u32 build_next(const struct workload *load, struct work *w, u64 n, bool *write)
{
	u64 value;
	u32 rank, touch, used;

	*write = true;
	if (n < load->data_pages)
		return load->text_pages - load->data_pages + (u32)n;
	n -= load->data_pages;
	touch = (u32)(n % load->touches);
	used = (u32)(n / load->touches) + 1;
	if (!touch)
		return load->text_pages + used - 1;
	value = random_value(load->stream, w->drawn++);
	rank = zipf_at(load->zipf, value);
	*write = false;
	if (touch % 2)
		return scatter_at(&load->scatter, rank % load->text_pages);
	*write = random_below(random_value(load->stream, w->drawn++), 1000) < load->write_permille;
	return load->text_pages + used - 1 - rank % used;
}

#endif

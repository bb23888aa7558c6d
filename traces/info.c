#include "traces/info.h"

#include "sim/error.h"
#include "traces/lru_stack.h"

#define BATCH 4096

static const u32 percents[TRACE_LRU_POINTS] = { 100, 75, 50, 25, 10 };

/* First pass: everything but LRU, which wants to know how many pages are touched. */
struct first_pass {
	struct trace_info *info;
	u8 *seen_in; /* per page: the last slice it was seen in + 1 */
	u64 done;    /* accesses */
	u32 slice;
	u64 slice_end;
};

/* Of an access, which moves time on. */
static void count_slice(struct first_pass *pass)
{
	struct trace_info *info = pass->info;

	while (pass->done == pass->slice_end) {
		pass->slice++;
		pass->slice_end =
		    (u64)((unsigned __int128)info->header.accesses * (pass->slice + 1) / TRACE_SLICES);
	}
	pass->done++;
	info->slice[pass->slice].accesses++;
}

static void count_page(struct first_pass *pass, u32 page)
{
	struct trace_info *info = pass->info;

	if (pass->seen_in[page] == pass->slice + 1)
		return;
	info->slice[pass->slice].pages++;
	if (!pass->seen_in[page]) {
		info->slice[pass->slice].new_pages++;
		info->touched++;
		info->touched_file += page_set_has(&info->header.file_pages, page);
	}
	pass->seen_in[page] = (u8)(pass->slice + 1);
}

static void count_run(void *data, const struct trace_run *run)
{
	struct first_pass *pass = data;

	pass->info->accesses[trace_op(run)] += run->count;
	pass->info->ticks += trace_gap(run) * run->count;
	for (u32 i = 0; i < run->count; i++) {
		count_slice(pass);
		if (trace_op(run) != TRACE_UNMAP)
			count_page(pass, trace_run_page(run, i));
	}
}

static void lru_run(void *data, const struct trace_run *run)
{
	for (u32 i = 0; i < run->count; i++) {
		if (trace_op(run) == TRACE_UNMAP)
			lru_stack_drop(data, trace_run_page(run, i));
		else
			lru_stack_access(data, trace_run_page(run, i));
	}
}

static bool each_run(struct trace_reader *reader, void (*use)(void *data, const struct trace_run *run),
		     void *data, GError **error)
{
	struct trace_run *runs = g_new(struct trace_run, BATCH);
	int got;

	while ((got = trace_reader_next(reader, runs, BATCH, error)) > 0) {
		for (int i = 0; i < got; i++)
			use(data, &runs[i]);
	}
	g_free(runs);
	return got == 0;
}

static bool no_memory(const char *path, u32 pages, GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_IO, "%s: no memory for %u pages", path, pages);
	return false;
}

static bool count(struct trace_info *info, struct trace_reader *reader, const char *path, GError **error)
{
	const struct trace_header *header = trace_reader_header(reader);
	struct first_pass pass = { .info = info, .slice_end = header->accesses / TRACE_SLICES };
	bool good;

	pass.seen_in = g_try_new0(u8, header->pages);
	if (!pass.seen_in)
		return no_memory(path, header->pages, error);
	info->header = *header; /* lent for the pass; the reader's own in the end */
	good = each_run(reader, count_run, &pass, error);
	info->ticks += header->ticks_after_last;
	g_free(pass.seen_in);
	return good;
}

static bool simulate_lru(struct trace_info *info, struct trace_reader *reader, const char *path,
			 GError **error)
{
	const struct trace_header *header = trace_reader_header(reader);
	u32 capacity[TRACE_LRU_POINTS];
	struct lru_stack stack;
	bool good;

	for (u32 i = 0; i < TRACE_LRU_POINTS; i++)
		capacity[TRACE_LRU_POINTS - 1 - i] = (u32)((u64)info->touched * percents[i] / 100);
	if (!lru_stack_init(&stack, header->pages, capacity, TRACE_LRU_POINTS))
		return no_memory(path, header->pages, error);
	good = trace_reader_rewind(reader, error) && each_run(reader, lru_run, &stack, error);
	for (u32 i = 0; i < TRACE_LRU_POINTS; i++) {
		u32 place = TRACE_LRU_POINTS - 1 - i;

		info->lru[i] = (struct trace_lru_point){ percents[i], capacity[place], stack.misses[place],
							 capacity[place] >= header->smallest_limit_pages };
	}
	lru_stack_release(&stack);
	return good;
}

struct trace_info *trace_info_new(const char *path, GError **error)
{
	struct trace_reader *reader = trace_reader_open(path, error);
	struct trace_info *info;
	bool good;

	if (!reader)
		return NULL;
	info = g_new0(struct trace_info, 1);
	good = count(info, reader, path, error) && simulate_lru(info, reader, path, error);
	info->header = (struct trace_header){ 0 };
	if (good)
		trace_reader_take_header(reader, &info->header);
	trace_reader_close(reader);
	if (good)
		return info;
	trace_info_free(info);
	return NULL;
}

void trace_info_free(struct trace_info *info)
{
	if (!info)
		return;
	trace_header_release(&info->header);
	g_free(info);
}

#include "tests/fidelity/tables.h"

enum { PAGE_BYTES = 4096, FUNCTION_BYTES = 8, PERMUTATION_BYTES = 4 };

u32 table_pages(u32 pages)
{
	return pages * (FUNCTION_BYTES + PERMUTATION_BYTES) / PAGE_BYTES;
}

/* The accesses of one run, each after one to a table page. */
static void append_used(GArray *runs, const struct trace_run *run, u32 pages, u32 *turn)
{
	for (u32 i = 0; i < run->count; i++) {
		struct trace_run table =
		    trace_run(pages + (*turn)++ % table_pages(pages), 1, 0, TRACE_READ, 0);
		struct trace_run access =
		    trace_run(trace_run_page(run, i), 1, 0, trace_op(run), trace_gap(run));

		g_array_append_val(runs, table);
		g_array_append_val(runs, access);
	}
}

static void build_index(struct trace *trace)
{
	u64 accesses = 0;

	trace->index = g_new(u64, trace->header.runs / TRACE_INDEX_STEP + 1);
	for (u64 i = 0; i < trace->header.runs; accesses += trace->runs[i++].count)
		if (i % TRACE_INDEX_STEP == 0)
			trace->index[i / TRACE_INDEX_STEP] = accesses;
	if (trace->header.runs % TRACE_INDEX_STEP == 0)
		trace->index[trace->header.runs / TRACE_INDEX_STEP] = accesses;
}

void trace_add_tables(struct trace **trace)
{
	struct trace *old = *trace, *new = g_new0(struct trace, 1);
	const u32 pages = old->header.pages, tables = table_pages(pages);
	const u64 fill = old->header.marks[old->header.marks_count - 1].access;
	GArray *runs = g_array_new(FALSE, FALSE, sizeof(struct trace_run));
	struct trace_run build = trace_run(pages, tables, 1, TRACE_WRITE, 1);
	u64 accesses = 0;
	u32 turn = 0;

	g_array_append_val(runs, build);
	for (u64 i = 0; i < old->header.runs; accesses += old->runs[i++].count)
		if (accesses < fill)
			g_array_append_val(runs, old->runs[i]);
		else
			append_used(runs, &old->runs[i], pages, &turn);
	trace_header_init(&new->header);
	new->header.tick = old->header.tick;
	new->header.tick_ps = old->header.tick_ps;
	new->header.pages = pages + tables;
	new->header.runs = runs->len;
	new->header.accesses = tables + fill + 2 * (accesses - fill);
	new->header.marks = g_new(struct trace_mark, 1);
	new->header.marks[0] =
	    (struct trace_mark){ tables + fill,
				 g_strdup(old->header.marks[old->header.marks_count - 1].name) };
	new->header.marks_count = 1;
	new->runs = (struct trace_run *)(void *)g_array_free(runs, FALSE);
	build_index(new);
	trace_free(old);
	*trace = new;
}

/* What tasks do: patterns, gaps, marks, traces. */
#include "models/work/work.h"

#include "sim/random.h"
#include "tests/unit/world.h"

enum { PAGES = 64, SEEN = 256 };

/* Runs a workload on all pages; returns how long it took. */
static u64 run(struct world *w, const struct workload *load)
{
	u64 start = w->k->machine.now;

	work_add_task(w->k, load, 0, 0, true);
	CU_ASSERT_FATAL(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
	return w->k->machine.now - start;
}

/* Take the accesses of a workload one by one from all-present, writable pages; sets what was accessed. */
static void collect(const struct workload *load, u32 *reads, u32 *writes)
{
	struct world w;
	u32 n = load->pages;

	world_init(&w, (struct world_size){ .pages = n });
	work_add_task(w.k, load, 0, 0, true);
	for (u64 i = 0; i < load->accesses; i++) {
		for (u32 p = 0; p < n; p++)
			w.k->pte_flags[page_of(&w, p)] = PTE_PRESENT | PTE_WRITE;
		w.k->machine.user_until = 1; /* one access a nanosecond from now */
		w.k->machine.now = 0;
		w.k->work[0].begun = 0;
		work_run(w.k, &w.k->machine.task[0]);
		if (w.k->work[0].write)
			writes[w.k->work[0].page]++;
		else
			reads[w.k->work[0].page]++;
	}
	world_release(&w);
}

static void test_fill(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = PAGES, .fill = true };
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	run(&w, &load);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), PAGES);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), PAGES);
	for (u32 i = 0; i < PAGES; i++)
		CU_ASSERT(flags_at(&w, i) & PTE_DIRTY);
	CU_ASSERT_EQUAL(flags_at(&w, PAGES), 0);
	world_release(&w);
}

static void test_seq(void)
{
	struct workload load = {
		.pattern = PATTERN_SEQ, .pages = PAGES, .gap_ps = 1000, .accesses = 3 * PAGES
	};
	u32 reads[PAGES] = { 0 }, writes[PAGES] = { 0 };

	collect(&load, reads, writes);
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT_EQUAL(reads[i], 3);
		CU_ASSERT_EQUAL(writes[i], 0);
	}
}

static void test_rand_and_writes(void)
{
	struct workload load = { .pattern = PATTERN_RAND,
				 .pages = PAGES,
				 .gap_ps = 1000,
				 .write_permille = 300,
				 .accesses = 6400,
				 .stream = 12345 };
	u32 reads[PAGES] = { 0 }, writes[PAGES] = { 0 }, sum = 0;

	collect(&load, reads, writes);
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT(reads[i] + writes[i] > 60 && reads[i] + writes[i] < 140);
		sum += writes[i];
	}
	CU_ASSERT(sum > 1800 && sum < 2040);
}

/* All a hit does is to set bits. */
static void test_hits(void)
{
	for (u32 write = 0; write < 2; write++) {
		struct workload load = {
			.pattern = PATTERN_SEQ, .pages = 1, .write_permille = write * 1000, .accesses = 1
		};
		struct world w;

		world_init(&w, (struct world_size){ 0 });
		world_write(&w, 0);
		w.k->pte_flags[page_of(&w, 0)] = PTE_PRESENT | PTE_WRITE;
		run(&w, &load);
		CU_ASSERT_EQUAL(flags_at(&w, 0),
				PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | (write ? PTE_DIRTY : 0));
		CU_ASSERT_EQUAL(counted(&w, PGFAULT), 1);
		world_release(&w);
	}
}

static void test_zipf(void)
{
	struct zipf *zipf = zipf_new(PAGES, 990);
	struct workload load = { .pattern = PATTERN_ZIPF,
				 .pages = PAGES,
				 .gap_ps = 1000,
				 .accesses = 6400,
				 .write_permille = 1000,
				 .zipf = zipf,
				 .stream = 54321 };
	u32 reads[PAGES] = { 0 }, writes[PAGES] = { 0 }, first;

	scatter_init(&load.scatter, PAGES, 7);
	collect(&load, reads, writes);
	first = scatter_at(&load.scatter, 0);
	CU_ASSERT(writes[first] > 1150 && writes[first] < 1550); /* 1 / H(64, 0.99) = 21 % */
	CU_ASSERT(writes[scatter_at(&load.scatter, 1)] > writes[first] * 4 / 10);
	CU_ASSERT(writes[scatter_at(&load.scatter, 63)] < 60);
	CU_ASSERT_EQUAL(reads[first], 0);
	zipf_free(zipf);
}

/* Hits cost their gaps and nothing else, to the picosecond. */
static void test_gaps_are_exact(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = 1, .gap_ps = 333, .accesses = 1 };
	struct world w;
	u64 one;

	world_init(&w, (struct world_size){ .cpus = 1 });
	world_write(&w, 0);
	one = run(&w, &load);
	load.accesses = 3001;
	CU_ASSERT_EQUAL(run(&w, &load) - one, 999); /* 3000 x 0.333 */
	load.accesses = 3004; /* 333 ps into a nanosecond that three more accesses fill */
	CU_ASSERT_EQUAL(run(&w, &load) - one, 1000);
	world_release(&w);
}

/* The same result when every access is an event of its own. */
static void test_inline_hits(void)
{
	u64 time[2], fingerprint[2];

	for (u32 slow = 0; slow < 2; slow++) {
		struct workload load = { .pattern = PATTERN_RAND,
					 .pages = 400,
					 .gap_ps = 5000,
					 .fill = true,
					 .write_permille = 300,
					 .accesses = 2000,
					 .stream = 99 };
		struct world_size size = { .release = "6.18+stats-ratelimited=off", .limit = 300 };
		struct world w;
		struct kernel_config c = world_config(&w, &size);

		c.machine.inline_hits = c.machine.fall_through = !slow;
		w.k = kernel_new(&c, NULL);
		CU_ASSERT_FATAL(w.k != NULL);
		work_add_task(w.k, &load, 0, 0, false);
		work_add_task(w.k, &load, 0, 1, false);
		CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		time[slow] = w.k->machine.now;
		fingerprint[slow] = w.k->machine.fingerprint;
		world_release(&w);
	}
	CU_ASSERT_EQUAL(time[0], time[1]);
	CU_ASSERT_EQUAL(fingerprint[0], fingerprint[1]);
}

static void note_mark(struct kernel *k, u32 task, const char *mark)
{
	GString *s = k->on_mark_data;

	g_string_append_printf(s, "%u:%s@%llu ", task, mark, (unsigned long long)k->count[0][ACCESSES]);
}

/* Three reads of 0, 1, 2, then two writes of 5, 3; 10 ticks of 300 ps before each. */
struct small_trace {
	struct trace trace;
	struct trace_run runs[2];
	struct trace_mark marks[2];
	u64 index[1];
};

static void small_trace_init(struct small_trace *s, u32 marks)
{
	*s = (struct small_trace){
		.runs = { trace_run(0, 3, 1, TRACE_READ, 10), trace_run(5, 2, -2, TRACE_WRITE, 10) },
		.marks = { { 0, (char *)"begin" }, { 3, (char *)"middle" } },
	};
	s->trace = (struct trace){ .header = { .tick_ps = 300,
					       .pages = 6,
					       .runs = 2,
					       .accesses = 5,
					       .marks = s->marks,
					       .marks_count = marks },
				   .runs = s->runs,
				   .index = s->index };
}

static void test_trace(void)
{
	struct small_trace trace;
	struct workload load = { .pattern = PATTERN_TRACE, .pages = 6, .trace = &trace.trace, .accesses = 5 };
	GString *marks = g_string_new(NULL);
	struct world w;

	small_trace_init(&trace, 2);
	world_init(&w, (struct world_size){ 0 });
	w.k->on_mark = note_mark;
	w.k->on_mark_data = marks;
	run(&w, &load);
	CU_ASSERT_STRING_EQUAL(marks->str, "0:begin@0 0:middle@3 ");
	CU_ASSERT_EQUAL(flags_at(&w, 0), PTE_PRESENT | PTE_ACCESSED | PTE_ZERO);
	CU_ASSERT_EQUAL(flags_at(&w, 4), 0);
	CU_ASSERT(flags_at(&w, 5) & PTE_DIRTY && flags_at(&w, 3) & PTE_DIRTY);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 5);
	load.trace_first = 4; /* begins with the last access and wraps round */
	load.accesses = 3;
	run(&w, &load);
	CU_ASSERT_EQUAL(w.k->work[1].page, 1);
	CU_ASSERT_EQUAL(w.k->work[1].done, 3);
	g_string_free(marks, TRUE);
	world_release(&w);
}

/* What is unmapped is gone, all of it at once, and is a new page when it is touched again; where a phase
 * begins in the middle it is unmapped in two parts. */
static void test_trace_unmaps(void)
{
	struct trace_run runs[] = { trace_run(0, 6, 1, TRACE_WRITE, 10), trace_run(1, 3, 1, TRACE_UNMAP, 10),
				    trace_run(5, 2, -1, TRACE_UNMAP, 10),
				    trace_run(2, 1, 0, TRACE_WRITE, 10) };
	u64 index[] = { 0 };
	struct trace trace = { .header = { .tick_ps = 300, .pages = 6, .runs = 4, .accesses = 12 },
			       .runs = runs,
			       .index = index };
	struct workload load = { .pattern = PATTERN_TRACE, .pages = 6, .trace = &trace, .accesses = 12 };
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->mm[0].users = 1; /* ours: its memory stays */
	run(&w, &load);
	for (u32 i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(is_resident(&w, i), i == 0 || i == 2);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 7);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 7);
	CU_ASSERT(w.k->machine.now >= 12 * 3);
	world_release(&w);
}

static void test_trace_time(void)
{
	struct small_trace trace;
	struct workload load = { .pattern = PATTERN_TRACE, .pages = 6, .trace = &trace.trace, .accesses = 5 };
	struct world w;
	u64 once;

	small_trace_init(&trace, 0);
	world_init(&w, (struct world_size){ .cpus = 1 });
	world_write_range(&w, 0, 6);
	once = run(&w, &load);
	load.accesses = 5005;
	CU_ASSERT_EQUAL(run(&w, &load) - once, 5000 * 3);
	world_release(&w);
}

static void test_fill_done(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = 7, .fill = true, .accesses = 2 };
	GString *marks = g_string_new(NULL);
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->on_mark = note_mark;
	w.k->on_mark_data = marks;
	run(&w, &load);
	CU_ASSERT_STRING_EQUAL(marks->str, "0:fill_done@7 ");
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 9);
	g_string_free(marks, TRUE);
	world_release(&w);
}

static void test_pageout(void)
{
	struct workload load = {
		.pattern = PATTERN_PAGEOUT, .pages = 5, .gap_ps = 1000000000, .accesses = 3
	};
	struct world w;
	u64 took;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 8);
	took = run(&w, &load);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), 5);
	CU_ASSERT(is_swapped(&w, 4) && is_resident(&w, 5));
	CU_ASSERT(took > 3000000 && took < 3200000);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a fill writes every page once", test_fill },
	{ "seq goes round", test_seq },
	{ "rand hits all pages alike and writes its share", test_rand_and_writes },
	{ "a hit sets the accessed bit, a write the dirty bit too", test_hits },
	{ "zipf's ranks are scattered", test_zipf },
	{ "gaps below a nanosecond add up", test_gaps_are_exact },
	{ "an event per access gives the same run", test_inline_hits },
	{ "a trace is replayed with its marks and wraps round", test_trace },
	{ "in its own time", test_trace_time },
	{ "and gives back what it unmaps", test_trace_unmaps },
	{ "the end of the fill is a mark", test_fill_done },
	{ "pageout calls madvise again and again", test_pageout },
};

UNIT_MAIN("work", tests)

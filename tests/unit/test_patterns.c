/* Generated patterns: the order of sweeps, the shares of random ones, phases, the same run in every mode. */
#include "models/work/patterns.h"

#include "models/run.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { PAGES = 100, DRAWS = 100000 };

/* The next @n pages. */
static void take(const struct workload *load, struct work *w, u32 n, u32 *page)
{
	for (u32 i = 0; i < n; i++)
		page[i] = pattern_next(load, w, load->pattern);
}

static void count(const struct workload *load, struct work *w, u32 *times)
{
	for (u32 i = 0; i < DRAWS; i++)
		times[pattern_next(load, w, load->pattern)]++;
}

static u32 sum(const u32 *times, u32 first, u32 end)
{
	u32 n = 0;

	for (u32 i = first; i < end; i++)
		n += times[i];
	return n;
}

/* ---- sweeps ---- */

static void test_seq_and_back(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = 3 };
	struct work up = { 0 }, down = { 0 };
	u32 page[7];

	take(&load, &up, 7, page);
	CU_ASSERT_EQUAL(memcmp(page, ((u32[]){ 0, 1, 2, 0, 1, 2, 0 }), sizeof page), 0);
	load.pattern = PATTERN_BACK;
	take(&load, &down, 7, page);
	CU_ASSERT_EQUAL(memcmp(page, ((u32[]){ 2, 1, 0, 2, 1, 0, 2 }), sizeof page), 0);
}

static void test_stride(void)
{
	struct workload load = { .pattern = PATTERN_STRIDE, .pages = 20, .stride = 8 };
	struct work w = { 0 };
	static const u32 order[] = { 0,	 8, 16, 1, 9,  17, 2,  10, 18, 3, 11,
				     19, 4, 12, 5, 13, 6,  14, 7,  15, 0, 8 };
	u32 page[ARRAY_SIZE(order)];

	take(&load, &w, ARRAY_SIZE(order), page);
	CU_ASSERT_EQUAL(memcmp(page, order, sizeof order), 0);
}

static void test_strides_of_all_sizes(void)
{
	for (u32 stride = 1; stride < 2 * PAGES; stride++) {
		struct workload load = { .pattern = PATTERN_STRIDE, .pages = PAGES, .stride = stride };
		struct work w = { 0 };
		u32 page[PAGES], times[PAGES] = { 0 };

		take(&load, &w, PAGES, page);
		for (u32 i = 0; i < PAGES; i++)
			times[page[i]]++;
		for (u32 i = 0; i < PAGES; i++)
			CU_ASSERT_EQUAL(times[i], 1);
		CU_ASSERT_EQUAL(w.place, 0);
	}
}

/* ---- random ones ---- */

static void test_zipfloc(void)
{
	struct zipf *zipf = zipf_new(PAGES, 900);
	struct workload load = { .pattern = PATTERN_ZIPFLOC, .pages = PAGES, .zipf = zipf, .stream = 5 };
	struct work w = { 0 };
	u32 page[50], times[PAGES] = { 0 };

	take(&load, &w, 50, page);
	for (u32 i = 0; i < 50; i++)
		CU_ASSERT_EQUAL(page[i], zipf_at(zipf, random_value(5, i)));
	count(&load, &w, times);
	CU_ASSERT(times[0] > times[1] && times[1] > times[3] && times[3] > times[9] && times[9] > times[40]);
	zipf_free(zipf);
}

static struct workload hotcold(void)
{
	return (struct workload){ .pattern = PATTERN_HOTCOLD,
				  .pages = PAGES,
				  .hot_pages = 20,
				  .hot_permille = 900,
				  .phases = 4,
				  .stream = 77 };
}

/* 90 % in 20 pages, 10 % in 80: each page has its share, within five standard deviations. */
static void test_hot_and_cold_shares(void)
{
	struct workload load = hotcold();
	struct work w = { 0 };
	u32 times[PAGES] = { 0 };

	count(&load, &w, times);
	CU_ASSERT(sum(times, 0, 20) > 89525 && sum(times, 0, 20) < 90475);
	for (u32 i = 0; i < 20; i++)
		CU_ASSERT(times[i] > 4170 && times[i] < 4830);
	for (u32 i = 20; i < PAGES; i++)
		CU_ASSERT(times[i] > 70 && times[i] < 185);
}

static void test_hot_set_moves(void)
{
	struct workload load = hotcold();
	struct work w = { 0 };

	load.hot_pages = 30;
	for (u32 phase = 0; phase < 5; phase++) {
		static const u32 first[] = { 0, 30, 60, 90, 20 };
		u32 times[PAGES] = { 0 };

		count(&load, &w, times);
		CU_ASSERT_EQUAL(w.place, first[phase]);
		for (u32 i = 0; i < PAGES; i++) {
			bool hot = (i + PAGES - first[phase]) % PAGES < 30;

			CU_ASSERT_EQUAL(times[i] > 1000, hot);
			CU_ASSERT(times[i] > 70);
		}
		pattern_next_phase(&load, &w);
	}
}

/* Of 1280 bytes the 4th of sixteen, the 7th, 10th and 13th lie in two pages; five pages have all of them. */
static void test_objects(void)
{
	struct workload load = {
		.pattern = PATTERN_OBJECTS, .pages = PAGES, .object_bytes = 1280, .objects = 320, .stream = 5
	};
	struct work w = { 0 };
	u32 objects = 0, in_two = 0, times[PAGES] = { 0 };

	for (; objects < DRAWS; objects++) {
		u64 first = (u64)random_below(random_value(5, objects), 320) * 1280;
		u32 page = pattern_next(&load, &w, PATTERN_OBJECTS);

		times[page]++;
		if (page != first / 4096)
			break;
		if ((first + 1279) / 4096 == page)
			continue;
		if (pattern_next(&load, &w, PATTERN_OBJECTS) != page + 1)
			break;
		times[page + 1]++;
		in_two++;
	}
	CU_ASSERT_EQUAL(objects, DRAWS);
	CU_ASSERT(in_two > DRAWS / 4 - 700 && in_two < DRAWS / 4 + 700);
	for (u32 i = 0; i < PAGES; i++) /* 4 objects have a part of each */
		CU_ASSERT(times[i] > 1070 && times[i] < 1430);
}

static void test_large_objects(void)
{
	struct workload load = {
		.pattern = PATTERN_OBJECTS, .pages = 7, .object_bytes = 12288, .objects = 2, .stream = 1
	};
	struct work w = { 0 };
	u32 page[12], times[7] = { 0 };

	take(&load, &w, 12, page);
	for (u32 i = 0; i < 12; i++) {
		CU_ASSERT_EQUAL(page[i] % 3, i % 3);
		times[page[i]]++;
	}
	CU_ASSERT_EQUAL(times[0] + times[3], 4);
	CU_ASSERT_EQUAL(times[6], 0); /* no whole one has room there */
}

static void test_extreme_shares(void)
{
	struct workload load = hotcold();
	struct work w = { 0 };
	u32 times[PAGES] = { 0 };

	load.hot_permille = 1000;
	count(&load, &w, times);
	CU_ASSERT_EQUAL(sum(times, 20, PAGES), 0);
	load.hot_permille = 0;
	memset(times, 0, sizeof times);
	count(&load, &w, times);
	CU_ASSERT_EQUAL(sum(times, 0, 20), 0);
	load.pages = load.hot_pages = 1; /* nothing is cold */
	load.hot_permille = 500;
	memset(times, 0, sizeof times);
	count(&load, &w, times);
	CU_ASSERT_EQUAL(times[0], DRAWS);
}

static void test_same_stream_same_pages(void)
{
	static const enum pattern patterns[] = { PATTERN_RAND, PATTERN_ZIPFLOC, PATTERN_HOTCOLD };
	struct zipf *zipf = zipf_new(PAGES, 900);

	for (u32 i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct workload load = hotcold();
		struct work a = { 0 }, b = { 0 }, c = { 0 };
		u32 one[64], two[64], other[64];

		load.pattern = patterns[i];
		load.zipf = zipf;
		take(&load, &a, 64, one);
		take(&load, &b, 64, two);
		load.stream++;
		take(&load, &c, 64, other);
		CU_ASSERT_EQUAL(memcmp(one, two, sizeof one), 0);
		CU_ASSERT_NOT_EQUAL(memcmp(one, other, sizeof one), 0);
	}
	zipf_free(zipf);
}

/* ---- chunks ---- */

static void test_chunks(void)
{
	struct workload load = { .pattern = PATTERN_CHURN, .pages = PAGES, .chunks = 7, .stream = 3 };
	struct work w = { 0 };
	u32 times[PAGES] = { 0 }, chunks[PAGES] = { 0 }, different = 0;

	for (u32 i = 0; i < 7000; i++) {
		pattern_next_chunk(&load, &w);
		CU_ASSERT(w.left == 14 || w.left == 15);
		chunks[w.place]++;
		for (; w.left; w.left--)
			times[w.place++]++;
	}
	for (u32 i = 0; i < PAGES; i++) {
		CU_ASSERT(times[i] > 850 && times[i] < 1150); /* every page is in one chunk */
		different += chunks[i] > 0;
	}
	CU_ASSERT_EQUAL(different, 7);
}

static void test_refill(void)
{
	for (u32 lazy = 0; lazy < 2; lazy++) {
		struct workload load = { .pattern = PATTERN_CHURN,
					 .pages = 64,
					 .chunks = 4,
					 .fill = true,
					 .update = true, /* fills only store */
					 .accesses = 10,
					 .advice = lazy ? ADVICE_FREE : ADVICE_DONTNEED,
					 .stream = 3 };
		struct world w;

		world_init(&w, (struct world_size){ 0 });
		work_add_task(w.k, &load, 0, 0, true);
		CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT_EQUAL(counted(&w, ACCESSES), 64 + 10 * 16);
		CU_ASSERT_EQUAL(counted(&w, PGFAULT), lazy ? 64 : 64 + 10 * 16);
		CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE) > 0, lazy);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 64);
		world_release(&w);
	}
}

static void test_chunks_in_order(void)
{
	static const u64 order[] = { 3, 0, 3 };
	struct workload load = {
		.pattern = PATTERN_CHURN, .pages = 8, .chunks = 4, .order = order, .n_order = 3
	};
	struct work w = { 0 };

	for (u32 i = 0; i < 6; i++) {
		w.done++;
		pattern_next_chunk(&load, &w);
		CU_ASSERT_EQUAL(w.place, 2 * order[i % 3]);
		CU_ASSERT_EQUAL(w.left, 2);
	}
	CU_ASSERT_EQUAL(w.drawn, 0);
}

/* ---- calls ---- */

static void run_calls(struct world *w, enum pattern pattern)
{
	struct workload load = { .pattern = pattern, .pages = 20, .gap_ps = 1000000, .accesses = 2 };

	work_add_task(w->k, &load, 0, 0, true);
	CU_ASSERT(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
}

static void test_calls(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write_range(&w, 0, 30);
	run_calls(&w, PATTERN_PAGEOUT);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 20);
	run_calls(&w, PATTERN_WILLNEED);
	CU_ASSERT_EQUAL(counted(&w, PSWPIN), 20);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 20);
	world_read(&w, 19);
	run_calls(&w, PATTERN_FREE);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL(counted(&w, PGLAZYFREE), 1);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 11);
	run_calls(&w, PATTERN_DONTNEED);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 10);
	world_release(&w);
}

/* ---- phases ---- */

static void test_phase_ends(void)
{
	struct workload load = hotcold();

	load.accesses = 10;
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 0), 2);
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 1), 5);
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 2), 7);
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 3), UINT64_MAX);
	load.accesses = UINT64_C(1) << 63;
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 2), (UINT64_C(1) << 61) * 3);
	load.phases = 0;
	CU_ASSERT_EQUAL(pattern_phase_end(&load, 0), UINT64_MAX);
}

static struct run_result *result_of(const char *workload)
{
	char *text =
	    g_strdup_printf("{'format':1,'name':'t','tasks':[{'name':'a','workload':%s}]}", workload);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

	CU_ASSERT_FATAL(r != NULL);
	scenario_free(s);
	g_free(text);
	return r;
}

static void test_phases_of_a_run(void)
{
	struct run_result *r = result_of("{'hotcold':{'pages':50,'accesses':4000}}");
	static const char *const names[] = { "all", "init", "run", "hot_2", "hot_3", "hot_4" };

	CU_ASSERT_EQUAL_FATAL(r->phases, 6);
	for (u32 i = 0; i < 6; i++)
		CU_ASSERT_STRING_EQUAL(r->phase[i].name, names[i]);
	for (u32 i = 2; i < 6; i++)
		CU_ASSERT_EQUAL(r->phase[i].count[0][ACCESSES], 1000);
	run_result_free(r);
}

static void test_no_fill_no_init(void)
{
	struct run_result *r = result_of("{'hotcold':{'pages':50,'accesses':401,'phases':2,'fill':'none'}}");

	CU_ASSERT_EQUAL_FATAL(r->phases, 3);
	CU_ASSERT_STRING_EQUAL(r->phase[1].name, "run");
	CU_ASSERT_STRING_EQUAL(r->phase[2].name, "hot_2");
	CU_ASSERT_EQUAL(r->phase[1].count[0][ACCESSES], 200);
	CU_ASSERT_EQUAL(r->phase[2].count[0][ACCESSES], 201);
	run_result_free(r);
	r = result_of("{'hotcold':{'pages':50,'accesses':400,'phases':1,'fill':'none'}}");
	CU_ASSERT_EQUAL(r->phases, 1);
	run_result_free(r);
}

/* ---- from a scenario ---- */

static void test_descriptions(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'t','tasks':["
	    "{'name':'a','workload':{'back':{'pages':10,'passes':3,'write_permille':7}}},"
	    "{'name':'b','workload':{'stride':{'pages':10}}},"
	    "{'name':'c','workload':{'zipfloc':{'pages':10,'accesses':5,'skew_permille':900}}},"
	    "{'name':'d','workload':{'hotcold':{'pages':10,'accesses':5}}},"
	    "{'name':'e','workload':{'hotcold':{'size':'4KiB','accesses':5,'hot_permille':100,"
	    "'hot_accesses_permille':750,'phases':16,'fill':'none'}}},"
	    "{'name':'f','workload':{'churn':{'pages':10,'refills':5}}},"
	    "{'name':'g','workload':{'churn':{'pages':100,'refills':5,'chunks':7,'advice':'free'}}},"
	    "{'name':'h','workload':{'willneed':{'pages':100,'passes':7}}},"
	    "{'name':'i','workload':{'objects':{'pages':10,'object':3000,'accesses':5}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	const struct workload *const *w = k->program;

	CU_ASSERT(w[0]->pattern == PATTERN_BACK && w[0]->accesses == 30 && w[0]->write_permille == 7);
	CU_ASSERT(w[0]->fill && !w[0]->update);
	CU_ASSERT(w[1]->pattern == PATTERN_STRIDE && w[1]->accesses == 10 && w[1]->stride == 8);
	CU_ASSERT(w[2]->pattern == PATTERN_ZIPFLOC && w[2]->accesses == 5 && w[2]->zipf->skew == 900);
	CU_ASSERT(w[3]->pattern == PATTERN_HOTCOLD && w[3]->accesses == 5 && w[3]->hot_pages == 2);
	CU_ASSERT(w[3]->hot_permille == 900 && w[3]->phases == 4);
	CU_ASSERT(w[4]->hot_pages == 1 && w[4]->hot_permille == 750 && w[4]->phases == 16 && !w[4]->fill);
	CU_ASSERT_NOT_EQUAL(w[3]->stream, w[4]->stream);
	CU_ASSERT(w[5]->pattern == PATTERN_CHURN && w[5]->accesses == 5 && w[5]->fill);
	CU_ASSERT(w[5]->chunks == 10 && w[5]->advice == ADVICE_DONTNEED); /* no more than pages */
	CU_ASSERT(w[6]->chunks == 7 && w[6]->advice == ADVICE_FREE);
	CU_ASSERT(w[7]->pattern == PATTERN_WILLNEED && w[7]->accesses == 7 && !w[7]->fill);
	CU_ASSERT(w[8]->pattern == PATTERN_OBJECTS && w[8]->accesses == 5 && w[8]->fill);
	CU_ASSERT(w[8]->object_bytes == 3000 && w[8]->objects == 13);
	kernel_free(k);
	scenario_free(s);
}

/* ---- modes ---- */

struct outcome {
	u64 time, fingerprint, faults;
};

static struct outcome play(const struct workload *load, bool slow)
{
	struct world_size size = { .release = "6.18+stats-ratelimited=off", .limit = 300 };
	struct world w;
	struct kernel_config c = world_config(&w, &size);
	struct outcome o;

	c.machine.inline_hits = c.machine.fall_through = !slow;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	work_add_task(w.k, load, 0, 0, false);
	work_add_task(w.k, load, 0, 1, false);
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	o = (struct outcome){ w.k->machine.now, w.k->machine.fingerprint, w.k->count[0][PGFAULT] };
	world_release(&w);
	return o;
}

static void test_modes(void)
{
	struct zipf *zipf = zipf_new(400, 900);
	struct workload load = { .pages = 400,
				 .gap_ps = 1300,
				 .fill = true,
				 .write_permille = 300,
				 .accesses = 3000,
				 .stride = 8,
				 .hot_pages = 80,
				 .hot_permille = 900,
				 .object_bytes = 1280,
				 .objects = 1280,
				 .chunks = 64,
				 .advice = ADVICE_FREE,
				 .zipf = zipf,
				 .stream = 99,
				 .stack_first = 400,
				 .stack_pages = 8,
				 .stack_used = 3,
				 .stack_at_marks = 5 };

	scatter_init(&load.scatter, 400, 7);
	for (load.pattern = PATTERN_SEQ; load.pattern <= PATTERN_CHURN; load.pattern++) {
		struct outcome fast, slow;

		load.phases = load.pattern == PATTERN_HOTCOLD ? 4 : 0;
		load.accesses = load.pattern == PATTERN_CHURN ? 400 : 3000;
		fast = play(&load, false);
		slow = play(&load, true);
		CU_ASSERT_EQUAL(fast.time, slow.time);
		CU_ASSERT_EQUAL(fast.fingerprint, slow.fingerprint);
		CU_ASSERT(fast.faults > 1000);
	}
	zipf_free(zipf);
}

static const struct unit tests[] = {
	{ "seq goes up, back goes down, again and again", test_seq_and_back },
	{ "stride takes every 8th page, then those next to them", test_stride },
	{ "whatever the stride, a pass goes to every page once", test_strides_of_all_sizes },
	{ "zipfloc's ranks are its pages", test_zipfloc },
	{ "hot and cold pages have their shares, evenly", test_hot_and_cold_shares },
	{ "the hot set moves by its size and goes round", test_hot_set_moves },
	{ "all or none of the accesses may be hot", test_extreme_shares },
	{ "objects lie one after the other, some in two pages", test_objects },
	{ "or in more, and none reaches over the end", test_large_objects },
	{ "a stream is always the same", test_same_stream_same_pages },
	{ "chunks are alike, and each has its turn", test_chunks },
	{ "chunks may have an order", test_chunks_in_order },
	{ "churn gives chunks back and stores to all their pages", test_refill },
	{ "calls are made of all pages", test_calls },
	{ "phases are of equally many accesses", test_phase_ends },
	{ "hotcold's phases are those of the run", test_phases_of_a_run },
	{ "what is not filled is run from the start", test_no_fill_no_init },
	{ "a description says all of a pattern", test_descriptions },
	{ "an event per access gives the same run", test_modes },
};

UNIT_MAIN("patterns", tests)

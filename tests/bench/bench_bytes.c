/*
 * Bytes that what is simulated takes, all told: by how much more memory a run needs with more of it. Runs are
 * processes of their own, in pages of 4 KiB: a huge page counts whole, however little of it is used.
 */
#include <sys/prctl.h>

#include "tests/bench/bench.h"
#include "tests/bench/child.h"

#define MIB 1048576.0

/* One scenario twice, with less and more of something: the text has a place for the number. */
struct pair {
	const char *text;
	u32 less, more;
};

static double mib_of(const char *text, u32 n)
{
	char **part = g_strsplit(text, "N", 2), number[16];
	struct child_figures f = { 0, 0 };
	char *whole;

	g_snprintf(number, sizeof(number), "%u", n);
	whole = g_strjoinv(number, part);
	BUG_ON(!child_figures(whole, &f));
	g_free(whole);
	g_strfreev(part);
	return f.mib;
}

static double bytes(const struct pair *pair)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	return (mib_of(pair->text, pair->more) - mib_of(pair->text, pair->less)) * MIB /
	       (pair->more - pair->less);
}

static uint64_t rounded(double bytes)
{
	return (uint64_t)(bytes + 0.5);
}

#define MACHINE(memory, swap)                                                                                \
	"{'format':1,'name':'b','sample':{'every':'3600s'},'machine':{'kernel':'7.2','memory':'" memory      \
	"'},'swap':[{'device':'zram-lz4','size':'" swap "'}],"
#define GROUP(max) "'cgroups':[{'name':'g','memory.max':'" max "'}],"
#define PAGES "'tasks':[{'name':'t','cgroup':'g','workload':{'seq':{'pages':N,'passes':1}}}]}"

static double page_bytes(void)
{
	return bytes(&(struct pair){ MACHINE("64GiB", "16GiB") GROUP("max") PAGES, 1 << 17, 1 << 20 });
}

static uint64_t page(void *context)
{
	(void)context;
	return rounded(page_bytes());
}

/* Of pages of which half are in memory, twice what one takes, less one that is and always was. */
static uint64_t swapped(void *context)
{
	const struct pair half = { MACHINE("64GiB", "16GiB") GROUP("50%") PAGES, 1 << 17, 1 << 20 };

	(void)context;
	return rounded(2 * bytes(&half) - page_bytes());
}

static uint64_t idle_slots(void *context)
{
	const struct pair slots = {
		"{'format':1,'name':'b','swap':[{'device':'zram-lz4','size':'NMiB'}],'tasks':[{'name':'t',"
		"'workload':{'seq':{'pages':64,'passes':1}}}]}",
		1024, 1 << 18
	};

	(void)context;
	return rounded(bytes(&slots) / 256);
}

static uint64_t task(void *context)
{
	const struct pair tasks = {
		MACHINE("64GiB", "16GiB") "'tasks':[{'name':'t','count':N,'overhead_pages':1,'workload':{"
					  "'seq':{'pages':1,'passes':1}}}]}",
		1000, 16000
	};

	(void)context;
	return rounded(bytes(&tasks));
}

static const struct bench benches[] = {
	{ "a page in memory", BENCH_BYTES, 32, 16, page, NULL, NULL },
	{ "a page in swap, with its slot", BENCH_BYTES, 32 + 16, 16 + 10, swapped, NULL, NULL },
	{ "an idle slot", BENCH_BYTES, 1, 0.1, idle_slots, NULL, NULL },
	{ "a task with a process of two pages", BENCH_BYTES, 0, 0, task, NULL, NULL },
};
BENCH_MAIN(benches)

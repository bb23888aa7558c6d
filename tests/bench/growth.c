/*
 * growth - how time and memory of a run grow with what is simulated: pages, tasks, CPUs, cgroups, memory,
 *slots.
 *
 *	growth [TIMES]		prints axis,n,seconds,mib, a line for each point; TIMES: the share of the
 *largest n (default 1)
 *
 * Each point is a process of its own: CPU seconds (user and system) and the most memory it had at once. What
 *n does not count stays as it is; docs/benchmarks.md tells what should come out.
 */
#include <stdio.h>

#include "tests/bench/child.h"

enum { MIB = 256 /* pages */ };

/* One axis: n goes from @first to @last in steps of @factor. */
struct axis {
	const char *name;
	u64 first, last;
	u32 factor;
	char *(*scenario)(u64 n);
};

static char *scenario_of(u32 cpus, u64 memory_mib, u64 swap_mib, const char *cgroups, const char *tasks)
{
	return g_strdup_printf(
	    "{'format':1,'name':'growth','machine':{'kernel':'6.18','cpus':%u,'memory':'%" G_GUINT64_FORMAT
	    "MiB'},'swap':[{'device':'zram-lz4','size':'%" G_GUINT64_FORMAT
	    "MiB'}],'cgroups':[%s],'tasks':[%s]}",
	    cpus, (guint64)memory_mib, (guint64)swap_mib, cgroups, tasks);
}

#define HALF "{'name':'g','memory.max':'50%'}"

static char *tasks_of(u64 count, u64 pages)
{
	return g_strdup_printf("{'name':'t','count':%" G_GUINT64_FORMAT ",'cgroup':'g','overhead_pages':1,"
			       "'workload':{'seq':{'pages':%" G_GUINT64_FORMAT ",'passes':2}}}",
			       (guint64)count, (guint64)pages);
}

static char *run_of(u32 cpus, u64 memory_mib, u64 swap_mib, u64 count, u64 pages)
{
	char *tasks = tasks_of(count, pages);
	char *scenario = scenario_of(cpus, memory_mib, swap_mib, HALF, tasks);

	g_free(tasks);
	return scenario;
}

static char *of_pages(u64 n)
{
	return run_of(1, 65536, 4096, 1, n);
}

static char *of_tasks(u64 n)
{
	return run_of(8, 65536, 4096, n, 64);
}

static char *of_cpus(u64 n)
{
	return run_of((u32)n, 65536, 4096, n, 2 * MIB);
}

static char *of_memory(u64 n)
{
	return run_of(1, n, 1024, 1, 64 * MIB);
}

static char *of_slots(u64 n)
{
	return run_of(1, 1024, n / MIB, 1, 64 * MIB);
}

/* Each with a task of 16 pages, of which half fit. */
static char *of_cgroups(u64 n)
{
	GString *cgroups = g_string_new(NULL), *tasks = g_string_new(NULL);
	char *scenario;

	for (u64 i = 0; i < n; i++) {
		const char *comma = i ? "," : "";

		g_string_append_printf(cgroups, "%s{'name':'g%u','memory.max':'256KiB'}", comma, (u32)i);
		g_string_append_printf(tasks,
				       "%s{'name':'t%u','cgroup':'g%u','overhead_pages':1,'workload':{'seq':"
				       "{'pages':128,'passes':2}}}",
				       comma, (u32)i, (u32)i);
	}
	scenario = scenario_of(8, 65536, 4096, cgroups->str, tasks->str);
	g_string_free(cgroups, TRUE);
	g_string_free(tasks, TRUE);
	return scenario;
}

static const struct axis axes[] = {
	{ "pages", 1u << 14, 1u << 20, 4, of_pages },
	{ "tasks", 16, 16384, 4, of_tasks },
	{ "CPUs", 1, 96, 2, of_cpus },
	{ "cgroups", 4, 1024, 4, of_cgroups },
	{ "MiB of memory", 1024, 1u << 20, 4, of_memory },
	{ "slots", 1u << 18, 1u << 28, 4, of_slots },
};

static bool point(const struct axis *a, u64 n)
{
	char *text = a->scenario(n);
	struct child_figures f;
	bool good = child_figures(text, &f);

	g_free(text);
	if (!good) {
		fprintf(stderr, "growth: %s %" G_GUINT64_FORMAT ": no result\n", a->name, (guint64)n);
		return false;
	}
	printf("%s,%" G_GUINT64_FORMAT ",%.3f,%.1f\n", a->name, (guint64)n, f.seconds, f.mib);
	fflush(stdout);
	return true;
}

int main(int argc, char **argv)
{
	double times = argc > 1 ? g_ascii_strtod(argv[1], NULL) : 1;
	bool good = true;

	printf("axis,n,seconds,mib\n");
	fflush(stdout);
	for (u32 i = 0; i < ARRAY_SIZE(axes); i++)
		for (u64 n = axes[i].first; (double)n <= (double)axes[i].last * times; n *= axes[i].factor)
			good &= point(&axes[i], n);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
